"""What becomes of each element when all ties are cut: told by its tag, VR and private creator.

What is not known to be needed goes: removed, emptied where it has to be there, a dummy where it may
not be empty. Texts that stay lose what looks like a UID, a date, a time or a long number.
"""

import re

from deidentify.dates import coarse_date_time, coarse_time, shift_da, shift_dt
from deidentify.private_elements import safe_elements
from exports.errors import CannotTransform
from exports.untying.drawing import Drawn
from exports.untying.siemens import reduced
from exports.untying.staying import (
    BIRTH,
    CLINICAL_TRIAL,
    CODES,
    CSA,
    CUT,
    DIGESTS,
    IDENTIFIERS,
    IDENTITY_REMOVED,
    METHOD,
    NUMBERS,
    TEXT_VRS,
    TEXTS,
    TIME_INFORMATION,
)
from exports.walking.amending import removed, with_uids, written
from exports.walking.edits import At, Edit, Level
from exports.walking.pseudonyms import Pseudonyms
from exports.walking.values import as_text, each

UID = re.compile(rb"(?<![\d.])[0-2](?:\.(?:0|[1-9]\d*)){5,}|(?<![\d.])2\.25\.\d{10,39}")
WRITTEN_DAY = re.compile(
    rb"(?<!\d)(?:(?:19|20)\d\d[-./](?:0[1-9]|1[0-2])[-./](?:0[1-9]|[12]\d|3[01])"
    rb"|(?:0[1-9]|[12]\d|3[01])[-./](?:0[1-9]|1[0-2])[-./](?:19|20)\d\d)(?!\d)"
)
LONG_NUMBER = re.compile(rb"(?<![\d.])\d{6,}(?![\d.])")
IN_TEXTS = (UID, WRITTEN_DAY, LONG_NUMBER)


def cut_ties(
    level: Level,
    pseudonym: str,
    study: int,
    drawn: Drawn,
    *,
    everybody: Pseudonyms,
    keeps_intervals: bool,
) -> None:
    """Add to a level all that cuts the ties of the images of one participant's study.

    Args:
        level: the root of what is done to them.
        pseudonym: of the participant in the research copy.
        study: which of the package's studies it is.
        drawn: new values of the package.
        everybody: whose pseudonyms are replaced where they stand in texts: this one's and others'.
        keeps_intervals: move all dates by one number of days, rather than taking them out.
    """
    days = drawn.days(pseudonym) if keeps_intervals else None
    cutting = _Cutting(pseudonym, study, drawn, days, everybody)
    level.add_everywhere(cutting.choose)
    level.new_uid = drawn.uid


class _Cutting:
    def __init__(
        self, pseudonym: str, study: int, drawn: Drawn, days: int | None, everybody: Pseudonyms
    ) -> None:
        self.everybody = everybody
        self.drawn = drawn
        self.days = days
        self.day = drawn.day(str(study).encode())
        self.identifier = drawn.participant(pseudonym)
        self.uids = with_uids(drawn.uid)

    def choose(self, tag: int, vr: str, creator: str, parents: tuple[int, ...]) -> Edit | None:
        """Return what is done to an element; see edits.Everywhere."""
        if tag >> 16 & 1:
            return self._private(tag, vr, creator)
        if tag in IDENTIFIERS:
            return self._identifier
        if tag in DIGESTS:
            return lambda value, at: self.drawn.digest(value) if value else value
        if tag == METHOD:
            return _said
        if tag >> 16 == CLINICAL_TRIAL and tag != IDENTITY_REMOVED:
            return lambda value, at: None  # modules that an instance need not have
        if tag in CUT:
            return removed
        if tag == TIME_INFORMATION:
            word = b"REMOVED" if self.days is None else b"MODIFIED"
            return lambda value, at: word if value else value
        if vr in ("DA", "DT"):
            return removed if tag in BIRTH else self._date
        if vr == "TM":
            return removed if tag in BIRTH else _hours
        if vr == "UI":
            return self.uids(tag, vr, creator, parents)
        if tag in CODES:
            return self._code
        if vr in TEXT_VRS:
            return self._text if tag in TEXTS else removed
        if vr == "CS":
            return self._text
        return removed if vr == "UN" else None

    def _private(self, tag: int, vr: str, creator: str) -> Edit | None:
        group, element = tag >> 16, tag & 0xFFFF
        if 0x10 <= element <= 0xFF:
            return lambda value, at: value if value in _creators(group) else None
        known = safe_elements().get((group, creator), {}).get(element & 0xFF)
        if known is None:
            return removed
        if (group, creator, element & 0xFF) == CSA:
            return self._block
        meant = known if vr == "UN" else vr
        if meant == "SQ" or vr in NUMBERS or (vr == "UN" and meant in NUMBERS):
            return None
        return self._text if meant in ("CS", "LO", "SH") and vr != "UN" else removed

    def _identifier(self, value: bytes | None, at: At) -> bytes | None:
        return written(self.identifier, at) if value else value

    def _date(self, value: bytes | None, at: At) -> bytes | None:
        if not value:
            return value
        if self.days is not None:
            move = shift_da if at.vr == "DA" else shift_dt
            days = self.days
            parts = [move(one.strip(b" \0"), days) for one in value.split(b"\\")]
            if at.vr == "DT":
                parts = [coarse_date_time(one) for one in parts]
            return b"\\".join(parts) if all(parts) else removed(value, at)
        left = removed(value, at)
        # A dummy that is the same everywhere would say nothing either, but would look like a date
        # on which all studies of the world were made.
        return self.day if left else left

    def _text(self, value: bytes | None, at: At) -> bytes | None:
        return self._cleaned(value, at, _TEXT_PATTERNS)

    def _code(self, value: bytes | None, at: At) -> bytes | None:
        return self._cleaned(value, at, _CODE_PATTERNS)

    def _cleaned(
        self, value: bytes | None, at: At, patterns: tuple[re.Pattern[str], ...]
    ) -> bytes | None:
        if not value or not (IN_TEXTS_MAY.search(value) or self.everybody.stand_in(value)):
            return value
        text = as_text(value, at.vr, at.charset)

        def clean(one: str) -> str:
            for pattern in patterns:
                one = pattern.sub("", one)
            return self.everybody.replaced(one, self.drawn.participant).strip()

        new = each(text, at.vr, clean)
        if new == text:
            return value
        try:
            return written(new, at) if new.strip("\\ ") else removed(value, at)
        except CannotTransform:  # a new identifier is longer than some pseudonyms
            return removed(value, at)

    def _block(self, value: bytes | None, at: At) -> bytes | None:
        names_somebody = self.everybody.stand_in_words
        return (value and reduced(value, leaves_out=names_somebody)) or removed(value, at)


def _said(value: bytes | None, at: At) -> bytes | None:
    """Add to the method of de-identification; the codes of its options are not true any more."""
    return value + SAID if value and not value.endswith(SAID) else value


def _hours(value: bytes | None, at: At) -> bytes | None:
    if not value:
        return value
    parts = [coarse_time(one.strip(b" \0")) if one else one for one in value.split(b"\\")]
    return b"\\".join(parts) or removed(value, at)


def _creators(group: int) -> frozenset[bytes]:
    found = _known.get(group)
    if found is None:
        names = {creator.encode() for of, creator in safe_elements() if of == group}
        found = _known[group] = frozenset(names)
    return found


_known: dict[int, frozenset[bytes]] = {}
IN_TEXTS_MAY = re.compile(rb"\d{6}|\d\.\d+\.|\d[-/]\d")
SAID = b"\\all ties cut"
_CODE_PATTERNS = (re.compile(UID.pattern.decode()),)
_TEXT_PATTERNS = tuple(re.compile(pattern.pattern.decode()) for pattern in IN_TEXTS)
