"""What a series itself has in the index: the rows from which all sums follow.

Elements, values and decisions that the project knows already are found by their digests, the
others made.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import nsmallest
from typing import TypeVar

from deidentify.inventory import ElementRow
from deidentify.inventory_rulings import Ruling
from deidentify.looks import IN_BYTES
from review.bulk import insert
from review.models import Element, ElementDecision, ResearchSeries, Value
from review.risk import looks_of

TEXT_VRS = ("AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT", "UN")
"""What people write: every value of these is listed, as far as the inventory lists it."""
BYTES_VRS = ("OB", "OD", "OF", "OL", "OV", "OW")
LISTED_AT_MOST = 50
"""Above this many values in one series, UIDs, numbers and times differ by nature."""
EXAMPLES = 3
CHUNK = 900
ELEMENTS = (
    *("series_id", "element_id", "decision_id", "vr"),
    *("instance_count", "distinct_count", "unlisted_count"),
)
VALUES = ("series_id", "element_id", "value_id", "instance_count")
Digested = TypeVar("Digested", Element, Value)
Key = TypeVar("Key", str, int)


def listed(row: ElementRow) -> Mapping[str, int]:
    """Choose the values that get a row of their own, with the number of their instances.

    What differs from image to image by nature (UIDs, positions, times) is only counted, but for
    a few examples: the index grows with distinct values, not with images. Of bytes, those in
    which something looks like a name or a number are listed as well.
    """
    if row.vr in TEXT_VRS or row.distinct <= LISTED_AT_MOST:
        return row.values
    chosen = nsmallest(EXAMPLES, row.values)
    if row.vr in BYTES_VRS:
        chosen += nsmallest(LISTED_AT_MOST, (text for text in row.values if IN_BYTES in text))
    return {text: row.values[text] for text in chosen}


@dataclass(frozen=True)
class Arrival:
    """A series that is to come into the index.

    Args:
        series: with an `origin` that says modality and scanner; neither need be saved before.
        rows: its inventory.
        decided: what the plan did, by path.
    """

    series: ResearchSeries
    rows: Sequence[ElementRow]
    decided: Mapping[str, Ruling]


def write_rows(project_id: int, arrivals: Sequence[Arrival], *, seen_at: datetime) -> None:
    """Write the elements and the listed values of saved series.

    Args:
        project_id: whose index it is.
        arrivals: saved by now, all of one study and one plan, with nothing in the index yet.
        seen_at: when what is new to the project was first seen.
    """
    elements = _elements(project_id, (row for one in arrivals for row in one.rows), seen_at)
    shown = [{row.path: listed(row) for row in one.rows} for one in arrivals]
    texts = {text for paths in shown for values in paths.values() for text in values}
    values = _values(project_id, texts)
    decisions = _decisions(
        arrivals[0].series.plan_version_id,
        {(elements[row.path], one.decided[row.path]) for one in arrivals for row in one.rows},
    )
    insert(
        "review_serieselement",
        ELEMENTS,
        (
            (
                one.series.pk,
                elements[row.path],
                decisions[elements[row.path], one.decided[row.path]],
                row.vr[:2],
                row.instances,
                row.distinct,
                row.distinct - len(paths[row.path]),
            )
            for one, paths in zip(arrivals, shown, strict=True)
            for row in one.rows
        ),
    )
    insert(
        "review_seriesvalue",
        VALUES,
        (
            (one.series.pk, elements[path], values[text], number)
            for one, paths in zip(arrivals, shown, strict=True)
            for path, numbers in paths.items()
            for text, number in numbers.items()
        ),
    )


def _elements(project_id: int, rows: Iterable[ElementRow], seen_at: datetime) -> dict[str, int]:
    """Return the project's element by path."""
    paths = {digest_of(row.path): row for row in rows}

    def new(digest: str) -> Element:
        row = paths[digest]
        return Element(
            project_id=project_id,
            digest=digest,
            path=_storable(row.path),
            tag=row.tag,
            keyword=row.keyword[:80],
            creator=_storable(row.creator)[:80],
            is_private=_is_private(row.tag),
            is_nested=")(" in row.path,
            first_seen_at=seen_at,
            changed_at=seen_at,
        )

    numbers = _numbers_of(Element, project_id, list(paths), new)
    return {row.path: numbers[digest] for digest, row in paths.items()}


def _values(project_id: int, texts: Iterable[str]) -> dict[str, int]:
    """Return the project's value by text; what a new one looks like is asked once, here."""
    digests = {digest_of(text): text for text in texts}

    def new(digest: str) -> Value:
        text = digests[digest]
        looks = looks_of(text)
        return Value(project_id=project_id, digest=digest, text=_storable(text), looks=looks)

    numbers = _numbers_of(Value, project_id, list(digests), new)
    return {text: numbers[digest] for digest, text in digests.items()}


def _numbers_of(
    model: type[Digested], project_id: int, digests: list[str], new: Callable[[str], Digested]
) -> dict[str, int]:
    """Return the primary key by digest, creating the rows that are not there yet."""
    numbers: dict[str, int] = {}
    rows = model._default_manager
    for some in _chunks(digests):
        known = rows.filter(project_id=project_id, digest__in=some)
        numbers.update(known.values_list("digest", "pk"))
        missing = [new(digest) for digest in some if digest not in numbers]
        numbers.update({row.digest: row.pk for row in rows.bulk_create(missing)})
    return numbers


def _decisions(
    plan_version_id: int, wanted: set[tuple[int, Ruling]]
) -> dict[tuple[int, Ruling], int]:
    """Return the row that stands for a decision about an element, creating those not there yet."""
    known: dict[tuple[int, Ruling], int] = {}
    for some in _chunks(sorted({element for element, _ in wanted})):
        rows = ElementDecision.objects.filter(element__in=some, plan_version=plan_version_id)
        for pk, element, action, row in rows.values_list("pk", "element", "action", "row"):
            known[element, Ruling(action, row)] = pk
    new = [
        ElementDecision(
            element_id=element, plan_version_id=plan_version_id, action=one.action, row=one.row
        )
        for element, one in sorted(wanted - known.keys())
    ]
    for made in ElementDecision.objects.bulk_create(new):
        known[made.element_id, Ruling(made.action, made.row)] = made.pk
    return known


def digest_of(text: str) -> str:
    """Return what a path or a value is known by."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _storable(text: str) -> str:
    """Write what PostgreSQL cannot store (NUL, lone surrogates) as visible signs."""
    return text.replace("\0", "␀").encode("utf-8", "replace").decode()


def _is_private(tag: str) -> bool:
    """Tell whether a tag has an odd group (PS3.5 section 7.8)."""
    return int(tag[:4], 16) % 2 == 1


def _chunks(whole: list[Key]) -> Iterator[list[Key]]:
    for start in range(0, len(whole), CHUNK):
        yield whole[start : start + CHUNK]
