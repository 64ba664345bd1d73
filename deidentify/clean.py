"""Cleaning: what is known of the patient is taken out of texts, the rest stays.

Source: DICOM PS3.15 E.3.5, Clean Descriptors Option.
"""

import re
from collections.abc import Iterable

from deidentify import patterns
from deidentify.blocks import Blocks
from deidentify.norwegian import is_identity_number
from deidentify.patterns import Span
from deidentify.plan import Plan
from deidentify.uids import is_well_known
from deidentify.vocabulary import Term, Vocabulary
from deidentify.words import is_product

_UID = re.compile(r"(?<![\d.])[0-2](?:\.\d+){4,}(?![\d.]*\d)")
_LETTERS_THEN_DIGITS = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")


class Cleaner:
    """Cleans for one patient. Terms are compiled once; the same text always gives the same."""

    def __init__(self, plan: Plan, terms: Iterable[Term]) -> None:
        self.plan = plan
        vocabulary = Vocabulary(plan, terms)
        self._numbers = vocabulary.numbers
        self._names = vocabulary.names
        self._places = vocabulary.places
        self._own = _alternatives(vocabulary.literals, separators=True)
        self._phrases = _alternatives(vocabulary.phrases, separators=False)
        blocks = Blocks(plan, vocabulary)
        self.overwrite = blocks.overwrite
        self.protocol = blocks.protocol

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
