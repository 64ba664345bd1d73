"""How every element stands, kept right while series come and go.

What people judged is kept by digests (review/models/verdicts.py). `settle` looks up what a merge
brought: it reads a few rows per element of the merged series, whatever the size of the project,
and runs under the project's lock and in the merge's transaction.

An element stands SAFE when somebody judged it so and nothing has come since that they did not
see: no value that is not judged, no more values that are only counted, nothing else that the plan
does with it. It stands UNSAFE while a value that was called unsafe is there, and settles by
itself when the last of these is gone. An element that is empty wherever it is needs no verdict.
"""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
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
from review.states import WHATEVER_VRS, WRITTEN, Covers, Judgement, Standing, ValueStanding
from review.value_patterns import ValuePattern

NOTHING = hashlib.sha256(b"").hexdigest()
"""The digest of the empty value, which needs no verdict."""
AT_ONCE = 1000

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

# Something is done with the element now that was not when somebody was done with it.
HANDLED_OTHERWISE = """
    EXISTS (
        SELECT 1 FROM review_elementdecision d
        WHERE d.element_id = e.id AND NOT EXISTS (
            SELECT 1 FROM review_judgedhandling h
            WHERE h.known_id = k.id AND h.action = d.action AND h."row" = d."row"
        )
    )
"""
HANDLED_SO = """
    EXISTS (
        SELECT 1 FROM review_elementdecision d JOIN review_judgedhandling h
            ON h.known_id = k.id AND h.action = d.action AND h."row" = d."row"
        WHERE d.element_id = e.id
    )
"""
# What people write stands under the path somewhere, and is not all the plan's own.
HOLDS_TEXT = f"""
    (EXISTS (
        SELECT 1 FROM review_elementuse u WHERE u.element_id = e.id
            AND u.vr NOT IN ({", ".join(f"'{vr}'" for vrs in WHATEVER_VRS.values() for vr in vrs)})
    ) AND EXISTS (
        SELECT 1 FROM review_elementdecision d WHERE d.element_id = e.id
            AND d.action NOT IN ({", ".join(f"'{letter}'" for letter in sorted(WRITTEN))})
    ))
"""  # noqa: S608 - letters of our own

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
LAPSE = {"handled_otherwise": HANDLED_OTHERWISE, "holds_text": HOLDS_TEXT}
"""When a verdict on a whole element is not about what is there now."""

FACTS = """
    SELECT e.id, e.standing, e.open_value_count, k.id, k.standing,
        COALESCE(e.reopened_at = k.reopened_at, e.reopened_at IS NULL AND k.reopened_at IS NULL),
        e.value_count, e.unlisted_count, k.judged, k.covers, k.is_begun,
        k.came_late OR k.settled_at IS NOT NULL,
        CASE WHEN k.is_begun THEN (SELECT COUNT(*) FROM review_elementvalue ev
            WHERE ev.element_id = e.id AND ev.judged = 'open') ELSE e.value_count END,
        CASE WHEN k.is_begun THEN EXISTS (SELECT 1 FROM review_elementvalue ev
            WHERE ev.element_id = e.id AND ev.judged = 'unsafe') ELSE %(no)s END,
        CASE WHEN k.is_begun THEN EXISTS (SELECT 1 FROM review_elementvalue ev
            WHERE ev.element_id = e.id AND ev.judged = 'unsure') ELSE %(no)s END,
        CASE WHEN k.settled_at IS NULL THEN %(no)s ELSE {handled_otherwise} END,
        CASE WHEN k.judged = 'unsafe' THEN {handled_so} ELSE %(no)s END,
        CASE WHEN k.covers = 'whatever' THEN {holds_text} ELSE %(no)s END,
        CASE WHEN e.unlisted_count > 0 OR e.value_count > 1 THEN %(no)s ELSE NOT EXISTS (
            SELECT 1 FROM review_elementvalue ev JOIN review_value v ON v.id = ev.value_id
            WHERE ev.element_id = e.id AND v.digest <> %(nothing)s
        ) END
    FROM review_element e
    JOIN review_knownelement k ON k.project_id = e.project_id AND k.digest = e.digest
    WHERE e.id IN ({elements})
"""


@dataclass(frozen=True)
class Facts:
    """What decides how one element stands, in the order of FACTS."""

    element: int
    standing_before: str
    open_before: int
    known: int
    known_standing: str
    is_dated_alike: bool
    value_count: int
    unlisted_count: int
    judged: str
    covers: str
    is_begun: bool
    is_reopened: bool  # by whatever is open now, since somebody was done before or it came late
    open_count: int
    has_unsafe: bool
    has_unsure: bool
    is_handled_otherwise: bool
    is_handled_so: bool  # some of it, of what was called not safe
    holds_text: bool  # of what was called safe whatever its values
    is_empty: bool

    @property
    def is_to_be_written(self) -> bool:
        """Whether how it stands is not what stands in its rows."""
        before = (self.standing_before, self.open_before, self.known_standing, self.is_dated_alike)
        return before != (self.standing, self.opened, self.standing, True)

    @property
    def judged_now(self) -> str:
        """The verdict on the whole element, as long as the plan does what it did then.

        What was called not safe stays so while any of it is as it was.
        """
        if self.is_handled_otherwise and not (
            self.judged == Judgement.UNSAFE and self.is_handled_so
        ):
            return ""
        return self.judged

    @property
    def is_whatever(self) -> bool:
        """Whether somebody called it safe whatever its values, and that is still about it."""
        is_so = self.judged_now == Judgement.SAFE and self.covers == Covers.WHATEVER
        return is_so and not self.holds_text

    @property
    def is_to_be_looked_up(self) -> bool:
        """Whether its values still stand as when it was, or was not, safe whatever they are."""
        if self.judged != Judgement.SAFE or self.covers != Covers.WHATEVER:
            return False
        if self.is_whatever:
            return self.known_standing in (Standing.NEW, Standing.UNJUDGED)
        return self.known_standing == Standing.SAFE

    @property
    def opened(self) -> int:
        """How many listed values still wait for somebody."""
        if self.is_empty:
            return 0
        return 0 if self.is_whatever else self.open_count

    @property
    def standing(self) -> Standing:
        """How the element stands."""
        if self.has_unsafe or self.judged_now == Judgement.UNSAFE:
            return Standing.UNSAFE
        if self.is_empty:
            return Standing.SAFE
        if self.has_unsure or self.judged_now == Judgement.UNSURE:
            return Standing.UNSURE
        if self._is_covered:
            return Standing.SAFE
        return Standing.NEW if self.is_reopened else Standing.UNJUDGED

    @property
    def _is_covered(self) -> bool:
        """Whether somebody called safe all that is there."""
        if self.is_handled_otherwise or not self.is_begun:
            return False
        if self.is_whatever:
            return True
        return self.open_count == 0 and self.unlisted_count == 0 and self.value_count > 0


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
    for some in _parts(sorted(touched)):
        _run(LEARN, elements=some)
    if series:
        _run(LOOK_UP.format(**OF_SERIES, **LAPSE), series=series)
        for some in _parts(sorted(touched)):
            _apply_patterns(some, series)
    restand(touched)


def look_up(elements: Collection[int]) -> None:
    """Look up all values of elements anew, after a verdict on them."""
    for some in _parts(sorted(elements)):
        _run(LOOK_UP.format(**OF_ELEMENTS, **LAPSE), elements=some)


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


def facts_of(elements: Collection[int]) -> list[Facts]:
    """Return what decides how each element stands."""
    found = []
    for some in _parts(sorted(elements)):
        found += [Facts(*row) for row in _run(FACTS, elements=some)]
    return found


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
    return [row[0] for row in _run(statement, series=series)]


def _run(
    statement: str, *, elements: Collection[int] = (), series: Collection[int] = ()
) -> list[tuple[Any, ...]]:
    """Run one statement; `{elements}` and `{series}` in it are lists of ids."""
    names = {f"e{n}": pk for n, pk in enumerate(elements)}
    names |= {f"s{n}": pk for n, pk in enumerate(series)}
    lists = {
        "elements": ", ".join(f"%(e{n})s" for n in range(len(elements))),
        "series": ", ".join(f"%(s{n})s" for n in range(len(series))),
        "handled_so": HANDLED_SO,
        **LAPSE,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement.format(**lists), {**names, "nothing": NOTHING, "no": False})
        return cursor.fetchall() if cursor.description else []


def _parts(ids: list[int]) -> Iterable[list[int]]:
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))
