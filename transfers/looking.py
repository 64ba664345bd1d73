"""Before and after: what a finding is about, as the original has it and as the output has it.

Everything here is identified data. It is put together for one answer to one person, and is kept
nowhere: not in a log, an address, a cache or an exception.
"""

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from deidentify.leaks.elements import PIXEL_DATA, Element, Layout, load
from deidentify.leaks.reading import read_layout
from projects.storage import storage
from transfers.models import Finding, Outcome
from transfers.places import place
from transfers.shown_values import Piece, Shown, plain, show

MOST_ELEMENTS = 20
MOST_IMAGES = 40
MOST_VALUES = 12
GONE = "The original has left quarantine: what it said cannot be shown any more."
NOT_WRITTEN = "Nothing was written for this image, so there is no output to show."
ERASED = "The output was erased, because a later run replaced it or it was taken back."


@dataclass(frozen=True)
class Line:
    """One element on both sides; None where it is not there."""

    path: str
    words: str
    before: Shown | None
    after: Shown | None


@dataclass(frozen=True)
class Comparison:
    """What a person sees of a finding.

    `lines` are about its place; `known_by` about where the original says the same; `values` are
    the different values of its place in the outputs of the series, each with how often.
    """

    lines: list[Line] = field(default_factory=list)
    known_by: list[Line] = field(default_factory=list)
    values: list[tuple[str, int]] = field(default_factory=list)
    images: int = 0
    has_before: bool = False
    has_after: bool = False
    has_picture: bool = False
    notes: list[str] = field(default_factory=list)


def compare(finding: Finding) -> Comparison:
    """Read both files of a finding and put its elements side by side."""
    outcome = finding.outcome
    source_key = outcome.instance.key if outcome.instance else ""
    has_before = bool(source_key) and storage().exists(source_key)
    has_after = bool(outcome.key) and storage().exists(outcome.key)
    notes = []
    if not has_before:
        notes.append(GONE)
    if not has_after:
        notes.append(ERASED if outcome.sop_instance_uid else NOT_WRITTEN)
    with ExitStack() as stack:
        before = read(stack.enter_context(storage().fetch(source_key))) if has_before else None
        after = read(stack.enter_context(storage().fetch(outcome.key))) if has_after else None
        hit = _hit(finding, after)
        lines = _lines(finding.path, before, after, hit)
        if finding.path == "file name":
            name = Shown("", len(outcome.key), [Piece(Path(outcome.key).name, is_hit=True)])
            lines = [Line(finding.path, place(finding.path), None, name)]
        known_by = []
        if finding.source_path and finding.source_path != finding.path:
            known_by = _lines(finding.source_path, before, after, hit)
        values, images = _values(finding) if lines and has_after else ([], 0)
        return Comparison(
            lines=lines,
            known_by=known_by,
            values=values,
            images=images,
            has_before=has_before,
            has_after=has_after,
            has_picture=after is not None and bool(after.pixels),
            notes=notes,
        )


def read(path: Path) -> Layout:
    """Take a file apart; what cannot be followed is left out."""
    return read_layout(load(path))


def _hit(finding: Finding, after: Layout | None) -> bytes:
    if after is None or finding.end <= finding.start:
        return b""
    return bytes(after.data[finding.start : finding.end])[:4096]


def _lines(path: str, before: Layout | None, after: Layout | None, hit: bytes) -> list[Line]:
    """Return the element at a path, or those of a sequence there, with both sides of each."""
    theirs, ours = elements_at(before, path), elements_at(after, path)
    lines = []
    for own in list(dict.fromkeys([*theirs, *ours]))[:MOST_ELEMENTS]:
        lines.append(
            Line(
                path=own,
                words=place(own),
                before=_shown(before, theirs.get(own), hit),
                after=_shown(after, ours.get(own), hit),
            )
        )
    return lines


def elements_at(layout: Layout | None, path: str) -> dict[str, Element]:
    """Return the element at a path by its path; of a sequence, those in its items."""
    if layout is None:
        return {}
    found = {}
    below = f"{path}["
    for element in (*layout.elements, *layout.pixels):
        own = element.path
        if own == path or own.startswith(below):
            found[own] = element
    return found


def _shown(layout: Layout | None, element: Element | None, hit: bytes) -> Shown | None:
    if layout is None or element is None:
        return None
    at = layout.data.find(hit, element.start, element.end) if hit else -1
    where = (at, at + len(hit)) if at >= 0 else None
    if element.tag in PIXEL_DATA and where is None:
        return Shown(element.vr, element.end - element.start, [Piece("the picture itself")])
    return show(layout.data, element, where, is_big=layout.is_big_endian)


def _values(finding: Finding) -> tuple[list[tuple[str, int]], int]:
    """Count the different texts at the finding's place in some outputs of its series."""
    siblings = Outcome.objects.filter(
        run=finding.run_id, series_instance_uid=finding.outcome.series_instance_uid
    ).exclude(key="")
    counts: Counter[str] = Counter()
    images = 0
    for key in siblings.order_by("pk").values_list("key", flat=True)[:MOST_IMAGES]:
        if not storage().exists(key):
            continue
        images += 1
        with storage().fetch(key) as path:
            layout = read(path)
            found = elements_at(layout, finding.path).get(finding.path)
            if found is not None and (text := plain(layout.data, found)):
                counts[text] += 1
    return counts.most_common(MOST_VALUES), images
