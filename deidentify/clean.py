"""Cleaning: what is known of the patient is taken out of texts, the rest stays.

Uncertain by design, and so left in place for the leak check and a person:
    - a part of a name that is a word of protocols or anatomy (Hand, Long), or has two letters,
      where it stands alone and nothing announces a name;
    - a word of everyday language (stein, vår) in lower case, though somebody is called so;
    - an eponym beside its disease (Mb. Wilson), though the patient is called so;
    - names that no header tells and nothing announces.

Source: DICOM PS3.15 E.3.5, Clean Descriptors Option.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from deidentify import cues, patterns
from deidentify.blocks import Blocks
from deidentify.finder import Finder
from deidentify.folding import fold
from deidentify.norwegian import is_identity_number
from deidentify.packed import may_be_packed, unpacked
from deidentify.plain import plain
from deidentify.plan import Plan
from deidentify.text import without
from deidentify.uids import is_well_known
from deidentify.vocabulary import LEAST_BLOCK_NUMBER, Term, Vocabulary
from deidentify.words import is_product

_UID = re.compile(r"(?<![\d.])(?:[0-2](?:\.\d+){4,}|2\.25\.\d{10,39})(?![\d.]*\d)")
_DOTTED = re.compile(r"(?<![^\W_])((?:[^\W\d_]\.[ ]?){1,3}[^\W\d_]\.)(?![^\W_])")
_ABBREVIATED = "ap pa ll rl iv ia po mr ct ul us pi sc"
_NO_INITIALS = frozenset(_ABBREVIATED.split())


class Cut(NamedTuple):
    """A half-open range of a text and what stands there afterwards."""

    start: int
    end: int
    new: str = ""


class Cleaner:
    """Cleans for one patient. Terms are compiled once; the same text always gives the same."""

    def __init__(self, plan: Plan, terms: Iterable[Term]) -> None:
        self.plan = plan
        vocabulary = Vocabulary(plan, terms)
        self._numbers = vocabulary.numbers
        self._number_beginnings = frozenset(vocabulary.number_beginnings)
        self._finder = Finder(vocabulary.names, vocabulary.places, vocabulary.sought)
        self._initials = vocabulary.names.initial_pairs()
        self._with_places = not plan.profile.has("institution")
        blocks = Blocks(plan, vocabulary, self.clean, self.cuts)
        self.overwrite = blocks.overwrite
        self.protocol = blocks.protocol

    def clean(self, text: str, *, only_patient: bool = False, model: bool = False) -> str:
        """Return `text` without what identifies somebody; the same object if nothing does.

        Args:
            text: one value.
            only_patient: look for what is known alone, and not for what has somebody's form.
            model: the name of a scanner's model, of which known words stay.
        """
        cuts = self.cuts(text, only_patient=only_patient, model=model)
        return without(text, cuts) if cuts else text

    def cuts(self, text: str, *, only_patient: bool = False, model: bool = False) -> list[Cut]:
        """Return what has to go and what takes its place, in order and without overlaps."""
        meant, back = plain(text)
        folded = fold(meant)
        hits = self._finder.hits(folded)
        has_digits = patterns.DIGITS.search(meant) is not None
        found = 0 if only_patient else patterns.signs(folded)
        is_packed = may_be_packed(meant)
        is_plain = not (hits or has_digits or found or is_packed)
        if is_plain and not ("." in meant or "/" in meant or "@" in meant):
            return []
        spans: list[tuple[int, int]] = []
        if hits:
            names, spans = self._finder.spans(meant, hits, with_places=self._with_places)
            spans += [one for one in names if not model or not is_product(meant[one[0] : one[1]])]
        if "." in meant and self._initials:
            spans += self._initials_in(meant)
        uids = []
        if has_digits:
            spans += patterns.identity_numbers(meant, self._number_beginnings)
            uids = self._uids_in(meant)
        if not only_patient:
            spans += patterns.others(
                meant, found, has_digits=has_digits, with_places=self._with_places
            )
        if is_packed:
            spans += [
                (start, end)
                for start, end, inside in unpacked(meant)
                if self.cuts(inside, only_patient=only_patient)
            ]
        if not spans and not uids:
            return []
        cuts = _closed(meant, _merged(spans, uids))
        if back is None:
            return cuts
        return [Cut(back[cut.start], back[cut.end], cut.new) for cut in cuts]

    def figures(self, value: bytes, form: re.Pattern[bytes]) -> bytes:
        """Return a value of figures as it stands; empty if it is anything else.

        Args:
            value: several are parted by a backslash.
            form: what its VR allows. A name in a numeric element is nothing that can be kept.
        """
        if not form.fullmatch(value):
            return b""
        if len(value) < LEAST_BLOCK_NUMBER:
            return value
        for one in value.split(b"\\") if b"\\" in value else (value,):
            plain = one.strip(b" \0")
            if plain in self._numbers or (
                len(plain) == 11 and is_identity_number(plain.decode("latin-1"))
            ):
                return b""
        return value

    def _initials_in(self, text: str) -> list[tuple[int, int]]:
        spans = []
        for match in _DOTTED.finditer(text):
            letters = "".join(c for c in match[1].casefold() if c.isalpha())
            if match[1].islower():
                continue
            is_name = letters not in _NO_INITIALS or cues.names_follow(
                text, match.start(), is_ordinary_word=False
            )
            if is_name and "".join(fold(c)[:1] for c in letters) in self._initials:
                spans.append(match.span(1))
        return spans

    def _uids_in(self, text: str) -> list[Cut]:
        if self.plan.profile.has("uids"):
            return []
        return [
            # What is longer than a UID may be stands for nothing elsewhere.
            Cut(start, end, self.plan.uid_bytes(uid.encode()).decode() if len(uid) <= 64 else "")
            for start, end, uid in ((*match.span(), match[0]) for match in _UID.finditer(text))
            if not is_well_known(uid.encode())
        ]


def _merged(spans: list[tuple[int, int]], uids: list[Cut]) -> list[Cut]:
    """Cuts in order; those that overlap become one, and what lies inside a UID is its own."""
    cuts: list[Cut] = []
    for cut in sorted([*uids, *(Cut(*span) for span in spans)]):
        last = cuts[-1] if cuts else None
        if last is None or cut.start >= last.end:
            cuts.append(cut)
        elif last.new and cut.end <= last.end:
            continue
        elif cut.new and cut.start == last.start and cut.end >= last.end:
            cuts[-1] = cut
        else:
            cuts[-1] = Cut(last.start, max(cut.end, last.end))
    return cuts


_JOINT = re.compile(r"[\s,;^_=./\-|+&]{0,3}")
_BRACKETS = frozenset({"()", "[]", "<>"})
_ENDS = " ,;^_=\t"
_SEPARATORS = frozenset(" ,;^_-.+|/")


def _closed(text: str, cuts: list[Cut]) -> list[Cut]:
    """Close the gaps that cuts leave: no empty brackets, no two separators for one."""
    joined: list[Cut] = []
    for cut in cuts:
        last = joined[-1] if joined else None
        is_plain = last is not None and not cut.new and not last.new
        if last and is_plain and _JOINT.fullmatch(text, last.end, cut.start):
            joined[-1] = Cut(last.start, cut.end)
        else:
            joined.append(cut)
    first = len(text) - len(text.lstrip(_ENDS))
    last_end = len(text.rstrip(_ENDS))
    return [
        cut if cut.new else _widened(text, cut.start, cut.end, first, last_end) for cut in joined
    ]


def _widened(text: str, start: int, end: int, first: int, last: int) -> Cut:
    """A cut that takes along what would be left of its place.

    Args:
        text: in which it is.
        start: of the cut.
        end: of the cut.
        first: where the text's first word begins.
        last: where its last word ends.
    """
    while start and text[start - 1] + text[end : end + 1] in _BRACKETS:
        start, end = start - 1, end + 1
    is_first, is_last = start <= first, end >= last
    if is_first:
        start = 0
        end = len(text) - len(text[end:].lstrip(_ENDS))
    if is_last:
        end = len(text)
        start = len(text[:start].rstrip(_ENDS))
    if is_first or is_last:
        return Cut(start, end)
    before, after = text[start - 1], text[end]
    is_full_stop = after == "." and not text[end + 1 : end + 2].strip()
    if before == " " and start > 1 and (after in ",;)" or is_full_stop):
        start -= 1
        before = text[start - 1]
    if before == after and before in _SEPARATORS:
        return Cut(start, end + 1)
    return Cut(start, end, " " if before.isalnum() and after.isalnum() else "")
