"""REST of the review."""

import pytest
from django.urls import reverse

from projects.models import AuditEvent
from review.actions.verdicts import judge
from review.models import ElementValue

pytestmark = pytest.mark.django_db

LATER = {
    *("id", "risk", "risk_because", "plan_did", "standing", "values_to_judge", "first_seen_at"),
}


def addresses(project):
    pk = project.elements.get(path="(0020,4000)").pk
    return [
        reverse("api-tag-list", args=[project.acronym]),
        reverse("api-tag-values", args=[project.acronym, pk]),
        reverse("api-value-list", args=[project.acronym]),
        reverse("api-verdict-list", args=[project.acronym]),
        reverse("api-sign-off-list", args=[project.acronym]),
    ]


@pytest.mark.parametrize(
    ("who", "status"), [("owner", 200), ("stranger", 404), ("auditor", 403), (None, 401)]
)
def test_elements_are_given_to_those_who_may_review(client, request, reviewed, who, status):
    if who:
        client.force_login(request.getfixturevalue(who))

    for address in addresses(reviewed):
        assert client.get(address).status_code == status, address


def test_an_element_is_told_with_its_counts(client, owner, reviewed):
    client.force_login(owner)

    found = client.get(addresses(reviewed)[0] + "?vr=LT").json()

    assert found["count"] == 1
    (row,) = found["results"]
    element = reviewed.elements.get(path="(0020,4000)")
    assert (row["risk"], row["standing"]) == (element.risk, "unjudged")
    assert row["risk_because"]
    assert "cleaned" in row["plan_did"][0]
    counts = (name for name in row if name not in LATER)
    assert {name: row[name] for name in counts} == {
        "path": "(0020,4000)",
        "tag": "0020,4000",
        "keyword": "ImageComments",
        "name": "Image Comments",
        "vr": "LT",
        "private_creator": "",
        "instances": 5,
        "series": 2,
        "studies": 2,
        "participants": 2,
        "distinct_values": 2,
        "is_exact": True,
        "across_participants": "differ",
        "within_a_participant": "same",
    }


def told(rows):
    return [(row["value"], row["is_hidden"], row["instances"], row["participants"]) for row in rows]


def test_values_are_told_most_frequent_first(client, owner, reviewed):
    client.force_login(owner)
    address = addresses(reviewed)[1]

    hidden = client.get(address).json()
    shown = client.post(address, {"with_hidden": True}, "application/json").json()

    assert told(hidden["results"]) == [(None, True, 3, 1), (None, True, 2, 1)]
    assert told(shown["results"]) == [("patient moved", False, 3, 1), ("repeat", False, 2, 1)]
    assert AuditEvent.objects.filter(verb="showed_values", actor=owner).count() == 1


def test_values_are_searched_in_the_body(client, owner, reviewed):
    client.force_login(owner)
    asked = {"words": "REPE", "with_hidden": True}

    of_one = client.post(addresses(reviewed)[1], asked, "application/json").json()
    of_all = client.post(reverse("api-value-list", args=["BICAM"]), asked, "application/json")

    assert told(of_one["results"]) == [("repeat", False, 2, 1)]
    (row,) = of_all.json()["results"]
    assert (row["keyword"], row["value"]) == ("ImageComments", "repeat")
    assert AuditEvent.objects.filter(verb="listed_values", project=reviewed).count() == 1


def test_all_values_are_told_by_filters_and_counted_by_the_sums(
    client, owner, reviewed, django_assert_max_num_queries
):
    client.force_login(owner)
    address = reverse("api-value-list", args=["BICAM"])

    with django_assert_max_num_queries(14):
        everything = client.get(address).json()
    of_ct = client.get(address + "?modality=CT").json()

    rows = ElementValue.objects.filter(element__project=reviewed)
    assert everything["count"] == rows.count()
    assert 0 < of_ct["count"] < everything["count"]
    comments = [row for row in everything["results"] if row["keyword"] == "ImageComments"]
    assert {row["value"] for row in comments} == {None}
    assert "(0020,4000)" not in {row["path"] for row in of_ct["results"]}


def test_elements_are_searched_in_the_body(client, owner, reviewed):
    client.force_login(owner)
    address = reverse("api-tag-search", args=["BICAM"])

    by_name = client.post(address, {"words": "image comm"}, "application/json").json()
    by_value = client.post(
        address + "?modality=MR", {"words": "moved", "place": "values"}, "application/json"
    ).json()
    elsewhere = client.post(
        address + "?modality=CT", {"words": "moved", "place": "values"}, "application/json"
    ).json()

    assert [row["path"] for row in by_name["results"]] == ["(0020,4000)"]
    assert [row["path"] for row in by_value["results"]] == ["(0020,4000)"]
    assert elsewhere["results"] == []


def test_verdicts_and_sign_offs_are_told(client, owner, reviewed):
    element = reviewed.elements.get(path="(0020,4000)")
    judge(by=owner, project=reviewed, element=element, judged="unsure", reason="asked the scanner")
    client.force_login(owner)

    verdicts = client.get(reverse("api-verdict-list", args=["BICAM"]) + "?judged=unsure").json()
    others = client.get(reverse("api-verdict-list", args=["BICAM"]) + "?judged=safe").json()
    signed = client.get(reverse("api-sign-off-list", args=["BICAM"])).json()

    (row,) = verdicts["results"]
    assert (row["path"], row["judged"], row["given_by"]) == ("(0020,4000)", "unsure", "owner")
    assert row["reason"] == "asked the scanner"
    assert others["results"] == []
    assert signed["results"] == []


def test_research_studies_are_told_to_members(client, owner, reviewed):
    client.force_login(owner)

    found = client.get(reverse("api-research-study-list") + f"?project={reviewed.number}").json()

    second = found["results"][1]
    assert found["count"] == 2
    assert (second["participant"], second["event"]) == ("BICAM_0002", "baseline")
    assert sorted(series["modality"] for series in second["series"]) == ["CT", "MR"]


def test_research_studies_of_others_are_not_there(client, stranger, reviewed):
    client.force_login(stranger)

    assert client.get(reverse("api-research-study-list")).json()["count"] == 0


def test_research_studies_need_a_sign_in(client, db):
    assert client.get(reverse("api-research-study-list")).status_code == 401


def test_the_number_of_queries_does_not_grow_with_the_studies(
    client, owner, reviewed, django_assert_max_num_queries
):
    client.force_login(owner)

    with django_assert_max_num_queries(13):  # six of them are who asks, and how often
        client.get(reverse("api-research-study-list"))


def test_descriptions_of_the_research_copy_are_hidden_where_the_review_hides_them(
    client, auditor, reviewed
):
    client.force_login(auditor)
    address = reverse("api-research-study-list")

    told = client.get(address).json()["results"]

    assert {one["series_description"] for study in told for one in study["series"]} == {None}
    assert {study["study_description"] for study in told} == {None}
