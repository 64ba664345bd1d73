"""The list of studies, the tag summary of each, and a small picture of each series."""

import io

import pytest
from django.urls import reverse
from PIL import Image

from projects.models import AuditEvent
from review.models import Element, ResearchSeries
from tests.datasets import make_mr_series
from tests.review.copies import index, new_run, new_transfer, participant_of
from transfers.actions.verdicts import PICTURES
from transfers.models import Finding, Outcome

pytestmark = pytest.mark.django_db


def study_of(project, number):
    return project.research_studies.get(participant=participant_of(project, number))


def summary(project, number, query=""):
    return reverse("review-study", args=["BICAM", study_of(project, number).pk]) + query


def lines(response):
    return {line.element.path: line for line in response.context["lines"]}


def told(response, path):
    return [cell.strip() for cell in lines(response)[path].values]


@pytest.fixture
def compared(reviewed, tmp_path):
    """Besides, an MR study of a third participant, with an element that no other study has."""
    files = make_mr_series(
        tmp_path / "4", n=2, ImageComments="repeat", StationName="MR7", PregnancyStatus=4
    )
    new_run(new_transfer(participant_of(reviewed, 3)), files)
    index()
    Element.objects.filter(risk__gte=3).update(risk=2)
    return reviewed


@pytest.fixture
def signed_in(client, owner):
    client.force_login(owner)
    return client


def test_only_reviewers_open_studies_and_pictures(client, request, reviewed):
    addresses = (
        reverse("review-study-list", args=["BICAM"]),
        summary(reviewed, 1),
        reverse("review-picture", args=["BICAM", ResearchSeries.objects.first().pk]),
    )

    for who, status in (("owner", 200), ("stranger", 404), ("auditor", 403)):
        client.force_login(request.getfixturevalue(who))
        for address in addresses:
            assert client.get(address).status_code == status, (who, address)


def test_studies_are_listed_by_participant(signed_in, reviewed):
    page = signed_in.get(reverse("review-study-list", args=["BICAM"])).context["page"]

    rows = [(row.participant.pseudonym, row.series_count, row.modalities) for row in page]
    assert rows == [("BICAM_0001", 1, ["MR"]), ("BICAM_0002", 2, ["CT", "MR"])]


def test_studies_are_narrowed_by_closed_lists_and_searched_by_post(signed_in, reviewed):
    for query, words, found in (
        ("?modality=CT", "", ["BICAM_0002"]),
        ("?modality=CT&event=6month", "", ["BICAM_0002"]),  # not offered: nothing came then
        ("?modality=nothing", "", ["BICAM_0001", "BICAM_0002"]),
        ("", "_0001", ["BICAM_0001"]),
        ("?modality=CT", "_0001", []),
    ):
        address = reverse("review-study-list", args=["BICAM"]) + query
        page = signed_in.post(address, {"words": words}).context["page"]
        assert [row.participant.pseudonym for row in page] == found, (query, words)


def test_a_study_is_not_found_under_another_project(client, stranger, reviewed):
    client.force_login(stranger)

    address = reverse("review-study", args=["OTHER", study_of(reviewed, 1).pk])

    assert client.get(address).status_code == 404


def test_the_summary_begins_with_what_stands_out(signed_in, compared):
    found = lines(signed_in.get(summary(compared, 3)))

    assert found["(0010,21C0)"].sentence == "no other study has this element"
    assert found["(0008,1010)"].sentence == "its value is in no other study"
    assert found["(0020,4000)"].sentence == "one of 2 values of the project"
    assert "(0008,0005)" not in found  # the same in every study
    assert "(0008,0018)" not in found  # UIDs differ by nature


def test_each_kind_of_element_is_asked_for_by_its_chip(signed_in, compared):
    for kind, path, sentence in (
        ("only", "(0008,1010)", "its value is in no other study"),
        ("differs", "(0020,4000)", "one of 2 values of the project"),
        ("same", "(0008,0005)", "the same in every study that has it"),
        ("nature", "(0008,0018)", "differs from image to image, or from series to series"),
        ("all", "(0010,21C0)", "no other study has this element"),
    ):
        response = signed_in.get(summary(compared, 3, f"?kind={kind}"))
        assert lines(response)[path].sentence.startswith(sentence), kind
        counts = {word: count for _, word, count, _ in response.context["kinds"]}
        assert counts["all"] == sum(counts[one] for one in ("only", "differs", "same", "nature"))


def test_the_summary_counts_what_the_study_has(signed_in, compared):
    found = lines(signed_in.get(summary(compared, 2, "?kind=all")))

    assert (found["(0008,1010)"].images, found["(0008,1010)"].series) == (4, 2)
    assert (found["(0008,1010)"].value_count, found["(0008,1010)"].own_count) == (2, 1)
    assert told(signed_in.get(summary(compared, 2)), "(0008,1010)") == ["MR3T", "CT1"]


def test_hidden_values_of_a_study_come_when_asked_for(signed_in, owner, compared):
    comments = compared.elements.get(path="(0020,4000)")
    opened = signed_in.get(summary(compared, 2))

    shown = signed_in.post(summary(compared, 2), {"show": comments.pk})

    assert told(opened, "(0020,4000)") == []
    assert told(shown, "(0020,4000)") == ["repeat"]
    event = AuditEvent.objects.get(verb="showed_values")
    assert (event.actor, event.object_id) == (owner, comments.pk)


def test_htmx_gets_the_row_that_was_asked_for_alone(signed_in, compared):
    comments = compared.elements.get(path="(0020,4000)")

    response = signed_in.post(
        summary(compared, 2), {"show": comments.pk}, headers={"HX-Request": "true"}
    )

    page = response.content.decode()
    assert page.strip().startswith("<tr")
    assert page.count("<tr") == 1
    assert "repeat" in page


def test_descriptions_of_series_are_hidden_like_the_element_they_are(signed_in, reviewed):
    description = reviewed.elements.get(path="(0008,103E)")

    opened = signed_in.get(summary(reviewed, 2)).content.decode()
    shown = signed_in.post(summary(reviewed, 2), {"show": description.pk}).content.decode()

    assert "=1+1" not in opened
    assert "=1+1" in shown


def test_the_summary_of_the_only_study_says_so(signed_in, bicam, first, tmp_path):
    new_run(new_transfer(first), make_mr_series(tmp_path / "1", n=1))
    index()

    page = signed_in.get(summary(bicam, 1)).content.decode()

    assert "It is the only study so far" in page


def test_the_queries_of_a_summary_do_not_grow(signed_in, compared, django_assert_max_num_queries):
    signed_in.get(summary(compared, 2, "?kind=all"))  # a session notes its first page
    with django_assert_max_num_queries(16):
        signed_in.get(summary(compared, 2, "?kind=all"))


def test_a_series_has_a_small_picture(signed_in, reviewed):
    series = ResearchSeries.objects.filter(modality="MR").first()

    response = signed_in.get(reverse("review-picture", args=["BICAM", series.pk]))

    assert response["Content-Type"] == "image/png"
    assert max(Image.open(io.BytesIO(response.content)).size) <= 144
    assert response["Cache-Control"] == "private, no-store"


def test_an_image_that_waits_for_a_look_is_not_shown(signed_in, reviewed):
    series = ResearchSeries.objects.filter(modality="MR").first()
    images = Outcome.objects.filter(series_instance_uid=series.series_instance_uid)
    for outcome in images:
        Finding.objects.create(
            run=outcome.run, outcome=outcome, kind=PICTURES, sentence="Nobody has looked."
        )

    response = signed_in.get(reverse("review-picture", args=["BICAM", series.pk]))

    assert response["Content-Type"] == "image/svg+xml"
    assert b"No picture" in response.content
