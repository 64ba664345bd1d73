"""Putting a verdict into force: on an element, on values of it, and when a second person confirms.

The caller holds the project's lock and the transaction, and has checked who may.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from projects.canonical import canonical, digest_of
from review.models import Element, JudgedHandling, JudgedValue, KnownElement, Value, Verdict
from review.settling import look_up, restand, settle
from review.standing_facts import NOTHING, facts_of
from review.states import JUDGED, Covers, Judgement

CHUNK = 1000

# All listed values of an element that its reader saw. What was called unsafe one by one stays so.
COVER_LISTED = """
    INSERT INTO review_judgedvalue (known_id, value_digest, judged, {column})
    SELECT %(known)s, v.digest, %(judged)s, %(verdict)s
    FROM review_elementvalue ev JOIN review_value v ON v.id = ev.value_id
    WHERE ev.element_id = %(element)s AND v.digest <> %(nothing)s {seen}
    ON CONFLICT (known_id, value_digest) DO UPDATE SET {change}
    WHERE review_judgedvalue.judged IN ('', 'unsure')
"""
COUNTS = "judged = excluded.judged, verdict_id = excluded.verdict_id, waiting_id = NULL"
WAITS = "waiting_id = excluded.waiting_id"


def known_element(element: Element) -> KnownElement:
    """Return what is in force for an element that is in the index."""
    known = KnownElement.objects.filter(project=element.project_id, digest=element.digest)
    found = known.select_related("verdict", "waiting").first()
    if found is None:
        settle(elements=[element.pk])
        found = known.select_related("verdict", "waiting").get()
    return found


def handlings_of(element: Element) -> list[tuple[str, str]]:
    """Return what plans did with an element in the data that is there: letters and rows."""
    return sorted({(one.action, one.row) for one in element.decisions.all() if one.series_count})


def handling_digest(element: Element) -> str:
    """Return a digest of what plans did with an element."""
    return digest_of(canonical(handlings_of(element)))


def put_on_element(
    known: KnownElement, element: Element, verdict: Verdict, *, as_of: datetime | None
) -> None:
    """Put a verdict on a whole element into force, or let it wait.

    Values that came in after `as_of` are not covered. The caller lets the element stand anew.
    """
    if known.waiting_id:
        JudgedValue.objects.filter(known=known, waiting=known.waiting_id).update(waiting=None)
    if verdict.judged == Judgement.SAFE and verdict.covers == Covers.LISTED:
        _cover_listed(known, element, verdict, as_of)
    known.is_begun = True
    known.waiting = None if verdict.counts else verdict
    if verdict.counts:
        _take_effect(known, element, verdict)
    known.save()


def put_on_values(
    known: KnownElement, element: Element, verdict: Verdict, digests: Collection[str]
) -> None:
    """Put a verdict on values into force, or let it wait."""
    columns = ["judged", "verdict", "waiting"] if verdict.counts else ["waiting"]
    for some in _chunks(sorted(digests)):
        JudgedValue.objects.bulk_create(
            [
                JudgedValue(
                    known=known,
                    value_digest=digest,
                    judged=verdict.judged if verdict.counts else "",
                    verdict=verdict if verdict.counts else None,
                    waiting=None if verdict.counts else verdict,
                )
                for digest in some
            ],
            update_conflicts=True,
            unique_fields=["known", "value_digest"],
            update_fields=columns,
        )
    known.is_begun = True
    known.has_patterns = known.has_patterns or bool(verdict.pattern and verdict.counts)
    known.save()
    stand_anew([element.pk])
    _close(known, element)


def put_confirmed(known: KnownElement, element: Element, verdict: Verdict) -> None:
    """Put a verdict into force that waited for a second person."""
    JudgedValue.objects.filter(waiting=verdict).update(
        judged=verdict.judged, verdict=verdict, waiting=None
    )
    if known.waiting_id == verdict.pk:
        known.waiting = None
        _take_effect(known, element, verdict)
    known.has_patterns = known.has_patterns or bool(verdict.pattern)
    known.save()
    stand_anew([element.pk])
    _close(known, element)


def waits_still(known: KnownElement, verdict: Verdict) -> bool:
    """Tell whether a verdict still waits for a second person: nothing has replaced it."""
    if verdict.counts:
        return False
    return known.waiting_id == verdict.pk or JudgedValue.objects.filter(waiting=verdict).exists()


def digests_of(values: Collection[int]) -> list[str]:
    """Return the digests of values, without that of the empty one."""
    found: list[str] = []
    for some in _chunks(sorted(values)):
        found += Value.objects.filter(pk__in=some).values_list("digest", flat=True)
    return [digest for digest in found if digest != NOTHING]


def _cover_listed(
    known: KnownElement, element: Element, verdict: Verdict, as_of: datetime | None
) -> None:
    statement = COVER_LISTED.format(
        column="verdict_id" if verdict.counts else "waiting_id",
        change=COUNTS if verdict.counts else WAITS,
        seen="AND ev.first_seen_at <= %(as_of)s" if as_of else "",
    )
    names: dict[str, Any] = {
        "known": known.pk,
        "element": element.pk,
        "verdict": verdict.pk,
        "judged": verdict.judged if verdict.counts else "",
        "nothing": NOTHING,
        "as_of": connection.ops.adapt_datetimefield_value(as_of) if as_of else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, names)


def _take_effect(known: KnownElement, element: Element, verdict: Verdict) -> None:
    known.verdict, known.judged, known.covers = verdict, verdict.judged, verdict.covers
    _note_handling(known, element)


def _note_handling(known: KnownElement, element: Element) -> None:
    """Remember that somebody is done with an element as the plan handles it now."""
    known.settled_at = timezone.now()
    JudgedHandling.objects.filter(known=known).delete()
    JudgedHandling.objects.bulk_create(
        JudgedHandling(known=known, action=action, row=row) for action, row in handlings_of(element)
    )


def _close(known: KnownElement, element: Element) -> None:
    """After verdicts on its values one by one: note it if nothing is left to be judged."""
    (facts,) = facts_of([element.pk])
    nothing_open = facts.open_count == 0 and facts.unlisted_count == 0
    if (
        not nothing_open
        or facts.has_unsafe
        or facts.has_unsure
        or facts.judged_now == Judgement.UNSAFE
    ):
        return
    if facts.is_handled_otherwise or facts.holds_text:
        # what was said of the whole was said of what the plan did then, or of numbers
        known.judged, known.covers, known.verdict = "", "", None
    if facts.is_handled_otherwise or facts.standing in JUDGED:
        _note_handling(known, element)
        known.save()
        restand([element.pk])


def stand_anew(elements: Collection[int]) -> None:
    """Let elements stand as their verdicts now say."""
    look_up(elements)
    restand(elements)


def _chunks(whole: list) -> Iterator[list]:
    return (whole[start : start + CHUNK] for start in range(0, len(whole), CHUNK))
