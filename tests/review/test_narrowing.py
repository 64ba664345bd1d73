"""Filters of the inventory: what is said of where data comes from has to fit one origin."""

import itertools
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from projects.models import Event, Site
from review.lists import Lists, token
from review.models import Element, ElementUse, Origin, ProjectIndex, Standing
from review.narrowing import Narrowing
from tests.factories import ElementFactory

pytestmark = pytest.mark.django_db

PRISMA, REVOLUTION = ("Siemens", "Prisma", "1"), ("GE", "Revolution", "2")
digests = itertools.count()


@pytest.fixture
def events(bicam):
    first = bicam.events.get(name="baseline")
    second, _ = Event.objects.get_or_create(project=bicam, name="6month")
    return first, second


@pytest.fixture
def sites(bicam):
    return [Site.objects.create(project=bicam, code=code, name="Ward") for code in (1, 2)]


def origin(project, modality, scanner, event, site=None):
    manufacturer, model, serial = scanner
    return Origin.objects.create(
        project=project,
        digest=f"{next(digests):064x}",
        modality=modality,
        manufacturer=manufacturer,
        manufacturer_model_name=model,
        device_serial_number=serial,
        event=event,
        site=site,
        series_count=1,
        instance_count=10,
    )


def element(project, path, uses):
    """An element that has images of origins, each with a VR and a number of images."""
    images = sum(count for _, _, count in uses)
    made = ElementFactory(project=project, path=path, instance_count=images)
    for place, vr, count in uses:
        ElementUse.objects.create(
            element=made, origin=place, vr=vr, instance_count=count, series_count=1
        )
    return made


@pytest.fixture
def scanners(bicam, events, sites):
    """Elements by where they are: an MR and a CT scanner, two events, two sites."""
    baseline, later = events
    mr = origin(bicam, "MR", PRISMA, baseline, sites[0])
    mr_later = origin(bicam, "MR", PRISMA, later, sites[1])
    ct = origin(bicam, "CT", REVOLUTION, baseline, sites[1])
    element(bicam, "(0008,0060)", [(mr, "CS", 3), (mr_later, "CS", 4), (ct, "CS", 5)])
    element(bicam, "(0018,0080)", [(mr, "DS", 3), (ct, "LO", 5)])
    element(bicam, "(0018,0060)", [(ct, "DS", 5)])
    ProjectIndex.objects.create(project=bicam, study_count=3, series_count=3, instance_count=12)
    return bicam


def found(project, **said):
    lists = Lists.of(project)
    return [row.path for row in Narrowing.read(said, lists=lists).apply(project, lists)]


@pytest.mark.parametrize(
    ("said", "paths"),
    [
        ({"modality": "MR"}, ["(0008,0060)", "(0018,0080)"]),
        ({"modality": "CT", "event": "6month"}, []),
        ({"event": "6month"}, ["(0008,0060)"]),
        ({"event": "6month", "site": "01"}, []),
        ({"event": "6month", "site": "02"}, ["(0008,0060)"]),
        ({"scanner": token(*REVOLUTION)}, ["(0008,0060)", "(0018,0060)", "(0018,0080)"]),
        ({"manufacturer": token("Siemens"), "modality": "CT"}, []),
        # it is a DS on the MR scanner and a LO on the CT scanner: no origin has a DS in CT
        ({"modality": "MR", "vr": "DS"}, ["(0018,0080)"]),
        ({"modality": "CT", "vr": "DS"}, ["(0018,0060)"]),
        ({"modality": "CT", "kind": "text"}, ["(0008,0060)", "(0018,0080)"]),
        ({"modality": "MR", "kind": "text"}, ["(0008,0060)"]),
    ],
)
def test_filters_combine_in_one_origin(scanners, said, paths):
    assert found(scanners, sort="tag", **said) == paths


def test_images_are_counted_where_the_filters_look(scanners):
    lists = Lists.of(scanners)
    narrowing = Narrowing.read({"modality": "MR", "sort": "-instances"}, lists=lists)

    rows = [(row.path, row.here_count) for row in narrowing.apply(scanners, lists)]

    assert rows == [("(0008,0060)", 7), ("(0018,0080)", 3)]


def test_what_stands_highest_in_risk_comes_first_unless_another_order_is_asked_for(scanners):
    Element.objects.filter(path="(0018,0060)").update(risk=4, risk_score=90)
    Element.objects.filter(path="(0018,0080)").update(risk=2, risk_score=30)

    assert found(scanners) == ["(0018,0060)", "(0018,0080)", "(0008,0060)"]
    assert found(scanners, risk="2") == ["(0018,0060)", "(0018,0080)"]
    assert found(scanners, risk="0") == ["(0008,0060)"]


def test_what_is_new_since_then_is_found(scanners):
    long_ago = timezone.now() - timedelta(days=20)
    Element.objects.update(first_seen_at=long_ago, changed_at=long_ago)
    Element.objects.filter(path="(0018,0060)").update(changed_at=timezone.now())

    assert found(scanners, since="week") == ["(0018,0060)"]
    assert len(found(scanners, since="month")) == 3
    assert len(found(scanners, since="sign_off")) == 3


def test_elements_are_found_by_how_they_stand(scanners):
    Element.objects.filter(path="(0018,0060)").update(standing=Standing.NEW)
    Element.objects.filter(path="(0018,0080)").update(standing=Standing.SAFE)

    assert found(scanners, verdict="new") == ["(0018,0060)"]
    assert found(scanners, verdict="to_judge") == ["(0008,0060)", "(0018,0060)"]
    assert found(scanners, verdict="safe") == ["(0018,0080)"]


def test_no_scanner_is_named_in_an_address(client, owner, scanners):
    client.force_login(owner)

    page = client.get(reverse("review", args=["BICAM"])).content.decode()

    assert "Siemens Prisma, serial number 1" in page
    assert f"scanner={token(*PRISMA)}" in page
    assert "scanner=Siemens" not in page


def test_a_menu_with_nothing_to_choose_between_is_left_out(client, owner, bicam, events):
    place = origin(bicam, "MR", PRISMA, events[0])
    element(bicam, "(0008,0060)", [(place, "CS", 1)])
    client.force_login(owner)

    menus = client.get(reverse("review", args=["BICAM"])).context["menus"]

    names = {menu.name for menu in menus}
    assert "Verdict" in names
    assert not names & {"Manufacturer", "Scanner", "Event", "Site", "VR"}


@pytest.mark.parametrize(
    ("back", "judged"),
    [("vr=LT&modality=MR", {"(0020,4000)"}), ("sort=tag", set()), ("", set())],
)
def test_all_that_the_filters_leave_are_judged_at_once(client, owner, reviewed, back, judged):
    client.force_login(owner)

    client.post(
        reverse("review-judge-many", args=["BICAM"]),
        {"all": "yes", "judged": "unsure", "reason": "not looked at yet", "back": back},
    )

    now = Element.objects.filter(standing=Standing.UNSURE)
    assert set(now.values_list("path", flat=True)) == judged
