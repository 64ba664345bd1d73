"""Cleaning binary values: what is known of the patient goes, structure and physics stay.

In headers and protocols that are understood (csa, protocol_text) texts are cleaned like any
others and UIDs become those of the plan, whatever their length; elsewhere what is found is
overwritten in place.

Source: DICOM PS3.15 E.3.10, Retain Safe Private Option.
"""

import re
import zlib
from collections.abc import Callable, Sequence
from functools import cached_property

from deidentify import csa, protocol_text
from deidentify.block_search import DATE, NAME, UID, BlockSearch, Found, Hit
from deidentify.csa import Edit
from deidentify.dates import shift_da
from deidentify.keys import derive
from deidentify.plan import Plan
from deidentify.text import decoded
from deidentify.vocabulary import Vocabulary
from deidentify.written_forms import LEAST_IDENTIFIER

MOST_PROTOCOL = 4 * 1024 * 1024
MOST_REMEMBERED = 1000
LONGEST_TEXT = 1024
LEAST_LATIN = 12  # three numbers of four bytes
_GZIP = b"\x1f\x8b\x08\0\0\0\0\0\0\x03"
_EXTRA, _NAME, _COMMENT, _CHECK = 4, 8, 16, 2
_LETTERS = bytes([9, 10, 13, *range(32, 127), *range(128, 256)])
_ASCII = bytes(range(127))
_WORD = re.compile(rb"[A-Za-z\x80-\xff]{3}|\d{6}")

Room = tuple[int, int]  # half open


class Blocks:
    """Cleans for one patient. The same block always gives the same.

    Args:
        plan: of the participant.
        vocabulary: what is known of the patient.
        clean: takes what identifies somebody out of a text.
        cuts: says where that stands.
    """

    def __init__(
        self,
        plan: Plan,
        vocabulary: Vocabulary,
        clean: Callable[[str], str],
        cuts: Callable[[str], Sequence[tuple[int, int, str]]],
    ) -> None:
        self.plan = plan
        self._clean = clean
        self._cuts = cuts
        self._uids = not plan.profile.has("uids")
        self._markers = protocol_text.markers(plan.profile)
        self._vocabulary = vocabulary
        self._neutral_key = derive(plan.identity.secret, "neutral uid")
        self._texts: dict[bytes, bytes] = {}

    @cached_property
    def _search(self) -> BlockSearch:
        return BlockSearch(self._vocabulary, self._markers)

    def overwrite(self, value: bytes, *, may_be_text: bool = False) -> bytes:
        """Return a binary value without what identifies somebody.

        Names and identifiers go, dates become the shifted dates, UIDs those of the plan. Where
        the structure is not understood, all keep their length: names and identifiers become X
        and 0, UIDs neutral ones.

        Args:
            value: as stored.
            may_be_text: nobody knows its VR, as in implicit VR; what reads as a text is one.
        """
        if len(value) < LEAST_IDENTIFIER:
            return value
        found = self._search.find(value, uids=self._uids)
        if csa.is_header(value):
            return self._header(value, found)
        if protocol_text.is_protocol(value):
            return self._text(value, found)
        if may_be_text and _reads_as_text(value):
            return self._cleaned(value)
        new = self._in_place(value, found.hits)
        return self._masked(new) if _is_surely_text(new) else new

    def protocol(self, value: bytes) -> bytes:
        """Return GE's compressed protocol block, opened, cleaned inside and closed again.

        Its gzip header goes in any case: it holds the examination's number and the time.

        Args:
            value: four bytes of length, then a gzip stream. Anything else becomes empty.
        """
        opener = zlib.decompressobj(31)
        try:
            opened = opener.decompress(value[4:], MOST_PROTOCOL)
        except zlib.error:
            return b""
        cleaned = self._text(opened, self._search.find(opened, uids=self._uids))
        if cleaned == opened and opener.eof:
            end = len(value) - len(opener.unused_data)
            closed = _GZIP + value[_after_gzip_header(value, 4) : end]
        else:
            closer = zlib.compressobj(9, zlib.DEFLATED, 31)
            closed = closer.compress(cleaned) + closer.flush()
        return len(closed).to_bytes(4, "little") + closed

    # -- what is understood ------------------------------------------------------------------

    def _header(self, block: bytes, found: Found) -> bytes:
        """Clean inside the items of a Siemens header."""
        hits = found.hits
        if found.has_words:
            # The numbers between two texts may look like letters beside a word.
            hits = hits + self._search.find(csa.texts(block), uids=self._uids).hits
        edits = self._free_texts(block)
        if found.has_fields:
            edits += protocol_text.values(block, self._markers)
            edits += [
                (item.start, item.end, b"")
                for item in csa.items(block)
                if protocol_text.is_marked(csa.name_of(block, item), self._markers)
            ]
        if not hits and not edits:
            return block
        items = csa.enclosing(block, [hit.start for hit in hits] + [edit[0] for edit in edits])
        # Nor is a digit among them part of the UID before it.
        hits = [
            hit._replace(end=min(hit.end, items[hit.start].end)) if hit.start in items else hit
            for hit in hits
        ]
        ends = {item: block.find(b"\0", item.start, item.end) for item in set(items.values())}
        rooms = {start: _room(start, item, ends[item]) for start, item in items.items()}
        edits = [one for one in edits if one[0] in items and one[1] <= items[one[0]].end]
        edits, others = self._edits(block, hits, rooms, edits)
        new = csa.rebuilt(self._in_place(block, others), items.values(), edits)
        return self._checked(new, hits)

    def _text(self, block: bytes, found: Found) -> bytes:
        """Clean inside a protocol that is text as a whole."""
        hits = found.hits
        edits = self._free_texts(block)
        if found.has_fields:
            edits += protocol_text.values(block, self._markers)
        if not hits and not edits:
            return block
        rooms = {hit.start: (0, len(block)) for hit in hits}
        edits, others = self._edits(block, hits, rooms, edits)
        return self._checked(csa.changed(self._in_place(block, others), edits), hits)

    def _free_texts(self, block: bytes) -> list[Edit]:
        """The names of protocols, cleaned."""
        edits = []
        for start, end in protocol_text.free_texts(block):
            text = block[start:end]
            new = self._cleaned(text)
            if new != text:
                edits.append((start, end, new))
        return edits

    def _cleaned(self, text: bytes) -> bytes:
        """A text of a header, cleaned like any other."""
        new = self._texts.get(text)
        if new is None:
            letters, codec = decoded(text, b"")
            new = self._clean(letters).encode(codec, "replace")
            if len(self._texts) >= MOST_REMEMBERED:
                self._texts.clear()
            self._texts[text] = new
        return new

    def _edits(
        self, block: bytes, hits: list[Hit], rooms: dict[int, Room], edits: list[Edit]
    ) -> tuple[list[Edit], list[Hit]]:
        """Return what changes in texts, in order, and the hits left to be overwritten in place.

        Args:
            block: what is cleaned.
            hits: what was found in it.
            rooms: for a hit's start, the text around it whose length may change.
            edits: what changes for another reason.
        """
        others = []
        for hit in hits:
            room = rooms.get(hit.start)
            if room is None or hit.end > room[1] or hit.kind == DATE:
                others.append(hit)
            elif hit.kind == UID:
                edits.append((hit.start, hit.end, self.plan.uid_bytes(block[hit.start : hit.end])))
            elif found := protocol_text.unit(block, hit.start, hit.end, *room):
                edits.append((*found, self._cleaned(block[slice(*found)])))
            else:
                others.append(hit)
        kept: list[Edit] = []
        for edit in sorted(edits, key=lambda edit: (edit[0], -edit[1])):
            if not kept or edit[0] >= kept[-1][1]:
                kept.append(edit)
        return kept, others

    def _checked(self, block: bytes, hits: list[Hit]) -> bytes:
        """Search once more for words and numbers, which may stand where texts were joined."""
        if all(hit.kind == UID for hit in hits):
            return block
        return self._in_place(block, self._search.find(block, uids=False).hits)

    # -- what is not -------------------------------------------------------------------------

    def _in_place(self, block: bytes, hits: list[Hit]) -> bytes:
        """Overwrite what was found by as many bytes that say nothing."""
        if not hits:
            return block
        new = bytearray(block)
        for start, end, kind in hits:
            if kind == UID:
                new[start:end] = self._neutral_uid(block[start:end])
            elif kind == DATE:
                new[start:end] = self._shifted(block[start:end])
            elif end - start >= LEAST_IDENTIFIER:
                new[start:end] = (b"X" if kind == NAME else b"0") * (end - start)
        return bytes(new)

    def _masked(self, text: bytes) -> bytes:
        """A text among the blocks, in which every name is overwritten that a text may hold."""
        letters, codec = decoded(text, b"")
        pieces, behind = [], 0
        for start, end, instead in self._cuts(letters):
            if instead.strip() or not any(map(str.isalpha, letters[start:end])):
                continue  # UIDs and figures were overwritten by what they are
            pieces += [letters[behind:start].encode(codec)]
            pieces += [b"X" * len(letters[start:end].encode(codec))]
            behind = end
        return b"".join((*pieces, letters[behind:].encode(codec)))

    def _shifted(self, date: bytes) -> bytes:
        """A date moved by the plan's days, written in the same way."""
        mark = re.sub(rb"\d", b"", date)[:1]
        parts = date.split(mark) if mark else [date[:4], date[4:6], date[6:]]
        is_day_first = len(parts[0]) == 2
        moved = shift_da(b"".join(parts[::-1] if is_day_first else parts), self.plan.days)
        parts = [moved[:4], moved[4:6], moved[6:]]
        new = mark.join(parts[::-1] if is_day_first else parts)
        return new if len(new) == len(date) else b"0" * len(date)

    def _neutral_uid(self, uid: bytes) -> bytes:
        """A UID of the same length that stands for `uid` wherever this participant has it."""
        digits = str(int.from_bytes(derive(self._neutral_key, uid.decode(), 32), "big"))
        return b"2.25." + digits.encode()[: len(uid) - 5]


def _reads_as_text(value: bytes) -> bool:
    """Whether a value is short, printable and holds a word; few numbers look like that."""
    text = value.rstrip(b"\0")
    if len(text) > LONGEST_TEXT or text.translate(None, _LETTERS):
        return False
    return 4 * len(text.translate(None, _ASCII)) <= len(text) and bool(_WORD.search(text))


def _is_surely_text(value: bytes) -> bool:
    """Whether a block is a text: no row of numbers that merely reads like one."""
    if value[:1].translate(None, _LETTERS):
        return False
    try:
        text = value.rstrip(b"\0").decode()
    except UnicodeDecodeError:
        return len(value) >= LEAST_LATIN and _reads_as_text(value)
    return len(text) <= LONGEST_TEXT and _reads_as_text(text.encode("ascii", "replace"))


def _room(start: int, item: csa.Item, end: int) -> Room:
    """The part of an item that a position lies in: its text up to the zero, or what is behind."""
    return (item.start, end) if start < end else (end + 1 or item.start, item.end)


def _after_gzip_header(value: bytes, position: int) -> int:
    """Return where the compressed bytes begin.

    Source: RFC 1952 section 2.3.
    """
    flags = value[position + 3]
    position += 10
    if flags & _EXTRA:
        position += 2 + int.from_bytes(value[position : position + 2], "little")
    for flag in (_NAME, _COMMENT):
        if flags & flag:
            position = value.index(b"\0", position) + 1
    return position + (2 if flags & _CHECK else 0)
