"""Series that come and go in any order: every sum equals what a recount of their rows gives."""

from collections import defaultdict
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deidentify.inventory import ElementRow
from deidentify.inventory_rulings import Ruling
from review.merging import put_series, remove_series
from review.models import (
    Element,
    ElementDecision,
    ElementLook,
    ElementUse,
    ElementValue,
    Origin,
    OriginValue,
    ParticipantValue,
    ResearchSeries,
    ResearchStudy,
    SeriesElement,
    SeriesValue,
    Value,
)
from review.series_rows import Arrival
from tests.review.copies import new_transfer, participant_of
from transfers.models import Run
from transfers.planning import current_plan
from transfers.states import State

pytestmark = pytest.mark.django_db

PATHS = ("(0008,1030)", "(0020,4000)", '(0019,"ACME",01)')
TEXTS = ("", "calm", "moved", "Kari Nordheim")
STUDIES = 3

contents = st.fixed_dictionaries(
    {},
    optional={
        path: st.tuples(
            st.dictionaries(st.sampled_from(TEXTS), st.integers(1, 3), min_size=1, max_size=3),
            st.sampled_from(["LO", "SH"]),
            st.sampled_from("KC"),
        )
        for path in PATHS
    },
)
SERIES = 3
steps = st.lists(
    st.tuples(
        st.integers(0, STUDIES - 1),
        st.dictionaries(st.integers(0, SERIES - 1), st.none() | contents, min_size=1),
    ),
    max_size=6,
)


class Undone(Exception):
    """Ends one example: what it wrote goes with it."""


@pytest.fixture
def studies(bicam):
    """Three studies, two of them of one participant, each claimed by a worker."""
    claimed = []
    for number in range(STUDIES):
        transfer = new_transfer(participant_of(bicam, 1 + number // 2))
        run = Run.objects.create(
            transfer=transfer,
            number=1,
            plan_version=current_plan(bicam),
            state=State.DELIVERED,
            ended_at=timezone.now(),
        )
        row = ResearchStudy.objects.create(
            transfer=transfer,
            run=run,
            project=bicam,
            participant=transfer.participant,
            event=transfer.event,
        )
        claimed.append(ResearchStudy.objects.claim(row.pk, owner=uuid4()))
    return claimed


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=steps)
def test_sums_equal_a_recount_after_any_coming_and_going(studies, steps):
    for study in studies:
        study.refresh_from_db()
    with pytest.raises(Undone), transaction.atomic():  # noqa: PT012 - the whole example is undone
        for study, contents_by_uid in steps:
            move(studies[study], contents_by_uid)

        check()
        raise Undone


def move(study, contents_by_uid):
    """Put some series together, and take others out; to take out what is not there is nothing."""
    gone = [f"2.25.{uid}" for uid, content in contents_by_uid.items() if content is None]
    if known := list(study.series.filter(series_instance_uid__in=gone)):
        remove_series(study, known)
    came = [
        arrival(study, uid, content)
        for uid, content in contents_by_uid.items()
        if content is not None
    ]
    if came:
        put_series(study, came)


def arrival(study, uid, content):
    rows = [
        ElementRow(
            path=path,
            tag=path[-10:-1] if '"' not in path else "0019,xx01",
            vr=vr,
            keyword="",
            creator="ACME" if '"' in path else "",
            instances=max(values.values()),
            values=values,
            distinct=len(values),
            is_capped=False,
        )
        for path, (values, vr, _) in content.items()
    ]
    new = ResearchSeries(
        series_instance_uid=f"2.25.{uid}",
        origin=Origin(modality="MR" if uid else "CT"),
        plan_version=study.run.plan_version,
        instance_count=3,
        content="0" * 64,
    )
    decided = {path: Ruling(action, "a row") for path, (_, _, action) in content.items()}
    return Arrival(new, rows, decided)


def check():
    """Compare all sums with the rows of the series, counted here."""
    origins = dict(ResearchSeries.objects.values_list("pk", "origin"))
    people = dict(ResearchSeries.objects.values_list("pk", "study__participant"))
    parts = dict(ResearchSeries.objects.values_list("pk", "study"))
    by_value, by_person, by_origin = defaultdict(list), defaultdict(list), defaultdict(list)
    for row in SeriesValue.objects.all():
        by_value[row.element_id, row.value_id].append(row)
        by_person[people[row.series_id], row.element_id, row.value_id].append(row)
        by_origin[origins[row.series_id], row.element_id, row.value_id].append(row)
    elements, uses, decisions = defaultdict(list), defaultdict(list), defaultdict(int)
    for row in SeriesElement.objects.all():
        elements[row.element_id].append(row)
        uses[row.element_id, origins[row.series_id], row.vr].append(row)
        decisions[row.decision_id] += 1

    assert summed(ElementValue, "element_id", "value_id") == counted(by_value)
    assert summed(ParticipantValue, "participant_id", "element_id", "value_id") == counted(
        by_person
    )
    assert summed(OriginValue, "origin_id", "element_id", "value_id") == counted(by_origin)
    assert summed(ElementUse, "element_id", "origin_id", "vr") == counted(uses)
    assert dict(ElementDecision.objects.values_list("pk", "series_count")) == decisions
    assert set(Element.objects.values_list("pk", flat=True)) == set(elements)
    assert set(Value.objects.values_list("pk", flat=True)) == {value for _, value in by_value}
    assert set(Origin.objects.values_list("pk", flat=True)) == set(origins.values())
    looks = defaultdict(int)
    for element, value in by_value:
        if found := Value.objects.get(pk=value).looks:
            looks[element, found] += 1
    kept = ElementLook.objects.values_list("element_id", "looks", "value_count")
    assert {(element, found): number for element, found, number in kept} == looks
    for element in Element.objects.all():
        check_element(element, elements[element.pk], by_value, people, parts)


def check_element(element, rows, by_value, people, parts):
    """Compare what one element counts in all."""
    values = {value: found for (pk, value), found in by_value.items() if pk == element.pk}
    owners = {value: {people[row.series_id] for row in found} for value, found in values.items()}
    assert element.series_count == len(rows)
    assert element.instance_count == sum(row.instance_count for row in rows)
    assert element.study_count == len({parts[row.series_id] for row in rows})
    assert element.participant_count == len({people[row.series_id] for row in rows})
    assert element.value_count == len(values)
    assert element.participant_value_count == sum(map(len, owners.values()))
    assert element.lone_value_count == sum(len(found) == 1 for found in owners.values())
    has_name = any(Value.objects.get(pk=value).looks == "N" for value in values)
    assert ("name" in [code for code, _ in element.risk_reasons]) == has_name


def summed(model, *names):
    """What a table of sums says: instances and series by key."""
    rows = model.objects.values_list(*names, "instance_count", "series_count")
    return {row[: len(names)]: row[len(names) :] for row in rows}


def counted(rows_by_key):
    """The same of the series' own rows."""
    return {
        key: (sum(row.instance_count for row in rows), len(rows))
        for key, rows in rows_by_key.items()
    }


def test_a_series_that_is_replaced_keeps_its_values_as_old_as_they_were(studies):
    content = {PATHS[0]: ({"calm": 2}, "LO", "K")}
    move(studies[0], {1: content})
    before = ElementValue.objects.get().first_seen_at

    move(studies[0], {1: {PATHS[0]: ({"calm": 1, "moved": 1}, "LO", "K")}})

    seen = dict(ElementValue.objects.values_list("value__text", "first_seen_at"))
    assert seen["calm"] == before < seen["moved"]
    assert Element.objects.get().changed_at == seen["moved"]
