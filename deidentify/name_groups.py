"""Parts of names that stand side by side: a name, or words that merely look like parts of one."""

import re
from typing import NamedTuple

from deidentify.cues import Span, names_follow
from deidentify.names import ALONE, BESIDE, Part
from deidentify.words import is_eponym, is_everyday, is_ordinary

_BETWEEN = re.compile(r"[\s^,._\-='’`´&+;|/]{0,3}(?:([^\W\d_])\.?[\s^,._\-'’`´]{1,2})?")
_INITIAL_BEFORE = re.compile(r"(?<![^\W_])((?:[^\W\d_]\.[ ]?-?|[^\W\d_][ ^_'’´`])+)$")
_FIGURE_BEFORE = re.compile(r"\d[ ]?$")  # 3.0 T is a field strength, 100 V a voltage
_INITIAL_AFTER = re.compile(r"[ ^_,]{0,2}((?:[^\W\d_]\.[ ]?)+|\^[^\W\d_])(?![^\W_])")
_DISEASE_BEFORE = re.compile(r"(?i)(?<![^\W_])(?:mb|morbus|m)\.?[ ]$")
_DISEASE_AFTER = re.compile(
    r"(?i)(?:['’]?s)?[ \-](?:sykdom|syndrom|disease|syndrome|sign|fracture|fraktur|cyste?|tumor|"
    r"sarkom|sarcoma|lymfom|lymphoma|divertikkel|anomali|malformasjon|artrose|klassifikasjon|grad|"
    r"score|node|pouch|prosedyre|procedure|operasjon|ligament|canal|kanal|duct)"
)
_EPONYM_BESIDE = re.compile(r"([^\W\d_]+)-$")


class NameHit(NamedTuple):
    """Where a part of a name stands."""

    start: int
    end: int
    part: Part


def name_spans(text: str, hits: list[NameHit], initials: list[tuple[str, ...]]) -> list[Span]:
    """Return where names stand; neighbouring parts are one span.

    Args:
        text: in which they were found.
        hits: parts that stand for themselves there, in any order, overlapping or not.
        initials: by owner, as Names has them.
    """
    spans: list[Span] = []
    group: list[NameHit] = []
    for hit in sorted(hits, key=lambda one: (one.start, -one.end)):
        if group and hit.start < group[-1].end:
            continue
        if group and not _is_beside(text, group[-1], hit, initials):
            spans += _closed(text, group, initials)
            group = []
        group.append(hit)
    return spans + _closed(text, group, initials)


def _is_beside(text: str, left: NameHit, right: NameHit, initials: list[tuple[str, ...]]) -> bool:
    between = _BETWEEN.fullmatch(text, left.end, right.start)
    if not between:
        return False
    letter = between[1]
    return letter is None or letter.casefold() in _letters(left.part.owners, initials)


def _letters(owners: frozenset[int], initials: list[tuple[str, ...]]) -> frozenset[str]:
    return frozenset(letter for owner in owners for letter in initials[owner])


def _closed(text: str, group: list[NameHit], initials: list[tuple[str, ...]]) -> list[Span]:
    """Decide about neighbouring parts."""
    if not group:
        return []
    if len(group) == 1 and _is_disease(text, group[0]):
        return []
    if spans := _around_sure_parts(text, group, initials):
        return spans
    words = {hit.part.word for hit in group}
    is_likely = all(
        not text[hit.start].islower()
        or (hit.part.counts != BESIDE and not is_everyday(hit.part.word))
        for hit in group
    )
    shared = frozenset.intersection(*(hit.part.owners for hit in group))
    if shared and len(words) > 1:
        if (
            not all(is_ordinary(word) for word in words)
            or "^" in text[group[0].end : group[-1].start]
        ):
            return [_with_initials(text, group, initials)]
        return []
    first, last = group[0], group[-1]
    if is_likely and shared:
        span = _with_initials(text, group, initials)
        are_ordinary = all(map(is_ordinary, words))
        has_initial = span != (first.start, last.end) and not are_ordinary
        if has_initial or names_follow(text, first.start, is_ordinary_word=are_ordinary):
            return [span]
    return []


def _around_sure_parts(
    text: str, group: list[NameHit], initials: list[tuple[str, ...]]
) -> list[Span]:
    """The spans of parts that count alone, and of others of the same names beside them."""
    sure = [hit for hit in group if _counts_alone(text, hit)]
    if not sure:
        return []
    owners = frozenset[int]().union(*(hit.part.owners for hit in sure))
    # An ordinary word goes only if it touches a part that counts, as in "Head Anna".
    has_capital = any(not text[hit.start].islower() for hit in sure)
    spans: list[Span] = []
    run: list[NameHit] = []
    for hit in group:
        is_its_part = hit.part.owners & owners and not (has_capital and text[hit.start].islower())
        if is_its_part or _counts_alone(text, hit):
            run.append(hit)
        elif run:
            spans.append(_with_initials(text, run, initials))
            run = []
    return [*spans, _with_initials(text, run, initials)] if run else spans


def _counts_alone(text: str, hit: NameHit) -> bool:
    if hit.part.counts == ALONE:
        return True
    return hit.part.counts != BESIDE and not text[hit.start].islower()


def _is_disease(text: str, hit: NameHit) -> bool:
    """Whether a name stands for a disease or the like: Mb. Wilson, Hill-Sachs."""
    if not is_eponym(text[hit.start : hit.end].removesuffix("s")) and not is_eponym(hit.part.word):
        return False
    if _DISEASE_BEFORE.search(text[max(0, hit.start - 12) : hit.start]) or _DISEASE_AFTER.match(
        text, hit.end
    ):
        return True
    before = _EPONYM_BESIDE.search(text[max(0, hit.start - 24) : hit.start])
    after = re.match(r"-([^\W\d_]+)", text[hit.end : hit.end + 24])
    return bool((before and is_eponym(before[1])) or (after and is_eponym(after[1])))


def _with_initials(text: str, group: list[NameHit], initials: list[tuple[str, ...]]) -> Span:
    """The span of neighbouring parts and of initials of the same name beside them."""
    start, end = group[0].start, group[-1].end
    letters = _letters(frozenset[int]().union(*(hit.part.owners for hit in group)), initials)
    if before := _INITIAL_BEFORE.search(text, max(0, start - 9), start):
        found = [c for c in before[1].casefold() if c.isalpha()]
        is_unit = "." not in before[1] and _FIGURE_BEFORE.search(text, 0, before.start(1))
        if all(c in letters for c in found) and not before[1][0].islower() and not is_unit:
            start = before.start(1)
    if after := _INITIAL_AFTER.match(text, end):
        found = [c for c in after[1].casefold() if c.isalpha()]
        if all(letter in letters for letter in found):
            end = after.end(1)
    return start, end
