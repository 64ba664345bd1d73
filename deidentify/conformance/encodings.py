"""How elements are written in a transfer syntax, and what was seen of them so far.

Source: DICOM PS3.5 section 7.1 (explicit and implicit VR), section 7.3 (byte order).
"""

from struct import Struct
from typing import NamedTuple

from deidentify.conformance.runs import Runs
from deidentify.conformance.templates import Templates
from deidentify.conformance.values import Form, form_of
from deidentify.elements import ALL_VRS, LONG_VRS, lookup
from deidentify.uids import CLASS_UIDS

ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
UNDEFINED = 0xFFFFFFFF
CHARACTER_SET, SOP_CLASS_UID = 0x00080005, 0x00080016
PLAIN, UID, NOTED, VALUE, CONTAINER, MARK = range(6)
"""How to go on at an element: most are PLAIN, and are judged by their bytes as a whole."""

LITTLE_ITEM, BIG_ITEM = b"\xfe\xff\x00\xe0", b"\xff\xfe\xe0\x00"
REMEMBERED = 50_000
"""Heads, and good elements of one character set, that are remembered."""
FAR = 1 << 62


class Known(NamedTuple):
    """What the first eight bytes of an element say.

    Args:
        tag: 0xggggeeee.
        vr: as stored; of the dictionary if it is not, or UN; "" if nobody knows it.
        start: of the value, in bytes from the element's own.
        has_long_length: the length is in the four bytes before `start`, behind the first eight.
        is_unknown: stored as UN, whose sequences are in implicit VR (PS3.5 6.2.2).
        has_wrong_vr: the dictionary has another VR.
        form: what values have to be like; None if nothing is known of them.
        how: to go on.
    """

    tag: int
    vr: str
    start: int
    has_long_length: bool
    is_unknown: bool
    has_wrong_vr: bool
    form: Form | None
    how: int


Head = tuple[int, int, int, Known]
"""How to go on; the tag, or its complement if the value is empty; bytes to the next element."""


class Encoding:
    """One way of writing elements.

    Args:
        explicit: with VR.
        big: big endian.
        noted: tags whose values are wanted.
    """

    def __init__(self, *, explicit: bool, big: bool, noted: frozenset[int]) -> None:
        self.explicit = explicit
        self.noted = noted | {CHARACTER_SET}
        order = ">" if big else "<"
        self.tag_and_length = Struct(order + "HHL").unpack_from
        self.short = Struct(order + "H").unpack_from
        self.long = Struct(order + "L").unpack_from
        # A sequence in VR UN is little endian wherever it stands (PS3.5 6.2.2).
        self.item_starts = (BIG_ITEM, LITTLE_ITEM) if big else (LITTLE_ITEM,)
        self.heads: dict[bytes, Head] = {}
        self.runs = {judging: Runs() for judging in (True, False)}
        self.templates = {judging: Templates() for judging in (True, False)}
        self._good: dict[bytes, set[bytes]] = {}

    def good_in(self, charset: bytes) -> set[bytes]:
        """Return the elements that were found good in a character set; to be added to."""
        good = self._good.setdefault(charset, set())
        if len(good) > REMEMBERED:
            good.clear()
        return good

    def note(self, head: bytes) -> Head:
        """Say how to go on at an element, and remember it.

        Args:
            head: its first eight bytes.
        """
        group, number, length = self.tag_and_length(head, 0)
        tag = group << 16 | number
        if group == 0xFFFE:
            return MARK, tag, 8, Known(tag, "", 8, False, False, False, None, MARK)
        found = lookup(tag)
        if found is None and group & 1 and 0x10 <= number <= 0xFF:
            found = "LO", "PrivateCreator"
        stored = head[4:6].decode("latin-1") if self.explicit else ""
        has_long_length = self.explicit and (stored in LONG_VRS or stored not in ALL_VRS)
        if self.explicit and not has_long_length:
            (length,) = self.short(head, 6)
        vr = stored
        if stored in ("", "UN") and found is not None:
            vr = found[0]
        form = form_of(tag, vr)
        start = 12 if has_long_length else 8
        is_other = found is not None and form is not None and not form.allows(vr)
        code = tag if length else ~tag
        how = PLAIN
        if vr in ("SQ", "UN", "") or length == UNDEFINED:
            how = CONTAINER
        elif tag in self.noted:
            how = NOTED
        elif has_long_length:
            how = VALUE
        elif vr == "UI" and (tag not in CLASS_UIDS or tag == SOP_CLASS_UID):
            how = UID
        known = Known(tag, vr, start, has_long_length, stored == "UN", is_other, form, how)
        answer = how, code, FAR if has_long_length else start + length, known
        if len(self.heads) < REMEMBERED:
            self.heads[head] = answer
        return answer
