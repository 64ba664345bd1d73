"""Cleaning: what is known of the patient is taken out of texts and blocks, the rest stays.

Source: DICOM PS3.15 E.3.5, Clean Descriptors Option; E.3.10 for private elements.
"""

import re
import zlib
from collections.abc import Iterable

from deidentify import patterns
from deidentify.dates import shift_da
from deidentify.identifying import (
    ADDRESS,
    BIRTH_DATE,
    DATE,
    DEVICE,
    IDENTIFIER,
    MAIL,
    NAME,
    PHONE,
    PLACE,
)
from deidentify.keys import derive
from deidentify.names import Names, spelled
from deidentify.norwegian import NUMBER_BYTES, is_identity_number
from deidentify.patterns import Span
from deidentify.plan import Plan
from deidentify.text import decoded
from deidentify.uids import is_well_known
from deidentify.words import is_ordinary, is_product

Term = tuple[str, bytes, bytes]  # kind, value as stored, character set

LEAST_IDENTIFIER = 4
LEAST_BLOCK_NUMBER = 6
LEAST_SPACED = 8
MONTH_NAMES: dict[int, tuple[str, ...]] = {
    1: ("januar", "january", "jan"), 2: ("februar", "february", "feb"),
    3: ("mars", "march", "mar"), 4: ("april", "apr"), 5: ("mai", "may"), 6: ("juni", "june", "jun"),
    7: ("juli", "july", "jul"), 8: ("august", "aug"), 9: ("september", "sept", "sep"),
    10: ("oktober", "october", "okt", "oct"), 11: ("november", "nov"),
    12: ("desember", "december", "des", "dec"),
}  # fmt: skip
MOST_PROTOCOL = 4 * 1024 * 1024
_UID = re.compile(r"(?<![\d.])[0-2](?:\.\d+){4,}(?![\d.]*\d)")
_UID_BYTES = re.compile(rb"(?<![\d.])[0-2]\.\d{1,12}(?:\.\d{1,30}){4,}")
_WORDS = re.compile(r"[^\W\d_]+")
_LETTERS_THEN_DIGITS = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
_KINDS = {
    "physician": NAME, "operator": NAME, "accession": IDENTIFIER, "national_id": IDENTIFIER,
    "patient_id": IDENTIFIER, "department": PLACE, "date_of_birth": BIRTH_DATE,
}  # fmt: skip


class Cleaner:
    """Cleans for one patient. Terms are compiled once; the same text always gives the same."""

    def __init__(self, plan: Plan, terms: Iterable[Term]) -> None:
        self.plan = plan
        own = {plan.identity.pseudonym.casefold(), plan.identity.project.casefold()}
        people: list[str] = []
        places: list[str] = []
        literals: set[str] = set()
        self._dates: set[bytes] = set()
        phrases: set[str] = set()
        for kind, value, charset in sorted(terms):
            text = decoded(value.strip(b" \0"), charset)[0]
            kind = _KINDS.get(kind, kind)
            for one in text.split("\\"):
                one = one.strip(" \0")
                if one.casefold() in own or not one:
                    continue
                if kind == NAME:
                    people.append(one)
                    for part in re.split(r"[\s^=,]+", one):
                        literals.update(_identifiers(part))
                elif kind == IDENTIFIER:
                    literals.update(_identifiers(one))
                    people.extend(w for w in _WORDS.findall(one) if len(w) > LEAST_IDENTIFIER)
                elif kind == DEVICE and not plan.profile.has("device"):
                    literals.update(_identifiers(one))
                elif kind == BIRTH_DATE:
                    literals.update(_birth_forms(one))
                    self._dates.add(one.encode("latin-1", "replace"))
                elif kind == DATE:
                    self._dates.add(one.encode("latin-1", "replace"))
                elif kind in (PHONE, MAIL):
                    literals.update(_identifiers(one))
                elif kind == ADDRESS:
                    phrases.update(_address_parts(one))
                elif kind == PLACE and not plan.profile.has("institution"):
                    places.append(one)
        self._numbers = frozenset(
            one.encode() for one in literals if one.isdigit() and len(one) >= LEAST_BLOCK_NUMBER
        )
        self._names = Names(people)
        self._places = Names(places, places=True)
        self._own = _alternatives(literals, separators=True)
        self._phrases = _alternatives(phrases, separators=False)
        self._neutral_key = derive(plan.identity.secret, "neutral uid")
        self._block_terms = self._as_bytes(literals, phrases)
        numbers = sorted(one for one in literals if one.isdigit() and len(one) >= LEAST_SPACED)
        spaced = "|".join(r"[ .\-]?".join(number) for number in numbers)
        self._spaced = re.compile(rf"(?<!\d)(?:{spaced})(?!\d)".encode()) if numbers else None

    # -- text --------------------------------------------------------------------------------

    def clean(self, text: str, *, only_patient: bool = False, model: bool = False) -> str:
        """Return `text` without what identifies somebody; the same object if nothing does.

        Args:
            text: one value.
            only_patient: look for the patient's own names and numbers alone.
            model: the name of a scanner's model, of which known words stay.
        """
        if not text or text.isspace():
            return text
        spans = self._names.find(text)
        if model:
            spans = [(start, end) for start, end in spans if not is_product(text[start:end])]
        spans += [m.span() for m in self._own.finditer(text)] if self._own else []
        spans += patterns.identity_numbers(text)
        spans += [m.span() for m in self._phrases.finditer(text)] if self._phrases else []
        if not only_patient:
            spans += self._places.find(text)
            for find in patterns.PATTERNS[1:]:
                spans += find(text)
        uids = {
            match.span(): self.plan.uid_bytes(match[0].encode()).decode()
            for match in _UID.finditer(text)
            if not is_well_known(match[0].encode()) and len(match[0]) <= 64
        }
        spans = [s for s in spans if not any(u[0] <= s[0] and s[1] <= u[1] for u in uids)]
        if not spans and not uids:
            return text
        return _without(text, spans, uids)

    def figures(self, value: bytes, form: re.Pattern[bytes]) -> bytes:
        """Return a value of figures as it stands; empty if it is anything else.

        Args:
            value: several are parted by a backslash.
            form: what its VR allows. A name in a numeric element is nothing that can be kept.
        """
        if not form.fullmatch(value):
            return b""
        for one in value.split(b"\\"):
            plain = one.strip(b" \0")
            if plain in self._numbers or (
                len(plain) == 11 and is_identity_number(plain.decode("latin-1"))
            ):
                return b""
        return value

    # -- blocks ------------------------------------------------------------------------------

    def overwrite(self, value: bytes) -> bytes:
        """Return a binary value in which what is found is overwritten, length and structure kept.

        Names and identifiers become X and 0, dates the shifted dates, UIDs neutral ones of the
        same length.
        """
        if len(value) < LEAST_IDENTIFIER:
            return value
        found: list[tuple[int, int, bytes]] = []
        lower = value.lower()
        for term, neutral in self._block_terms:
            start = lower.find(term)
            while start >= 0:
                end = start + len(term)
                if _stands_alone(lower, start, end):
                    found.append((start, end, neutral * len(term)))
                start = lower.find(term, start + 1)
        for date in self._dates:
            start = value.find(date) if len(date) == 8 else -1
            while start >= 0:
                if not value[start - 1 : start].isdigit() and not value[start + 8 :][:1].isdigit():
                    moved = shift_da(date, self.plan.days)
                    found.append((start, start + 8, moved if len(moved) == 8 else b"0" * 8))
                start = value.find(date, start + 1)
        for match in self._spaced.finditer(value) if self._spaced else ():
            found.append((*match.span(), b"0" * len(match[0])))
        for match in NUMBER_BYTES.finditer(value):
            if is_identity_number((match[1] + match[2]).decode()):
                found.append((*match.span(), b"0" * len(match[0])))
        if not self.plan.profile.has("uids"):
            for match in _UID_BYTES.finditer(value):
                if not is_well_known(match[0]) and len(match[0]) <= 64:
                    found.append((*match.span(), self._neutral_uid(match[0])))
        if not found:
            return value
        block = bytearray(value)
        for start, end, neutral in found:
            block[start:end] = neutral
        return bytes(block)

    def protocol(self, value: bytes) -> bytes:
        """Return GE's compressed protocol block, opened, overwritten inside and closed again.

        Its gzip header goes in any case: it holds the examination's number and the time.

        Args:
            value: four bytes of length, then a gzip stream. Anything else becomes empty.
        """
        try:
            opened = zlib.decompressobj(31).decompress(value[4:], MOST_PROTOCOL)
        except zlib.error:
            return b""
        closer = zlib.compressobj(9, zlib.DEFLATED, 31)
        closed = closer.compress(self.overwrite(opened)) + closer.flush()
        return len(closed).to_bytes(4, "little") + closed

    def _neutral_uid(self, uid: bytes) -> bytes:
        """A UID of the same length that stands for `uid` wherever this participant has it."""
        digits = str(int.from_bytes(derive(self._neutral_key, uid.decode(), 32), "big"))
        return b"2.25." + digits.encode()[: len(uid) - 5] if len(uid) <= 64 else uid

    def _as_bytes(self, literals: set[str], phrases: set[str]) -> list[tuple[bytes, bytes]]:
        terms: dict[bytes, bytes] = {}
        for words, neutral in ((self._names.strong, b"X"), (self._places.strong, b"X")):
            for word in words:
                for codec in ("latin-1", "utf-8"):
                    for spelling in spelled(word):
                        encoded = spelling.encode(codec, "ignore").lower()
                        if len(encoded) >= LEAST_IDENTIFIER:
                            terms[encoded] = neutral
        for phrase in phrases:
            for codec in ("latin-1", "utf-8"):
                terms[phrase.encode(codec, "ignore").lower()] = b"X"
        for literal in {*literals, *(_LETTERS_THEN_DIGITS.sub(" ", one) for one in literals)}:
            encoded = literal.encode("latin-1", "ignore").lower()
            # In a block, a short number may as well be one of the physics.
            if len(encoded) >= (LEAST_BLOCK_NUMBER if encoded.isdigit() else 5):
                terms[encoded] = b"0"
        return sorted(terms.items())


def _stands_alone(block: bytes, start: int, end: int) -> bool:
    before, after = block[start - 1 : start] if start else b"", block[end : end + 1]
    if block[start : start + 1].isdigit():
        return not before.isdigit() and before != b"." and not after.isdigit() and after != b"."
    return not before.isalpha() and not after.isalpha()


def _identifiers(value: str) -> set[str]:
    """An identifier as it is searched: at least four characters, one of them a digit."""
    value = value.strip()
    bare = re.sub(r"[\s.\-/]", "", value)
    if len(bare) < LEAST_IDENTIFIER or not any(c.isdigit() for c in bare):
        return set()
    return {value, bare}


def _birth_forms(value: str) -> set[str]:
    """A birth date as people write it."""
    if not re.fullmatch(r"\d{8}", value):
        return set()
    year, month, day = value[:4], value[4:6], value[6:]
    forms = {value, f"{day}{month}{year}", f"{day}{month}{year[2:]}", f"{year[2:]}{month}{day}"}
    plain_day, plain_month = str(int(day)), str(int(month))
    for last in (year, year[2:]):
        forms |= {f"{day}/{month}-{last}", f"{plain_day}/{plain_month}-{last}"}
    for name in MONTH_NAMES[int(month)] if 1 <= int(month) <= 12 else ():
        for number in {day, plain_day}:
            forms |= {f"{number}{gap}{name} {year}" for gap in (" ", ". ", ".", "")}
            forms |= {
                f"{number}-{name}-{year}",
                f"{name} {number}, {year}",
                f"{name} {number} {year}",
            }
    for mark in ".-/":
        forms |= {
            mark.join((day, month, year)),
            mark.join((day, month, year[2:])),
            mark.join((year, month, day)),
            mark.join((plain_day, plain_month, year)),
            mark.join((month, day, year)),
        }
    return forms


def _address_parts(value: str) -> set[str]:
    parts = {part.strip() for part in re.split(r"[\^,;\r\n]", value)}
    return {part for part in parts if len(part) >= LEAST_IDENTIFIER and not is_ordinary(part)}


def _alternatives(literals: set[str], *, separators: bool) -> re.Pattern[str] | None:
    """One pattern for all literals, longest first, at the bounds of words."""
    forms = []
    for literal in sorted(literals, key=lambda text: (-len(text), text)):
        form = re.escape(literal)
        if separators and literal.isdigit() and len(literal) >= 6:
            form = r"[ .\-]?".join(literal)
        elif separators and literal.isalnum():
            # HN4482913 is also written HN 4482913.
            form = _LETTERS_THEN_DIGITS.sub(r"[ .\-]?", form)
        forms.append(form)
    if not forms:
        return None
    return re.compile(rf"(?i)(?<![^\W_])(?<!\d\.)(?:{'|'.join(forms)})(?![^\W_])(?!\.\d)")


def _without(text: str, spans: list[Span], uids: dict[Span, str]) -> str:
    """Cut the spans out, put the new UIDs in, and close the gaps that the cuts left."""
    pieces = []
    position = 0
    last_cut = False
    for start, end, new in sorted(
        [(*span, None) for span in spans] + [(*span, uid) for span, uid in uids.items()],
        key=lambda cut: cut[:2],
    ):
        if end <= position:
            continue
        piece = text[position : max(start, position)]
        pieces.append(piece)
        if new is not None:
            pieces.append(new)
        last_cut = new is None
        position = end
    pieces.append(text[position:])
    joined = re.sub(r"(?<=\S) {2,}(?=\S)", " ", "".join(pieces))
    joined = re.sub(r"\( *\)|\[ *\]", "", joined)
    return joined.strip(" ,;^_=") if last_cut or spans else joined
