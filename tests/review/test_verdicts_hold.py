"""What a verdict must not cover: what its giver cannot have meant stays open."""

import pydicom
import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from review.actions.verdicts import judge, judge_many
from review.models import Standing
from review.settling import settle
from review.standing import stamp_of
from tests.datasets import make_mr_series
from tests.review.copies import index, new_run, new_transfer, participant_of

pytestmark = pytest.mark.django_db

STATION = "(0008,1010)"
ECHO_TIME = "(0018,0081)"
PSEUDONYM = "(0010,0020)"


def at(project, path):
    return project.elements.get(path=path)


def say(by, project, path, judged="safe", **how):
    how.setdefault("reason", "looked at all of it")
    return judge(by=by, project=project, element=at(project, path), judged=judged, **how)


def bring(project, number, folder, **header):
    """Index another MR image of a participant."""
    new_run(new_transfer(participant_of(project, number)), make_mr_series(folder, n=1, **header))
    index()


def handle_otherwise(element, action):
    """Let the plan do something else with an element in all data that is there."""
    element.decisions.update(action=action, row="rule of the project")
    settle(elements=[element.pk])


def test_what_was_safe_as_written_by_the_plan_is_not_settled_by_one_value_once_it_is_kept(
    reviewed, owner, tmp_path
):
    bring(reviewed, 3, tmp_path, PatientID="BICAM_0003")
    say(owner, reviewed, PSEUDONYM)
    element = at(reviewed, PSEUDONYM)
    handle_otherwise(element, "K")
    first = element.element_values.select_related("value").first()

    say(owner, reviewed, PSEUDONYM, value=first)

    element = at(reviewed, PSEUDONYM)
    assert element.value_count == 2
    assert (element.standing, element.open_value_count) == (Standing.NEW, 1)


def test_a_number_safe_whatever_its_values_reopens_when_text_comes_under_its_path(
    reviewed, owner, tmp_path
):
    say(owner, reviewed, ECHO_TIME)
    files = make_mr_series(tmp_path, n=1)
    header = pydicom.dcmread(files[0])
    header[0x00180081] = pydicom.DataElement(0x00180081, "LO", "as Olga wanted it")
    header.save_as(files[0])

    new_run(new_transfer(participant_of(reviewed, 3)), files)
    index()

    element = at(reviewed, ECHO_TIME)
    assert element.vr == "DS or LO"
    assert element.standing == Standing.NEW
    assert element.open_value_count >= 1


@pytest.mark.parametrize("pattern", [".*", ".+", "(?s).*", r"[\s\S]+", "[^x]*", r"[\w ,^-]+"])
def test_a_pattern_that_fits_whatever_is_written_calls_nothing_safe(reviewed, owner, pattern):
    with pytest.raises(ValidationError, match="A person's name fits"):
        say(owner, reviewed, STATION, pattern=pattern)


def test_a_new_value_that_fits_a_safe_and_an_unsafe_pattern_is_not_safe(reviewed, owner, tmp_path):
    bring(reviewed, 3, tmp_path / "a", StationName="OLGA1")
    say(owner, reviewed, STATION, "unsafe", pattern="OLGA[0-9]")
    say(owner, reviewed, STATION, pattern="[A-Z]{2,4}[0-9]T?")

    bring(reviewed, 4, tmp_path / "b", StationName="OLGA2")

    judged = dict(at(reviewed, STATION).element_values.values_list("value__text", "judged"))
    assert judged["OLGA2"] == "unsafe"
    assert judged["MR3T"] == "safe"


def test_an_unsafe_element_stays_so_while_some_of_the_data_is_as_it_was(reviewed, owner, tmp_path):
    say(owner, reviewed, STATION, "unsafe", reason="names a person")
    was = at(reviewed, STATION).decisions.get()
    bring(reviewed, 3, tmp_path, StationName="MR7T")
    was.pk, was.row = None, "rule of the project"
    was.save()

    settle(elements=[was.element_id])

    assert at(reviewed, STATION).decisions.count() == 2
    assert at(reviewed, STATION).standing == Standing.UNSAFE


def test_an_element_that_came_in_after_the_page_was_read_is_left_out(reviewed, owner, tmp_path):
    stamp = stamp_of(reviewed)
    bring(reviewed, 3, tmp_path, NumberOfAverages="2")
    late = at(reviewed, "(0018,0083)")

    given, left = judge_many(
        by=owner,
        project=reviewed,
        elements=[late.pk, at(reviewed, ECHO_TIME).pk],
        judged="safe",
        reason="numbers",
        stamp=stamp,
    )

    assert (given, left) == (1, ["It came in after the page was read. Look at it first."])
    assert at(reviewed, "(0018,0083)").standing != Standing.SAFE


def test_a_form_with_numbers_that_no_row_can_have_is_answered(client, reviewed, owner):
    client.force_login(owner)
    odd = ["9" * 5000, "9" * 19, "x"]
    station = at(reviewed, STATION).pk

    many = client.post(reverse("review-judge-many", args=["BICAM"]), {"element": odd})
    one = client.post(
        reverse("review-judge", args=["BICAM", station]), {"judged": "safe", "value": odd[0]}
    )
    signed = client.post(reverse("review-sign-off", args=["BICAM"]), {"exception": odd})

    assert (many.status_code, one.status_code, signed.status_code) == (302, 404, 422)
