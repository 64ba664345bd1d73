"""The pages of the review: who may open them, what they say, how they are narrowed."""

import csv
import io

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from projects.models import AuditEvent
from review.models import Element, ElementValue, IndexState, ResearchStudy
from tests.review.copies import participant_of

pytestmark = pytest.mark.django_db


def element(project, path):
    return project.elements.get(path=path)


def addresses(project):
    """Every page of the room."""
    row = ElementValue.objects.filter(element__project=project).first()
    acronym, pk = project.acronym, row.element_id
    return [
        reverse("review", args=[acronym]),
        reverse("review-download", args=[acronym, "inventory", "csv"]),
        reverse("review-element", args=[acronym, pk]),
        reverse("review-examples", args=[acronym, pk]),
        reverse("review-places", args=[acronym, pk, row.value_id]),
    ]


def paths(response):
    return [row.path for row in response.context["page"]]


def test_an_owner_opens_every_page(client, owner, reviewed):
    client.force_login(owner)

    for address in addresses(reviewed):
        assert client.get(address).status_code == 200, address


def test_a_member_of_another_project_finds_no_page(client, stranger, reviewed):
    client.force_login(stranger)

    for address in addresses(reviewed):
        assert client.get(address).status_code == 404, address


def test_who_sees_the_project_and_may_not_review_is_refused(client, auditor, reviewed):
    client.force_login(auditor)

    for address in addresses(reviewed):
        assert client.get(address).status_code == 403, address


def test_an_anonymous_person_is_sent_to_sign_in(client, reviewed):
    for address in addresses(reviewed):
        response = client.get(address)
        assert response.status_code == 302
        assert reverse("sign-in") in response["Location"]


def test_an_element_of_another_project_is_not_found_under_ones_own(client, stranger, reviewed):
    client.force_login(stranger)
    pk = reviewed.elements.first().pk

    assert client.get(reverse("review-element", args=["OTHER", pk])).status_code == 404


def test_the_number_names_the_project_too(client, owner, reviewed):
    client.force_login(owner)

    assert client.get(reverse("review", args=[reviewed.number])).status_code == 200


def test_the_inventory_says_how_things_stand(client, owner, reviewed):
    client.force_login(owner)

    response = client.get(reverse("review", args=["BICAM"]))

    assert "2 studies, 7 images of 2 participants" in response.content.decode()
    row = next(one for one in response.context["page"] if one.path == "(0008,1010)")
    assert (row.instance_count, row.series_count, row.participant_count) == (7, 3, 2)
    assert (row.distinct_count, row.across, row.within) == (2, "differ", "differ")


def test_an_empty_project_says_what_will_appear(client, owner, bicam):
    client.force_login(owner)

    page = client.get(reverse("review", args=["BICAM"])).content.decode()

    assert "Nothing to review yet" in page


def test_a_study_that_could_not_be_indexed_is_said(client, owner, reviewed):
    ResearchStudy.objects.filter(participant=participant_of(reviewed, 1)).update(
        state=IndexState.FAILED
    )
    client.force_login(owner)

    page = client.get(reverse("review", args=["BICAM"])).content.decode()

    assert "1 study could not be indexed and is missing below" in page


@pytest.mark.parametrize(
    ("query", "present", "absent"),
    [
        ("kind=private", [], ["(0008,0060)"]),
        ("kind=text", ["(0020,4000)", "(0008,0060)"], ["(0028,0010)"]),
        ("vr=US", ["(0028,0010)"], ["(0008,0060)"]),
        ("modality=CT", ["(0008,0060)"], ["(0020,4000)"]),
        ("across=differ", ["(0008,1010)"], ["(0008,0005)"]),
        ("within=same", ["(0020,4000)"], ["(0008,1010)"]),
        ("modality=XX&vr=ZZ&kind=nothing&sort=;drop", ["(0008,0060)", "(0020,4000)"], []),
    ],
)
def test_the_inventory_is_narrowed_from_closed_lists(
    client, owner, reviewed, query, present, absent
):
    client.force_login(owner)

    found = paths(client.get(f"{reverse('review', args=['BICAM'])}?{query}"))

    assert set(present) <= set(found)
    assert not set(absent) & set(found)


@pytest.mark.parametrize("sort", ["tag", "-instances", "name", "-values", "across", "within"])
def test_the_inventory_is_sorted(client, owner, reviewed, sort):
    client.force_login(owner)
    column = {
        "tag": "path",
        "-instances": "instance_count",
        "name": "keyword",
        "-values": "distinct_count",
        "across": "across",
        "within": "within",
    }[sort]

    page = client.get(f"{reverse('review', args=['BICAM'])}?sort={sort}").context["page"]

    values = [getattr(row, column) for row in page]
    assert values == sorted(values, reverse=sort.startswith("-"))


@pytest.mark.parametrize(
    ("words", "path"),
    [
        ("image comments", "(0020,4000)"),
        ("ImageComm", "(0020,4000)"),
        ("0020,4000", "(0020,4000)"),
        ("(0020,4000)", "(0020,4000)"),
        ("00204000", "(0020,4000)"),
    ],
)
def test_elements_are_found_by_tag_and_name(client, owner, reviewed, words, path):
    client.force_login(owner)

    response = client.post(reverse("review", args=["BICAM"]), {"words": words, "place": "names"})

    assert paths(response) == [path]


def test_elements_are_found_by_their_values(client, owner, reviewed):
    client.force_login(owner)

    response = client.post(
        reverse("review", args=["BICAM"]), {"words": "Patient Moved", "place": "values"}
    )

    assert paths(response) == ["(0020,4000)"]


def test_who_searches_values_is_on_record_once_an_hour_and_without_the_words(
    client, owner, reviewed
):
    client.force_login(owner)

    for words in ("Patient Moved", "Patient"):
        asked = {"words": words, "place": "values"}
        client.post(reverse("review", args=["BICAM"]), asked)
        client.post("/api/v1/projects/BICAM/tags/search/", asked, "application/json")
    client.post(reverse("review", args=["BICAM"]), {"words": "Comments", "place": "names"})

    event = AuditEvent.objects.get(verb="searched_values")
    assert (event.actor, event.facts) == (owner, {})


def test_words_in_an_address_are_not_listened_to(client, owner, reviewed):
    client.force_login(owner)

    response = client.get(reverse("review", args=["BICAM"]) + "?words=ImageComments")

    assert len(paths(response)) > 10


def test_htmx_gets_the_table_alone(client, owner, reviewed):
    client.force_login(owner)

    response = client.post(
        reverse("review", args=["BICAM"]), {"words": "modality"}, headers={"HX-Request": "true"}
    )

    assert response.content.decode().strip().startswith('<div id="elements"')


def test_the_values_of_an_element_have_their_counts_and_places(client, owner, reviewed):
    client.force_login(owner)
    shown = element(reviewed, "(0020,4000)")

    response = client.post(reverse("review-element", args=["BICAM", shown.pk]), {"show": shown.pk})

    found = {
        row.text: (row.instance_count, row.series_count, row.participant_count)
        for row in response.context["page"]
    }
    assert found == {"patient moved": (3, 1, 1), "repeat": (2, 1, 1)}
    assert "BICAM_0001" in response.content.decode()


def test_values_are_searched(client, owner, reviewed):
    client.force_login(owner)
    shown = element(reviewed, "(0020,4000)")

    response = client.post(
        reverse("review-element", args=["BICAM", shown.pk]), {"words": "MOVED", "show": shown.pk}
    )

    assert [row.text for row in response.context["page"]] == ["patient moved"]


def test_a_value_leads_to_its_series(client, owner, reviewed):
    client.force_login(owner)
    row = element(reviewed, "(0020,4000)").element_values.get(value__text="repeat")

    response = client.get(reverse("review-places", args=["BICAM", row.element_id, row.value_id]))

    places = [
        (p.series.study.participant.pseudonym, p.instance_count) for p in response.context["page"]
    ]
    assert places == [("BICAM_0002", 2)]


def test_what_a_value_says_is_shown_as_text(client, owner, reviewed):
    client.force_login(owner)
    row = element(reviewed, "(0020,4000)").element_values.get(value__text="repeat")
    type(row.value).objects.filter(pk=row.value_id).update(text="<b>bold</b>")

    address = reverse("review-element", args=["BICAM", row.element_id])
    page = client.post(address, {"show": row.element_id}).content.decode()

    assert "&lt;b&gt;bold" in page
    assert "<b>bold" not in page


def test_the_number_of_queries_does_not_grow_with_what_is_shown(
    client, owner, reviewed, django_assert_num_queries, django_assert_max_num_queries
):
    client.force_login(owner)
    shown = element(reviewed, "(0020,4000)")
    assert Element.objects.count() > 20

    client.get(reverse("review", args=["BICAM"]))  # a session notes its first page
    with django_assert_max_num_queries(17):
        client.get(reverse("review", args=["BICAM"]))
    with django_assert_max_num_queries(25):
        client.get(reverse("review-element", args=["BICAM", shown.pk]))


def test_the_download_is_a_row_per_element_and_is_recorded(client, owner, reviewed):
    client.force_login(owner)

    response = client.get(reverse("review-download", args=["BICAM", "inventory", "csv"]))

    rows = list(csv.DictReader(io.StringIO(b"".join(response).decode())))
    assert len(rows) == reviewed.elements.count()
    comments = next(row for row in rows if row["path"] == "(0020,4000)")
    assert (comments["tag"], comments["keyword"]) == ("0020,4000", "ImageComments")
    assert (comments["instances"], comments["participants"]) == ("5", "2")
    assert (comments["across_participants"], comments["within_a_participant"]) == ("differ", "same")
    event = AuditEvent.objects.get(verb="downloaded_inventory")
    assert (event.actor, event.project) == (owner, reviewed)


def test_the_command_writes_the_same_table(client, owner, reviewed, capsys):
    client.force_login(owner)
    page = b"".join(
        client.get(reverse("review-download", args=["BICAM", "inventory", "csv"]))
    ).decode()

    call_command("review", "BICAM", "--csv")

    printed = capsys.readouterr().out
    assert list(csv.reader(io.StringIO(printed))) == list(csv.reader(io.StringIO(page)))
    assert "instances" in printed.splitlines()[0].split(",")


def test_the_command_refuses_a_project_that_is_not_there(db):
    with pytest.raises(CommandError, match="There is no project of this name"):
        call_command("review", "NOBODY", "--csv")


def test_reindexing_builds_the_same_index_again(reviewed, capsys):
    def counted():
        return sorted(reviewed.elements.values_list("path", "instance_count", "value_count"))

    before = counted()
    Element.objects.filter(path="(0020,4000)").update(instance_count=99)
    Element.objects.filter(path="(0008,0060)").update(path="(0008,0061)")

    call_command("reindex", "BICAM")

    assert "2 studies indexed, 0 not." in capsys.readouterr().out
    assert counted() == before
