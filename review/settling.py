"""How every element stands, kept right while series come and go.

What people judged is kept by digests (review/models/verdicts.py). `settle` looks up what a merge
brought: it reads a few rows per element of the merged series, whatever the size of the project,
and runs under the project's lock and in the merge's transaction.
"""

from collections.abc import Collection, Iterable

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from review.bulk import update
from review.models import (
    Element,
    ElementValue,
    JudgedValue,
    KnownElement,
    SeriesValue,
    Value,
    Verdict,
)
from review.standing_facts import LAPSE, facts_of, parts, run
from review.states import Judgement, Standing, ValueStanding
from review.value_patterns import ValuePattern

LEARN = """
    INSERT INTO review_knownelement (project_id, digest, path, keyword, came_late)
    SELECT e.project_id, e.digest, e.path, e.keyword,
        EXISTS (SELECT 1 FROM review_verdict v WHERE v.project_id = e.project_id)
    FROM review_element e
    WHERE e.id IN ({elements}) AND NOT EXISTS (
        SELECT 1 FROM review_knownelement k
        WHERE k.project_id = e.project_id AND k.digest = e.digest
    )
"""

# The values that a series brought, of elements that somebody began with.
LOOK_UP = """
    UPDATE review_elementvalue SET judged = found.judged
    FROM (
        SELECT DISTINCT ev.element_id, ev.value_id, CASE
            WHEN jv.judged IS NOT NULL AND jv.judged <> '' THEN jv.judged
            WHEN v.digest = %(nothing)s THEN 'safe'
            WHEN k.judged = 'safe' AND k.covers = 'whatever'
                AND NOT {handled_otherwise} AND NOT {holds_text} THEN 'safe'
            ELSE 'open' END AS judged
        FROM {source}
        JOIN review_element e ON e.id = ev.element_id
        JOIN review_knownelement k
            ON k.project_id = e.project_id AND k.digest = e.digest AND k.is_begun
        JOIN review_value v ON v.id = ev.value_id
        LEFT JOIN review_judgedvalue jv ON jv.known_id = k.id AND jv.value_digest = v.digest
        WHERE {which}
    ) found
    WHERE review_elementvalue.element_id = found.element_id
        AND review_elementvalue.value_id = found.value_id
        AND review_elementvalue.judged <> found.judged
"""
OF_SERIES = {
    "source": "review_seriesvalue sv JOIN review_elementvalue ev "
    "ON ev.element_id = sv.element_id AND ev.value_id = sv.value_id AND ev.judged = ''",
    "which": "sv.series_id IN ({series})",
}
OF_ELEMENTS = {"source": "review_elementvalue ev", "which": "ev.element_id IN ({elements})"}


def settle(*, series: Collection[int] = (), elements: Collection[int] = ()) -> None:
    """Let elements stand as the verdicts and the data say, after series came or went.

    The caller holds the project's lock and the transaction.

    Args:
        series: those that were merged, with their rows.
        elements: others to look at, such as those of a series that went.
    """
    touched = set(elements)
    if series:
        touched.update(_elements_of(series))
    for some in parts(sorted(touched)):
        run(LEARN, elements=some)
    if series:
        run(LOOK_UP.format(**OF_SERIES, **LAPSE), series=series)
        for some in parts(sorted(touched)):
            _apply_patterns(some, series)
    restand(touched)


def look_up(elements: Collection[int]) -> None:
    """Look up all values of elements anew, after a verdict on them."""
    for some in parts(sorted(elements)):
        run(LOOK_UP.format(**OF_ELEMENTS, **LAPSE), elements=some)


def restand(elements: Collection[int]) -> None:
    """Write how elements stand, where that is not what stands there."""
    found = facts_of(elements)
    if lapsed := [facts.element for facts in found if facts.is_to_be_looked_up]:
        look_up(lapsed)
        found = facts_of(elements)
    changed = [facts for facts in found if facts.is_to_be_written]
    if not changed:
        return
    dates = dict(
        KnownElement.objects.filter(pk__in=[facts.known for facts in changed]).values_list(
            "pk", "reopened_at"
        )
    )
    now = timezone.now()
    shown, known = [], []
    for facts in changed:
        was_new = facts.known_standing == Standing.NEW
        at = (dates[facts.known] if was_new else now) if facts.standing == Standing.NEW else None
        how = {"standing": facts.standing, "reopened_at": at}
        shown.append(Element(pk=facts.element, open_value_count=facts.opened, **how))
        known.append(KnownElement(pk=facts.known, **how))
    columns = ["standing", "reopened_at"]
    update(shown, [*columns, "open_value_count"])
    update(known, columns)


def _apply_patterns(elements: Collection[int], series: Collection[int]) -> None:
    """Judge the open values that series brought by the patterns that count."""
    known = KnownElement.objects.filter(
        project=OuterRef("project"), digest=OuterRef("digest"), has_patterns=True
    )
    with_patterns = Element.objects.filter(pk__in=elements).annotate(
        known=Subquery(known.values("pk"))
    )
    for element in with_patterns.exclude(known=None):
        brought = SeriesValue.objects.filter(series__in=series, element=element)
        opened = ElementValue.objects.filter(
            element=element, judged=ValueStanding.OPEN, value__in=brought.values("value")
        )
        values = Value.objects.filter(pk__in=opened.values("value"))
        _judge_by_patterns(KnownElement.objects.get(pk=element.known), values)
        look_up([element.pk])


def patterns_of(known: KnownElement) -> list[Verdict]:
    """Return the verdicts on patterns that count, the newest of each pattern.

    What was called not safe comes first: no other pattern lets it pass.
    """
    newest: dict[str, Verdict] = {}
    for verdict in known.verdicts.exclude(pattern="").order_by("-pk"):
        if verdict.counts:
            newest.setdefault(verdict.pattern, verdict)
    worst_first = [Judgement.UNSAFE, Judgement.UNSURE, Judgement.SAFE]
    return sorted(newest.values(), key=lambda one: worst_first.index(Judgement(one.judged)))


def _judge_by_patterns(known: KnownElement, values: Iterable[Value]) -> None:
    patterns = [(ValuePattern(one.pattern), one) for one in patterns_of(known)]
    judged = []
    for value in values:
        verdict = next((one for pattern, one in patterns if pattern.fits(value.text)), None)
        if verdict is not None:
            judged.append(
                JudgedValue(
                    known=known, value_digest=value.digest, judged=verdict.judged, verdict=verdict
                )
            )
    JudgedValue.objects.bulk_create(
        judged,
        update_conflicts=True,
        unique_fields=["known", "value_digest"],
        update_fields=["judged", "verdict"],
    )


def _elements_of(series: Collection[int]) -> list[int]:
    statement = "SELECT DISTINCT element_id FROM review_serieselement WHERE series_id IN ({series})"
    return [row[0] for row in run(statement, series=series)]
