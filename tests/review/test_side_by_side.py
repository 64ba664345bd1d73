"""Two studies, or two scanners, side by side."""

import pytest
from django.urls import reverse

from projects.models import AuditEvent
from review.comparing import scanner_sides
from review.lists import Lists
from review.models import Element
from tests.datasets import make_mr_series
from tests.review.copies import index, new_run, new_transfer, participant_of

pytestmark = pytest.mark.django_db

ADDRESS = reverse("review-compare", args=["BICAM"])


@pytest.fixture
def scanners(reviewed, tmp_path):
    """Besides, a second MR scanner that writes one element less and one more."""
    files = make_mr_series(
        tmp_path / "4",
        n=2,
        Manufacturer="Philips",
        ManufacturerModelName="Ingenia",
        StationName="MR7",
        ImageType="ORIGINAL",
        AcquisitionContrast="T1",
    )
    new_run(new_transfer(participant_of(reviewed, 3)), files)
    index()
    Element.objects.filter(risk__gte=3).update(risk=2)
    return {side.label: side.key for side in scanner_sides(Lists.of(reviewed))}


@pytest.fixture
def signed_in(client, owner):
    client.force_login(owner)
    return client


def beside(client, a, b, kind="all"):
    return client.get(ADDRESS, {"a": a, "b": b, "kind": kind})


def lines(response):
    return {line.element.path: line for line in response.context["lines"]}


def test_only_reviewers_compare(client, request, reviewed):
    for who, status in (("owner", 200), ("stranger", 404), ("auditor", 403)):
        client.force_login(request.getfixturevalue(who))
        assert client.get(ADDRESS).status_code == status, who


def test_scanners_and_studies_are_offered(signed_in, scanners):
    page = signed_in.get(ADDRESS).content.decode()

    assert set(scanners) == {
        "GE MEDICAL SYSTEMS Revolution",
        "Philips Ingenia",
        "SIEMENS Prisma",
    }
    assert "Philips Ingenia" in page
    assert "BICAM_0001, baseline" in page


def test_two_scanners_are_told_apart(signed_in, scanners):
    found = lines(beside(signed_in, scanners["SIEMENS Prisma"], scanners["Philips Ingenia"]))

    assert found["(0020,4000)"].kind == "only_a"
    assert found["(0008,9209)"].kind == "only_b"
    assert found["(0008,1010)"].kind == "different"
    assert found["(0008,0060)"].kind == "same"
    assert found["(0008,0018)"].kind == "nature"
    assert (found["(0008,1010)"].a, found["(0008,1010)"].b) == (5, 2)
    station = found["(0008,1010)"]
    assert (station.values_a, station.values_b) == (["MR3T"], ["MR7"])


def test_what_differs_is_shown_first_and_the_rest_on_request(signed_in, scanners):
    a, b = scanners["SIEMENS Prisma"], scanners["Philips Ingenia"]

    found = lines(beside(signed_in, a, b, kind=""))

    assert {line.kind.value for line in found.values()} == {"only_a", "only_b", "different"}
    assert "(0008,9209)" in lines(beside(signed_in, a, b, kind="only_b"))
    assert "(0020,4000)" not in lines(beside(signed_in, a, b, kind="only_b"))


def test_two_studies_are_compared_by_all_their_series(signed_in, reviewed):
    first, second = reviewed.research_studies.all()

    found = lines(beside(signed_in, f"study-{first.pk}", f"study-{second.pk}"))

    station = found["(0008,1010)"]
    assert station.kind == "different"
    assert (station.values_a, station.values_b) == (["MR3T"], ["CT1", "MR3T"])
    assert found["(0018,0060)"].kind == "only_b"  # kVp, of CT alone


def test_a_study_is_put_beside_a_scanner(signed_in, reviewed, scanners):
    first = reviewed.research_studies.first()

    found = lines(beside(signed_in, f"study-{first.pk}", scanners["SIEMENS Prisma"]))

    assert (found["(0008,1010)"].a, found["(0008,1010)"].b) == (3, 5)
    assert found["(0008,1010)"].kind == "same"


def test_hidden_values_come_when_asked_for(signed_in, owner, reviewed):
    first, second = reviewed.research_studies.all()
    address = f"{ADDRESS}?a=study-{first.pk}&b=study-{second.pk}"
    comments = reviewed.elements.get(path="(0020,4000)")

    opened = signed_in.get(address)
    shown = signed_in.post(address, {"show": comments.pk})

    assert "patient moved" not in opened.content.decode()
    line = lines(shown)["(0020,4000)"]
    assert (line.values_a, line.values_b) == (["patient moved"], ["repeat"])
    assert AuditEvent.objects.get(verb="showed_values").actor == owner


def test_a_side_that_is_not_there_counts_as_not_chosen(signed_in, scanners):
    for a in ("", "study-", "study-x", "study-99999999", "scanner-0", "nothing"):
        response = signed_in.get(ADDRESS, {"a": a, "b": scanners["SIEMENS Prisma"]})
        assert response.status_code == 200, a
        assert "lines" not in response.context, a


def test_a_study_of_another_project_cannot_be_chosen(client, stranger, reviewed):
    client.force_login(stranger)
    study = reviewed.research_studies.first()

    response = client.get(reverse("review-compare", args=["OTHER"]), {"a": f"study-{study.pk}"})

    assert response.context["a"] is None


def test_a_side_is_not_compared_with_itself(signed_in, scanners):
    side = scanners["SIEMENS Prisma"]

    page = signed_in.get(ADDRESS, {"a": side, "b": side}).content.decode()

    assert "Both sides are the same" in page


def test_the_number_of_queries_does_not_grow(signed_in, scanners, django_assert_max_num_queries):
    with django_assert_max_num_queries(18):
        beside(signed_in, scanners["SIEMENS Prisma"], scanners["Philips Ingenia"])
