"""Verdicts through the pages: the forms that give them, and the history that lists them."""

import pytest
from django.urls import reverse

from projects.actions import set_member
from projects.roles import Role
from review.models import Standing, Verdict
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

STATION = "(0008,1010)"
COMMENTS = "(0020,4000)"
REASON = "looked at all of it"


@pytest.fixture
def signed_in(client, owner):
    client.force_login(owner)
    return client


def at(project, path):
    return project.elements.get(path=path)


def judge(client, element, **typed):
    typed.setdefault("stamp", str(page_of(client, element).context["stamp"]))
    return client.post(
        reverse("review-judge", args=["BICAM", element.pk]),
        {"reason": REASON} | typed,
        follow=True,
    )


def page_of(client, element):
    return client.get(reverse("review-element", args=["BICAM", element.pk]))


def test_a_verdict_is_given_on_an_elements_page_which_then_says_so(signed_in, reviewed):
    page = judge(signed_in, at(reviewed, STATION), judged="safe").content.decode()

    assert "Station Name: safe." in page
    assert "judged it <b>safe</b>, the values that are listed now" in page
    assert at(reviewed, STATION).standing == Standing.SAFE


def test_one_value_is_judged_by_itself(signed_in, reviewed):
    element = at(reviewed, COMMENTS)
    value = element.element_values.get(value__text="repeat")

    page = judge(signed_in, element, judged="unsafe", value=value.value_id).content.decode()

    assert "The value of Image Comments: not safe." in page
    assert at(reviewed, COMMENTS).standing == Standing.UNSAFE


def test_a_pattern_is_previewed_before_it_is_given(signed_in, reviewed):
    element = at(reviewed, STATION)
    address = reverse("review-judge-preview", args=["BICAM", element.pk])

    fits = signed_in.post(address, {"pattern": "MR.*"}).content.decode()
    wrong = signed_in.post(address, {"pattern": "("}).content.decode()

    assert "It fits 1 of 2 values" in fits
    assert "no regular expression" in wrong


def test_what_is_refused_is_said_on_the_page_and_nothing_is_kept(signed_in, reviewed):
    page = judge(signed_in, at(reviewed, STATION), judged="unsafe", reason="").content.decode()

    assert "Give a reason" in page
    assert not Verdict.objects.exists()


def test_not_safe_leads_on_to_a_rule(signed_in, reviewed):
    element = at(reviewed, COMMENTS)

    page = judge(signed_in, element, then="rule", reason="tells of a patient")

    assert page.redirect_chain[-1][0] == reverse("review-rule", args=["BICAM", element.pk])
    assert at(reviewed, COMMENTS).standing == Standing.UNSAFE


def test_ticked_elements_are_judged_together(signed_in, reviewed):
    chosen = [at(reviewed, path).pk for path in (STATION, COMMENTS)]

    page = signed_in.post(
        reverse("review-judge-many", args=["BICAM"]),
        {"element": chosen, "judged": "safe", "reason": REASON, "back": "kind=text"},
        follow=True,
    )

    assert page.redirect_chain[-1][0].endswith("/review/BICAM/?kind=text")
    assert "2 elements judged safe." in page.content.decode()


def test_the_way_back_leads_to_no_other_host(signed_in, reviewed):
    answer = signed_in.post(
        reverse("review-judge-many", args=["BICAM"]),
        {"element": [at(reviewed, STATION).pk], "judged": "safe", "back": "//evil.example/"},
    )

    assert answer["Location"] == "/review/BICAM/"


def test_the_history_lists_every_verdict_and_narrows_by_person_and_verdict(
    client, signed_in, reviewed, owner
):
    kari = UserFactory(username="kari", first_name="Kari", last_name="Moen")
    set_member(by=owner, project=reviewed, user=kari, role=Role.RESEARCHER)
    judge(signed_in, at(reviewed, STATION), judged="safe")
    client.force_login(kari)
    judge(client, at(reviewed, STATION), judged="unsure", reason="ask the scanner's people")
    address = reverse("review-verdicts", args=["BICAM"])

    everything = client.get(address).content.decode()
    hers = client.get(address, {"by": kari.pk}).context["shown"]
    unsure = client.get(address, {"judged": "unsure", "state": "counting"}).context["shown"]
    nothing = client.get(address, {"state": "waiting"}).context["shown"]

    assert "ask the scanner&#x27;s people" in everything
    assert "replaced" in everything
    assert [line.verdict.given_by for line in hers] == [kari]
    assert [line.state for line in unsure] == ["counting"]
    assert nothing == []


def test_a_reason_that_may_name_somebody_is_not_shown(signed_in, reviewed):
    judge(signed_in, at(reviewed, STATION), judged="unsure", reason="call olga@example.org first")

    page = signed_in.get(reverse("review-verdicts", args=["BICAM"])).content.decode()

    assert "olga@example.org" not in page
    assert "withheld" in page


def test_a_controller_reads_and_finds_no_form(client, reviewed, owner):
    controller = UserFactory()
    set_member(by=owner, project=reviewed, user=controller, role=Role.CONTROLLER)
    client.force_login(controller)
    element = at(reviewed, STATION)

    page = page_of(client, element).content.decode()
    refused = client.post(
        reverse("review-judge", args=["BICAM", element.pk]), {"judged": "safe", "reason": REASON}
    )

    assert "and not judge it" in page
    assert refused.status_code == 403


@pytest.mark.parametrize("name", ["review-judge", "review-judge-preview"])
def test_a_stranger_judges_nothing(client, stranger, reviewed, name):
    client.force_login(stranger)

    answer = client.post(reverse(name, args=["BICAM", at(reviewed, STATION).pk]), {})

    assert answer.status_code == 404
