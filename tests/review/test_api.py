"""REST of the review."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


def addresses(project):
    pk = project.elements.get(path="(0020,4000)").pk
    return [
        reverse("api-tag-list", args=[project.acronym]),
        reverse("api-tag-values", args=[project.acronym, pk]),
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
    del row["id"]
    assert row == {
        "path": "(0020,4000)",
        "tag": "0020,4000",
        "keyword": "ImageComments",
        "name": "Image Comments",
        "vr": "LT",
        "private_creator": "",
        "instances": 5,
        "series": 2,
        "participants": 2,
        "distinct_values": 2,
        "is_exact": True,
        "across_participants": "differ",
        "within_a_participant": "same",
    }


def test_values_are_told_most_frequent_first(client, owner, reviewed):
    client.force_login(owner)

    found = client.get(addresses(reviewed)[1]).json()

    assert found["results"] == [
        {"value": "patient moved", "instances": 3, "series": 1, "participants": 1},
        {"value": "repeat", "instances": 2, "series": 1, "participants": 1},
    ]


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

    with django_assert_max_num_queries(7):
        client.get(reverse("api-research-study-list"))
