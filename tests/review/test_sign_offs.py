"""Signing off: what stands against it, what the record says, and when it is not current."""

import hashlib
import io
import json

import pypdf
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from exports.actions.packages import request_package
from exports.models import Package
from exports.states import State
from exports.tasks import build_package
from projects.actions import set_member
from projects.models import AuditEvent
from projects.roles import Role
from review.actions.sign_offs import confirm_sign_off, sign_off
from review.actions.verdicts import judge, judge_many
from review.currency import currency
from review.models import SignOff
from review.standing import stamp_of
from review.states import OPEN
from tests.datasets import make_mr_series
from tests.factories import UserFactory
from tests.review.copies import index, new_run, new_transfer, participant_of
from transfers.planning import current_plan, next_plan

pytestmark = pytest.mark.django_db

STATION = "(0008,1010)"


@pytest.fixture
def kari(bicam, owner):
    user = UserFactory(username="kari", first_name="Kari", last_name="Moen")
    set_member(by=owner, project=bicam, user=user, role=Role.ADMINISTRATOR)
    return user


@pytest.fixture
def judged(reviewed, owner):
    """BICAM with everything judged safe but the station name."""
    judge_open(reviewed, owner, but=STATION)
    return reviewed


@pytest.fixture
def settled(judged, owner):
    """BICAM with everything judged safe."""
    judge_open(judged, owner)
    return judged


def judge_open(project, by, *, but=""):
    """Judge all that is open, value by value where an element cannot be judged as a whole."""
    chosen = project.elements.filter(standing__in=OPEN).exclude(path=but)
    pks = list(chosen.values_list("pk", flat=True))
    judge_many(by=by, project=project, elements=pks, judged="safe", reason="looked at all of it")


def bring(project, folder, **header):
    new_run(new_transfer(participant_of(project, 3)), make_mr_series(folder, n=1, **header))


def sign(by, project, **how):
    return sign_off(by=by, project=project, stamp=stamp_of(project), **how)


def test_what_is_all_judged_is_signed_off_and_the_record_says_what_it_is_about(settled, owner):
    signed = sign(owner, settled)

    facts = signed.said
    assert currency(settled).is_current
    assert facts["data"]["studies"] == 2
    assert (facts["data"]["series"], facts["data"]["images"]) == (3, 7)
    assert facts["plan"]["version"] == 1
    assert facts["elements"]["standing"]["safe"] == settled.elements.count()
    assert {row["path"] for row in facts["elements"]["list"]} == set(
        settled.elements.values_list("path", flat=True)
    )
    assert facts["people"][0]["person"].endswith("(owner)")
    assert facts["exceptions"] == []
    assert hashlib.sha256(signed.text.encode()).hexdigest() == signed.digest
    event = AuditEvent.objects.get(verb="signed_off")
    assert (event.facts["digest"], event.actor) == (signed.digest, owner)


def test_what_is_open_must_be_left_open_by_name_and_with_a_reason(judged, owner):
    station = judged.elements.get(path=STATION)

    with pytest.raises(ValidationError, match="1 element is not judged"):
        sign(owner, judged)
    with pytest.raises(ValidationError, match="Give a reason"):
        sign(owner, judged, exceptions={station.pk})
    signed = sign(owner, judged, exceptions={station.pk}, reason="scanners are named by room")

    (named,) = signed.said["exceptions"]
    assert (named["path"], named["reason"]) == (STATION, "scanners are named by room")
    assert currency(judged).is_current


def test_a_new_value_of_what_was_left_open_ends_the_sign_off(judged, owner, tmp_path):
    station = judged.elements.get(path=STATION)
    sign(owner, judged, exceptions={station.pk}, reason="scanners are named by room")

    bring(judged, tmp_path, StationName="MR7T")
    index()

    assert any("new values that it left open" in one for one in currency(judged).why_not)


def test_nothing_that_is_not_safe_is_signed_off_whatever_the_reason(judged, owner):
    station = judged.elements.get(path=STATION)
    judge(by=owner, project=judged, element=station, judged="unsafe", reason="names a person")

    with pytest.raises(ValidationError, match="1 element is not safe"):
        sign(owner, judged, exceptions={station.pk}, reason="it does not matter")

    assert not SignOff.objects.exists()


def test_a_sign_off_stays_current_with_data_that_brings_nothing_new(settled, owner, tmp_path):
    sign(owner, settled)

    new_run(new_transfer(participant_of(settled, 2)), _same_again(settled, tmp_path))
    waiting = currency(settled)
    index()

    assert any("not in the index" in one for one in waiting.why_not)
    assert currency(settled).is_current


def test_a_new_value_ends_a_sign_off_and_its_verdict_does_not_bring_it_back(
    settled, owner, tmp_path
):
    sign(owner, settled)

    bring(settled, tmp_path, StationName="MR7T")
    index()
    ended = currency(settled)
    judge_open(settled, owner)

    assert not ended.is_current
    assert ended.since == settled.elements.get(path=STATION).first_seen_at or ended.since
    assert any("given or confirmed since" in one for one in currency(settled).why_not)


def test_a_new_plan_ends_a_sign_off(settled, owner):
    sign(owner, settled)

    plan = next_plan(settled, [], by=owner, reason="other options")

    now = currency(settled)
    assert now.why_not == [f"The plan is {plan} now; it was v1 when it was signed."]
    assert now.since == plan.created_at


def test_what_changed_while_somebody_read_must_be_read_again(settled, owner, kari):
    stamp = stamp_of(settled)
    station = settled.elements.get(path=STATION)
    judge(by=kari, project=settled, element=station, judged="safe", reason="looked again")

    with pytest.raises(ValidationError, match="Read it again"):
        sign_off(by=owner, project=settled, stamp=stamp)


def test_with_two_people_a_sign_off_counts_when_another_confirms(settled, owner, kari):
    settled.two_person_review = True
    settled.save()
    signed = sign(owner, settled)
    alone = currency(settled).why_not
    with pytest.raises(ValidationError, match="somebody else must confirm"):
        confirm_sign_off(by=owner, signed=signed)

    confirm_sign_off(by=kari, signed=signed)

    assert alone == ["It waits for a second person."]
    assert currency(settled).is_current
    with pytest.raises(IntegrityError, match="sign_offs_are_append_only"), transaction.atomic():
        SignOff.objects.filter(pk=signed.pk).update(second_by=owner)


def test_a_record_that_was_changed_is_no_current_sign_off(settled, owner):
    signed = sign(owner, settled)

    SignOff.objects.filter(pk=signed.pk).update(last_verdict=signed.last_verdict)
    with pytest.raises(IntegrityError), transaction.atomic():
        SignOff.objects.filter(pk=signed.pk).update(text="{}")

    assert currency(settled).is_current


def test_a_researcher_judges_and_does_not_sign(settled, owner):
    researcher = UserFactory()
    set_member(by=owner, project=settled, user=researcher, role=Role.RESEARCHER)

    with pytest.raises(PermissionDenied):
        sign(researcher, settled)


def test_the_page_signs_and_gives_the_record_and_its_page(client, settled, owner):
    client.force_login(owner)
    address = reverse("review-sign-off", args=["BICAM"])
    stamp = client.get(address).context["stamp"]

    signed = client.post(address, {"stamp": str(stamp)}, follow=True)
    record = client.get(reverse("review-sign-off-record", args=["BICAM", 1]))
    page = client.get(reverse("review-sign-off-page", args=["BICAM", 1]))

    assert "Sign-off 1 is current" in signed.content.decode()
    assert json.loads(record.content)["sign_off"] == 1
    text = "".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(page.content)).pages)
    assert "BICAM: sign-off 1" in text
    assert SignOff.objects.get().digest in text
    again = client.get(reverse("review-sign-off-page", args=["BICAM", 1]))
    assert again.content == page.content


@pytest.mark.parametrize("name", ["review-sign-off", "review-verdicts"])
def test_strangers_find_no_page_and_auditors_are_refused(client, stranger, auditor, reviewed, name):
    address = reverse(name, args=["BICAM"])

    for user, status in ((stranger, 404), (auditor, 403)):
        client.force_login(user)
        assert client.get(address).status_code == status


def test_exports_are_refused_without_a_current_sign_off_and_built_with_one(settled, owner):
    _demand_sign_off(settled)
    with pytest.raises(ValidationError, match="no sign-off is current"):
        _ask_for_package(settled, owner)

    sign(owner, settled)
    package = _ask_for_package(settled, owner)
    build_package(package.pk)

    assert Package.objects.get().state == State.READY


def test_a_package_fails_if_its_sign_off_ends_while_it_waits(settled, owner):
    _demand_sign_off(settled)
    sign(owner, settled)
    package = _ask_for_package(settled, owner)
    next_plan(settled, [], by=owner, reason="other options")

    build_package(package.pk)

    package.refresh_from_db()
    assert package.state == State.FAILED
    assert "The plan is v2 now" in package.reason


def test_a_package_is_not_downloaded_after_its_sign_off_ended(client, settled, owner):
    package = _ask_for_package(settled, owner)
    build_package(package.pk)
    _demand_sign_off(settled)
    client.force_login(owner)

    page = client.get(reverse("export-download", args=["BICAM", package.pk]), follow=True)
    rest = client.get(f"/api/v1/exports/{package.pk}/download/")

    assert "no sign-off is current" in page.content.decode()
    assert rest.status_code == 400
    assert not AuditEvent.objects.filter(verb="downloaded").exists()


def test_a_package_of_what_was_made_again_since_is_not_what_was_signed(client, settled, owner):
    package = _ask_for_package(settled, owner)
    build_package(package.pk)
    run = settled.research_studies.first().run
    run.number, run.verified_at = 2, timezone.now()
    run.save()
    _demand_sign_off(settled)
    sign(owner, settled)
    client.force_login(owner)

    page = client.get(reverse("export-download", args=["BICAM", package.pk]), follow=True)

    assert "Images in it were made again since" in page.content.decode()
    assert not AuditEvent.objects.filter(verb="downloaded").exists()


def _demand_sign_off(project):
    project.sign_off_for_exports = True
    project.save()


def _ask_for_package(project, by):
    current_plan(project)
    return request_package(by=by, project=project, specification="dicom", participants=None)


def _same_again(project, folder):
    """A file that is in the project already, under another UID and nothing else new."""
    import pydicom

    from tests.review.copies import storage
    from transfers.models import Outcome

    folder.mkdir(exist_ok=True)
    outcome = Outcome.objects.filter(run__transfer__project=project).order_by("pk").first()
    with storage().fetch(outcome.key) as path:
        dataset = pydicom.dcmread(path)
    path = folder / "again.dcm"
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = (
        f"{outcome.sop_instance_uid[:-1]}9"
    )
    dataset.save_as(path)
    return [path]
