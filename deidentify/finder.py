"""Where a patient's words stand in a text: one pass of an automaton, then a look at each hit.

The automaton runs over the text's folded letters and digits; what stands between them, and at
the bounds of words, is judged in the text itself.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from deidentify.cues import Span
from deidentify.folding import fold, places
from deidentify.name_groups import NameHit, name_spans
from deidentify.names import ALONE, BESIDE, LEAST_LOSSY_LETTERS, Names, Part
from deidentify.words import is_ordinary

LEAST_TOLERANT = 6
LEAST_SPREAD_LETTERS = 4
LEAST_LOGIN_LETTERS = 4
LEAST_REMAINDER = 5
MOST_INITIALS = 2
_GAP = re.compile(r"[ .,\-_/:]")
# Combining accents, and the voicing marks of kana in both widths.
_MARKS = frozenset(map(chr, (*range(0x300, 0x370), 0x3099, 0x309A, 0xFF9E, 0xFF9F)))
_HUMP = re.compile(r"[^\W\d_](?:(?![A-ZÀ-ÖØ-Þ])[^\W\d_])*")
_LOSSY_GAP = re.compile(r"[^\w\s]{1,3}|_")


class Literal(NamedTuple):
    """An identifier, a date of birth or a part of an address.

    Attributes:
        folded: letters and digits.
        gaps: where separators may stand between them; None: anywhere.
        is_parted: they do stand there.
    """

    folded: str
    gaps: frozenset[int] | None = None
    is_parted: bool = False


class Finder:
    """Finds what is known of one patient, and the names of institutions."""

    def __init__(self, people: Names, places: Names, literals: Iterable[Literal]) -> None:
        self._people = people
        self._places = places
        self._literals: dict[str, Literal] = {}
        for literal in sorted(literals, key=lambda one: one.gaps is not None):
            self._literals.setdefault(literal.folded, literal)
        self._sought = sorted({*people.parts, *places.parts, *self._literals})
        automaton = AhoCorasick(self._sought) if self._sought else None
        self._find = automaton.find_matches_as_indexes if automaton else None

    def hits(self, folded: str) -> list[tuple[int, int, int]]:
        """Return what the automaton says of a folded text, for `spans` to judge; mostly nothing."""
        if self._find is None:
            return []
        found: list[tuple[int, int, int]] = self._find(folded, overlapping=True)
        return found

    def spans(
        self, text: str, hits: list[tuple[int, int, int]], *, with_places: bool
    ) -> tuple[list[Span], list[Span]]:
        """Return where names stand, and where all else does."""
        at = places(text)
        people: list[NameHit] = []
        others: list[Span] = []
        for number, first, last in hits:
            word = self._sought[number]
            start, end = at[first], _past_marks(text, at[last - 1] + 1)
            if (first and at[first - 1] == start) or (last < len(at) and at[last] == end - 1):
                continue  # half a letter, such as the e of an æ
            literal = self._literals.get(word)
            if literal and _is_literal(text, at[first:last], literal):
                begin = len(text[:start].rstrip("0")) if text[start].isdigit() else start
                others.append((begin, end))
                continue
            part = self._people.parts.get(word)
            span = part and _word_span(text, start, end, last - first, part)
            if part and not span:
                span = _glued_span(text, start, end, part, self._people)
            if part and span:
                people.append(NameHit(*span, part))
                continue
            part = self._places.parts.get(word) if with_places else None
            span = part and _word_span(text, start, end, last - first, part)
            # In lower case, a word of an institution's name says what it does.
            if span and (not text[start].islower() or text.islower()):
                others.append(span)
        return name_spans(text, people, self._people.initials), others


def _word_span(text: str, start: int, end: int, letters: int, part: Part) -> Span | None:
    """The span of a part of a name; None if the letters are part of something else."""
    inside = text[start:end]
    if part.is_unbounded:
        return start, end
    if not inside.isalpha():
        if not _may_be_parted(inside, letters, part):
            return None
    elif part.is_lossy and letters < LEAST_LOSSY_LETTERS:
        return None
    left, right = _opens(text, start, part), _closes(text, end, part)
    if right and left:
        return start, end
    is_genitive = text[end : end + 1] in ("s", "S") and not text[end + 1 : end + 2].isalpha()
    if left and is_genitive and part.counts and not is_ordinary(text[start : end + 1]):
        return start, end + 1
    if part.counts == ALONE and letters >= LEAST_REMAINDER and left != right:
        # hodehansen, hansencor: what is left of the word is a word of its own.
        rest = _letters_before(text, start) if right else _letters_after(text, end)
        if is_ordinary(rest) or is_ordinary(_nearest_hump(rest, before=right)):
            return start, end
        if left and len(rest) == 1 and text[end + 1 : end + 2].isdigit():
            return start, end  # HANSENT2: a word of protocols may be a letter and a digit
    return None


def _glued_span(text: str, start: int, end: int, part: Part, people: Names) -> Span | None:
    """The span of a name with another part or an initial of it glued on: onordmann, nordmanno."""
    if part.counts != ALONE or part.is_lossy or end - start < LEAST_LOGIN_LETTERS:
        return None
    first = start - len(_letters_before(text, start))
    last = end + len(_letters_after(text, end))
    rest = text[first:start] + text[end:last]
    is_one_side = (first == start) != (last == end)
    if not is_one_side or is_ordinary(text[first:last]):
        return None
    other = people.parts.get(fold(rest))
    if other and other.owners & part.owners:
        return first, last
    if len(rest) > MOST_INITIALS:
        return None
    letters = {fold(letter)[:1] for letter in rest}
    own = (people.initials[owner] for owner in part.owners)
    return (first, last) if any(letters <= set(theirs) for theirs in own) else None


def _may_be_parted(inside: str, letters: int, part: Part) -> bool:
    """Whether what stands between the letters of a name belongs there."""
    if part.is_lossy:
        between = [gap for gap in re.split(r"[^\W\d_]+", inside) if gap]
        return len(between) <= 3 and all(_LOSSY_GAP.fullmatch(gap) for gap in between)
    if set(re.sub(r"[^\W\d_]", "", inside)) == {"?"}:
        return inside.count("?") <= 3  # accents that were lost behind their letters
    is_spread = len(inside) % 2 == 1 and inside[::2].isalpha() and len(set(inside[1::2])) == 1
    return is_spread and letters >= LEAST_SPREAD_LETTERS and not inside[1].isalnum()


def _opens(text: str, start: int, part: Part) -> bool:
    """Whether a word may begin here: after no letter, or at a capital in camel case."""
    before = text[start - 1] if start else " "
    if not before.isalpha():
        return True
    if part.counts == BESIDE or not text[start].isupper():
        return False
    return before.islower() or text[start + 1 : start + 2].islower()


def _closes(text: str, end: int, part: Part) -> bool:
    after = text[end : end + 1]
    if not after.isalpha():
        return True
    return part.counts != BESIDE and after.isupper() and text[end - 1].islower()


def _past_marks(text: str, end: int) -> int:
    """Where a letter ends with its accents, which may be characters of their own."""
    while end < len(text) and text[end] in _MARKS:
        end += 1
    return end


def _letters_before(text: str, start: int) -> str:
    begin = start
    while begin and text[begin - 1].isalpha():
        begin -= 1
    return text[begin:start]


def _letters_after(text: str, end: int) -> str:
    stop = end
    while stop < len(text) and text[stop].isalpha():
        stop += 1
    return text[end:stop]


def _nearest_hump(letters: str, *, before: bool) -> str:
    """The part of a camel-case word that is next to what stands before or behind it."""
    humps = _HUMP.findall(letters)
    return (humps[-1] if before else humps[0]) if humps else ""


def _is_literal(text: str, at: list[int], literal: Literal) -> bool:
    """Whether an identifier's letters stand close together, and by themselves."""
    start, end = at[0], at[-1] + 1
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    is_number = literal.folded.isdigit()
    if is_number and len(literal.folded) >= LEAST_TOLERANT and literal.gaps is None:
        if before == "0":  # the same number, filled up with zeros
            before = text[:start].rstrip("0")[-1:]
        if before.isdigit() or after.isdigit():
            return False
    elif before.isalnum() or after.isalnum():
        return False
    if (
        start > 1
        and before
        and before in ".,"
        and text[start].isdigit()
        and text[start - 2].isdigit()
    ):
        return False
    if after and after in ".," and text[end - 1].isdigit() and text[end + 1 : end + 2].isdigit():
        return False
    if literal.is_parted and any(at[gap] - at[gap - 1] < 2 for gap in literal.gaps or ()):
        return False
    for number in range(1, len(at)):
        if at[number] - at[number - 1] < 2:
            continue
        gap = text[at[number - 1] + 1 : at[number]]
        if "," in gap and (is_number or len(gap) < 2):
            return False  # 4,5 is a number; April 6, 1939 is a date
        if len(gap) > 2 or not all(_GAP.match(one) for one in gap):
            return False
        if literal.gaps is not None and number not in literal.gaps:
            return False
        if is_number and literal.gaps is None and (len(at) < LEAST_TOLERANT or len(gap) > 1):
            return False
    return True
