"""Verdicts: what they cover, what reopens them, what comes back, and who may give them."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from projects.actions import set_member
from projects.models import AuditEvent
from projects.roles import Role
from review.actions.showing import show_values
from review.actions.verdicts import confirm_verdict, judge, judge_many, preview_pattern
from review.hiding import hides
from review.models import Element, Standing, Verdict
from review.settling import settle
from review.standing import progress, stamp_of
from tests.datasets import make_mr_series
from tests.factories import UserFactory
from tests.review.copies import index, new_run, new_transfer, participant_of

pytestmark = pytest.mark.django_db

COMMENTS = "(0020,4000)"
STATION = "(0008,1010)"
ROWS = "(0028,0010)"
ECHO_TIME = "(0018,0081)"
PSEUDONYM = "(0010,0020)"


@pytest.fixture
def kari(bicam, owner):
    user = UserFactory(username="kari", first_name="Kari", last_name="Moen")
    set_member(by=owner, project=bicam, user=user, role=Role.DATA_MANAGER)
    return user


def at(project, path):
    return project.elements.get(path=path)


def standing(project, path):
    return at(project, path).standing


def say(by, project, path, judged="safe", **how):
    how.setdefault("reason", "looked at all of it")
    return judge(by=by, project=project, element=at(project, path), judged=judged, **how)


def value_of(project, path, text):
    return at(project, path).element_values.select_related("value").get(value__text=text)


def bring(project, number, folder, **header):
    """Index another MR image of a participant, and return its transfer."""
    transfer = new_transfer(participant_of(project, number))
    new_run(transfer, make_mr_series(folder, n=1, **header))
    index()
    return transfer


def test_an_element_nobody_looked_at_is_to_be_judged_and_an_empty_one_is_not(reviewed, tmp_path):
    bring(reviewed, 3, tmp_path, ContrastBolusAgent="")

    assert standing(reviewed, COMMENTS) == Standing.UNJUDGED
    assert standing(reviewed, "(0018,0010)") == Standing.SAFE


def test_a_safe_element_stays_safe_with_known_values_and_reopens_with_a_new_one(
    reviewed, owner, tmp_path
):
    say(owner, reviewed, STATION)

    bring(reviewed, 3, tmp_path / "a", StationName="MR3T")
    known = standing(reviewed, STATION)
    bring(reviewed, 3, tmp_path / "b", StationName="MR7T")

    assert known == Standing.SAFE
    element = at(reviewed, STATION)
    assert (element.standing, element.open_value_count) == (Standing.NEW, 1)
    assert element.reopened_at is not None
    assert progress(reviewed).new >= 1


def test_judging_only_the_new_value_settles_the_element_again(reviewed, owner, tmp_path):
    say(owner, reviewed, STATION)
    bring(reviewed, 3, tmp_path, StationName="MR7T")

    say(owner, reviewed, STATION, value=value_of(reviewed, STATION, "MR7T"))

    element = at(reviewed, STATION)
    assert (element.standing, element.open_value_count) == (Standing.SAFE, 0)
    assert element.reopened_at is None


def test_a_number_judged_whatever_its_values_stays_safe_with_new_ones(reviewed, owner, tmp_path):
    say(owner, reviewed, ECHO_TIME)

    bring(reviewed, 3, tmp_path, EchoTime="91.5")

    assert at(reviewed, ECHO_TIME).value_count > 1
    assert standing(reviewed, ECHO_TIME) == Standing.SAFE


def test_text_cannot_be_judged_whatever_its_values(reviewed, owner):
    with pytest.raises(ValidationError, match="cannot cover"):
        say(owner, reviewed, COMMENTS, covers="whatever")


def test_what_the_plan_writes_itself_is_safe_for_every_participant(reviewed, owner, tmp_path):
    say(owner, reviewed, PSEUDONYM)

    bring(reviewed, 3, tmp_path, PatientID="BICAM_0003")

    assert at(reviewed, PSEUDONYM).value_count > 1
    assert standing(reviewed, PSEUDONYM) == Standing.SAFE


def test_an_unsafe_value_keeps_its_element_unsafe_until_it_is_gone(reviewed, owner, tmp_path):
    transfer = bring(reviewed, 3, tmp_path, StationName="OLGA7T")
    say(owner, reviewed, STATION, "unsafe", value=value_of(reviewed, STATION, "OLGA7T"))
    with pytest.raises(ValidationError, match="1 value that is judged not safe"):
        say(owner, reviewed, STATION)
    before = standing(reviewed, STATION)

    new_run(transfer, make_mr_series(tmp_path / "again", n=1, StationName="MR3T"))
    index()

    assert before == Standing.UNSAFE
    assert standing(reviewed, STATION) == Standing.UNJUDGED


def test_an_unsafe_value_that_comes_back_is_unsafe_again(reviewed, owner, tmp_path):
    transfer = bring(reviewed, 3, tmp_path, StationName="OLGA7T")
    say(owner, reviewed, STATION, "unsafe", value=value_of(reviewed, STATION, "OLGA7T"))
    new_run(transfer, make_mr_series(tmp_path / "again", n=1, StationName="MR3T"))
    index()

    bring(reviewed, 4, tmp_path / "back", StationName="OLGA7T")

    assert standing(reviewed, STATION) == Standing.UNSAFE


def test_a_pattern_judges_the_values_that_fit_whole_and_those_that_come_later(
    reviewed, owner, tmp_path
):
    preview = preview_pattern(
        by=owner, project=reviewed, element=at(reviewed, STATION), pattern="MR[0-9]T"
    )
    say(owner, reviewed, STATION, pattern="(MR|CT)[0-9]T?")
    settled = standing(reviewed, STATION)

    bring(reviewed, 3, tmp_path / "a", StationName="MR7T")
    fits = standing(reviewed, STATION)
    bring(reviewed, 3, tmp_path / "b", StationName="MR7T of Olga")

    assert (preview.fits, preview.of) == (1, 2)
    assert (settled, fits) == (Standing.SAFE, Standing.SAFE)
    assert standing(reviewed, STATION) == Standing.NEW


@pytest.mark.parametrize("pattern", ["(", "(?=a)", r"(a)\1", "", "a" * 201])
def test_what_is_no_linear_pattern_is_refused(reviewed, owner, pattern):
    element = at(reviewed, STATION)

    with pytest.raises(ValidationError):
        preview_pattern(by=owner, project=reviewed, element=element, pattern=pattern)


@pytest.mark.parametrize("judged", ["unsafe", "unsure"])
def test_what_is_not_called_safe_needs_a_reason(reviewed, owner, judged):
    with pytest.raises(ValidationError, match="Give a reason"):
        say(owner, reviewed, STATION, judged, reason=" ")

    assert not Verdict.objects.exists()


def test_hidden_values_are_not_called_safe_unseen_without_a_word(reviewed, owner):
    element = next(one for one in reviewed.elements.all() if _hides(one) and one.value_count)

    with pytest.raises(ValidationError, match="values are hidden"):
        judge(by=owner, project=reviewed, element=element, judged="safe")
    show_values(by=owner, element=element)
    judge(by=owner, project=reviewed, element=element, judged="safe")

    assert standing(reviewed, element.path) == Standing.SAFE


def test_a_later_verdict_replaces_an_earlier_one_and_both_stay(reviewed, owner, kari):
    say(owner, reviewed, STATION)
    say(kari, reviewed, STATION, "unsafe", reason="names a person")

    assert standing(reviewed, STATION) == Standing.UNSAFE
    assert list(Verdict.objects.values_list("judged", "given_by__username")) == [
        ("unsafe", "kari"),
        ("safe", "owner"),
    ]


def test_a_verdict_can_be_neither_changed_nor_deleted(reviewed, owner):
    verdict = say(owner, reviewed, STATION)

    for forbidden in (
        lambda: Verdict.objects.update(judged="unsafe"),
        lambda: Verdict.objects.update(reason="another one"),
        verdict.known.verdicts.all()._raw_delete,
    ):
        arguments = ["default"] if forbidden.__name__ == "_raw_delete" else []
        with pytest.raises(IntegrityError, match="verdicts_are"), transaction.atomic():
            forbidden(*arguments)


def test_verdicts_survive_a_new_index(reviewed, owner, tmp_path):
    say(owner, reviewed, STATION)
    say(owner, reviewed, COMMENTS, "unsafe", value=value_of(reviewed, COMMENTS, "repeat"))
    bring(reviewed, 3, tmp_path, StationName="MR7T")
    before = dict(reviewed.elements.values_list("path", "standing"))

    call_command("reindex", "BICAM")
    index()

    assert dict(reviewed.elements.values_list("path", "standing")) == before
    assert before[STATION] == Standing.NEW


def test_an_element_that_comes_after_the_review_began_is_new(reviewed, owner, tmp_path):
    say(owner, reviewed, STATION)

    bring(reviewed, 3, tmp_path, ContrastBolusAgent="water")

    assert standing(reviewed, "(0018,0010)") == Standing.NEW
    assert standing(reviewed, COMMENTS) == Standing.UNJUDGED


def test_another_handling_by_the_plan_reopens_an_element(reviewed, owner, tmp_path):
    say(owner, reviewed, ROWS)
    say(owner, reviewed, STATION)
    decision = at(reviewed, STATION).decisions.get()

    decision.row = "rule of the project"
    decision.save()
    settle(elements=[decision.element_id])

    assert standing(reviewed, STATION) == Standing.NEW
    assert standing(reviewed, ROWS) == Standing.SAFE


def test_a_value_that_came_in_after_the_page_was_read_is_not_covered(reviewed, owner, tmp_path):
    stamp = stamp_of(reviewed)
    bring(reviewed, 3, tmp_path, StationName="MR7T")

    say(owner, reviewed, STATION, stamp=stamp)

    element = at(reviewed, STATION)
    assert (element.standing, element.open_value_count) == (Standing.NEW, 1)
    assert element.element_values.get(judged="open").value.text == "MR7T"


def test_the_second_of_two_people_who_judge_at_once_is_told(reviewed, owner, kari):
    stamp = stamp_of(reviewed)
    say(kari, reviewed, STATION, "unsafe", reason="names a person", stamp=stamp)

    with pytest.raises(ValidationError, match="Kari Moen judged this “not safe” while"):
        say(owner, reviewed, STATION, stamp=stamp)

    assert standing(reviewed, STATION) == Standing.UNSAFE


def test_many_elements_are_judged_at_once_and_what_is_left_out_is_said(reviewed, owner):
    say(owner, reviewed, COMMENTS, "unsafe", value=value_of(reviewed, COMMENTS, "repeat"))
    chosen = [at(reviewed, path).pk for path in (COMMENTS, STATION, ROWS)]

    given, left = judge_many(
        by=owner, project=reviewed, elements=chosen, judged="safe", reason="all looked at"
    )

    assert given == 2
    assert len(left) == 1
    assert "judged not safe" in left[0]
    assert (standing(reviewed, STATION), standing(reviewed, COMMENTS)) == ("safe", "unsafe")


def test_with_two_people_safe_counts_when_another_confirms(reviewed, owner, kari):
    _demand_two(reviewed)
    verdict = say(owner, reviewed, STATION)
    alone = standing(reviewed, STATION)
    with pytest.raises(ValidationError, match="somebody else must confirm"):
        confirm_verdict(by=owner, verdict=verdict)

    confirm_verdict(by=kari, verdict=verdict)

    assert alone == Standing.UNJUDGED
    assert standing(reviewed, STATION) == Standing.SAFE


def test_with_two_people_the_same_verdict_of_another_confirms(reviewed, owner, kari):
    _demand_two(reviewed)
    say(owner, reviewed, STATION)
    waiting = progress(reviewed).waiting

    say(kari, reviewed, STATION)

    assert (waiting, progress(reviewed).waiting) == (1, 0)
    assert standing(reviewed, STATION) == Standing.SAFE
    assert Verdict.objects.get().second_by == kari


def test_what_waits_still_waits_when_the_second_person_is_no_longer_asked_for(reviewed, owner):
    _demand_two(reviewed)
    say(owner, reviewed, STATION)

    reviewed.two_person_review = False
    reviewed.save()
    settle(elements=[at(reviewed, STATION).pk])

    assert standing(reviewed, STATION) == Standing.UNJUDGED


def test_the_database_lets_nobody_confirm_a_verdict_of_their_own(reviewed, owner):
    _demand_two(reviewed)
    verdict = say(owner, reviewed, STATION)

    with pytest.raises(IntegrityError, match="nobody_confirms"), transaction.atomic():
        Verdict.objects.filter(pk=verdict.pk).update(second_by=owner, second_at=timezone.now())


def test_not_safe_counts_at_once_also_with_two_people(reviewed, owner):
    _demand_two(reviewed)

    say(owner, reviewed, STATION, "unsafe")

    assert standing(reviewed, STATION) == Standing.UNSAFE


def test_who_only_reads_does_not_judge(reviewed, owner):
    controller = UserFactory()
    set_member(by=owner, project=reviewed, user=controller, role=Role.CONTROLLER)

    with pytest.raises(PermissionDenied):
        say(controller, reviewed, STATION)


def test_the_audit_says_who_judged_and_holds_no_value(reviewed, owner):
    say(owner, reviewed, COMMENTS, "unsafe", value=value_of(reviewed, COMMENTS, "repeat"))

    event = AuditEvent.objects.get(verb="judged")
    assert event.actor == owner
    assert event.project == reviewed
    assert event.facts == {"judged": "unsafe", "on": "value", "values": 1}


def _demand_two(project):
    project.two_person_review = True
    project.save()


def _hides(element):
    return hides(Element.objects.get(pk=element.pk))
