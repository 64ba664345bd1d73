"""Somebody limited to a site: what they see, decide and are refused, on pages and over REST."""

import hashlib
from dataclasses import dataclass

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from rest_framework.test import APIClient

from projects.actions import set_member
from projects.models import Project, Site, User
from projects.roles import Role
from tests.factories import (
    ParticipantFactory,
    PatientFactory,
    ProjectFactory,
    StudyFactory,
    UserFactory,
)
from transfers import actions
from transfers.forms import AssignForm
from transfers.models import Finding, Outcome, Run, TransferRequest
from transfers.planning import current_plan
from transfers.states import CarriesTo, FindingVerdict, OutcomeState, State

pytestmark = pytest.mark.django_db
REASON = "An invented reason."


@dataclass
class House:
    """A project of two sites with a held run at each and at none; who is limited to the first."""

    project: Project
    bergen: Site
    kari: User
    ola: User
    here: Run
    there: Run
    nowhere: Run

    def fresh(self, user: User) -> User:
        return User.objects.get(pk=user.pk)


def held(project: Project, site: Site | None, number: int) -> Run:
    """Make a held run without files: rows as verification leaves them, alike at every site."""
    transfer = TransferRequest.objects.create(
        study=StudyFactory(),
        project=project,
        participant=ParticipantFactory(
            project=project, site=site, pseudonym=f"BICAM_{site.code if site else 9:02}_{number:04}"
        ),
        event=project.events.first(),
    )
    run = Run.objects.create(
        transfer=transfer,
        plan_version=current_plan(project),
        state=State.HELD,
        received_count=1,
    )
    outcome = Outcome.objects.create(
        run=run, state=OutcomeState.HELD, key=f"research/0/{run.pk}.dcm", reason="Held."
    )
    Finding.objects.create(
        run=run,
        outcome=outcome,
        kind="name",
        path="(0010,4000)",
        sure="certain",
        sentence="Something was found.",
        fingerprint=hashlib.sha256(b"same").hexdigest(),
    )
    return run


@pytest.fixture
def house():
    kari, ola = UserFactory(), UserFactory()
    project = ProjectFactory(
        acronym="BICAM",
        participant_pattern="BICAM_{site:02}_{n:04}",
        ae_title="BICAM",
        members={kari: Role.OWNER, ola: Role.ADMINISTRATOR},
        sites=["Bergen", "Voss"],
    )
    bergen, voss = project.sites.all()
    set_member(by=kari, project=project, user=ola, role=Role.ADMINISTRATOR, sites=[bergen])
    runs = [held(project, site, 11 + n) for n, site in enumerate((bergen, voss, None))]
    return House(project, bergen, kari, User.objects.get(pk=ola.pk), *runs)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_pages_of_other_sites_are_not_there_and_lists_leave_them_out(house):
    client = signed_in(house.ola)

    listed = client.get("/transfers/?project=BICAM").text
    desk = client.get("/transfers/held/").context["desks"]

    assert "BICAM_01_0011" in listed
    assert "BICAM_02_0012" not in listed
    assert "BICAM_09_0013" not in listed
    assert [one.run for one in desk] == [house.here]
    assert [group.elsewhere_count for group in desk[0].groups] == [0]
    assert client.get(f"/transfers/{house.here.transfer_id}/").status_code == 200
    for run in (house.there, house.nowhere):
        assert client.get(f"/transfers/{run.transfer_id}/").status_code == 404
        finding = run.findings.get()
        assert client.get(f"/transfers/findings/{finding.pk}/look/").status_code == 404
        answer = client.post(f"/transfers/findings/{finding.pk}/release/", {"reason": REASON})
        assert answer.status_code == 404


def test_sums_count_what_one_may_see(house):
    limited = signed_in(house.ola)
    whole = signed_in(house.kari)

    for client, number in ((limited, 1), (whole, 3)):
        project = client.get("/projects/BICAM/").context["project"]
        assert (project.study_count, project.participant_count) == (number, number)
        assert project.held_count == number
        (mine,) = client.get("/").context["mine"]
        assert (mine.study_count, mine.participant_count) == (number, number)
    assert limited.get("/").context["waiting"].held_count == 1


def test_what_concerns_the_whole_project_is_refused_in_a_sentence(house):
    client = signed_in(house.ola)

    for address in (
        *("/projects/BICAM/settings/", "/projects/BICAM/plan/", "/review/BICAM/"),
        *("/exports/BICAM/", "/exports/BICAM/tables/", "/review/BICAM/studies/"),
    ):
        answer = client.get(address)
        assert answer.status_code == 403
        assert "You are limited to some sites of BICAM" in answer.text
    side = client.get("/projects/BICAM/").text
    assert 'href="/exports/BICAM/"' not in side
    assert 'href="/transfers/?project=BICAM"' in side


def test_rest_shows_the_same_part(house):
    client = APIClient()
    client.force_authenticate(house.ola)

    transfers = client.get("/api/v1/transfers/").json()
    people = client.get("/api/v1/projects/BICAM/participants/").json()

    assert [one["id"] for one in transfers["results"]] == [house.here.transfer_id]
    assert [one["pseudonym"] for one in people["results"]] == ["BICAM_01_0011"]
    other = house.there.transfer_id
    assert client.get(f"/api/v1/transfers/{other}/").status_code == 404
    assert client.post(f"/api/v1/transfers/{other}/cancel/").status_code == 404
    assert client.get("/api/v1/projects/BICAM/tags/").status_code == 403
    assert client.get("/api/v1/exports/").json()["results"] == []


def test_verdict_of_a_limited_person_stays_at_their_sites(house):
    finding = house.here.findings.get()

    freed = actions.release(by=house.ola, run=house.here, finding=finding, reason=REASON)

    assert freed == 1
    finding.refresh_from_db()
    assert (finding.verdict, finding.carries_to) == (
        FindingVerdict.RELEASED,
        CarriesTo.INSTANCE,
    )
    assert house.there.findings.get().verdict == FindingVerdict.OPEN
    with pytest.raises(PermissionDenied, match="another site"):
        actions.reject(by=house.ola, run=house.there, reason=REASON)


def test_second_person_confirms_no_further_than_their_sites(house):
    Project.objects.update(two_person_release=True)
    set_member(by=house.kari, project=house.project, user=house.kari, role=Role.OWNER)
    unlimited = UserFactory()
    set_member(by=house.kari, project=house.project, user=unlimited, role=Role.DATA_MANAGER)
    finding = house.here.findings.get()
    run = Run.objects.get(pk=house.here.pk)
    actions.release(by=house.fresh(unlimited), run=run, finding=finding, reason=REASON)

    freed = actions.confirm_release(by=house.ola, run=run, finding=finding)

    assert freed == 1
    finding.refresh_from_db()
    assert (finding.second_by, finding.carries_to) == (house.ola, CarriesTo.INSTANCE)
    assert house.there.findings.get().verdict == FindingVerdict.AWAITING


def test_two_accounts_of_one_person_are_not_two_people(house):
    Project.objects.update(two_person_release=True)
    User.objects.filter(pk=house.ola.pk).update(email="Ola.Moen@example.org")
    other = UserFactory(email="ola.moen@example.org")
    set_member(by=house.kari, project=house.project, user=other, role=Role.DATA_MANAGER)
    run = Run.objects.get(pk=house.here.pk)
    actions.release(by=house.fresh(house.ola), run=run, reason=REASON)

    with pytest.raises(ValidationError, match="yourself"):
        actions.confirm_release(by=house.fresh(other), run=run)


def test_rule_is_the_projects_and_not_for_somebody_limited(house):
    finding = house.here.findings.get()

    with pytest.raises(PermissionDenied, match="limited to some sites"):
        actions.make_rule(
            by=house.ola, finding=finding, element="(0010,4000)", action="remove", reason=REASON
        )


def test_request_names_a_participant_of_ones_site(house):
    asked = {"project": house.project, "event": house.project.events.first()}

    with pytest.raises(PermissionDenied, match="another site"):
        actions.request_transfer(
            by=house.ola,
            study=StudyFactory(brought_by=house.ola),
            pseudonym="BICAM_02_0001",
            **asked,
        )
    made = actions.request_transfer(
        by=house.ola, study=StudyFactory(brought_by=house.ola), pseudonym="BICAM_01_0001", **asked
    )

    assert made.participant.site == house.bergen
    with pytest.raises(PermissionDenied, match="another site"):
        actions.move_transfer(by=house.ola, transfer=made, pseudonym="BICAM_02_0012")
    assert TransferRequest.objects.live().filter(pk=made.pk).exists()


def test_studies_sent_to_the_project_are_listed_for_who_is_not_limited(house):
    study = StudyFactory(called_ae_title="BICAM")

    assert study in type(study).objects.visible_to(house.kari)
    assert study not in type(study).objects.visible_to(house.ola)
    own = StudyFactory(brought_by=house.ola)
    assert list(type(study).objects.visible_to(house.ola)) == [own]


def test_patient_of_another_site_is_said_without_the_identifier(house):
    patient = PatientFactory()
    type(house.there.transfer.study).objects.filter(pk=house.there.transfer.study_id).update(
        patient=patient
    )
    study = StudyFactory(patient=patient, brought_by=house.ola)
    data = {"project": house.project.pk, "pseudonym": "BICAM_01_0020"}

    form = AssignForm(data, user=house.ola, study=study)

    assert "another site" in form.said_of_pseudonym()[0]
    assert "another site" in form.errors["pseudonym"][0]
    assert "BICAM_02" not in str(form.errors) + form.suggestion()
    whole = AssignForm(data, user=house.kari, study=study)
    assert whole.suggestion() == "BICAM_02_0012"


def test_taking_back_stays_possible_when_the_approval_has_ended(house):
    ended = house.project.approval_start
    Project.objects.update(approval_end=ended)
    transfer = TransferRequest.objects.get(pk=house.here.transfer_id)

    with pytest.raises(ValidationError, match="has ended"):
        actions.rerun_transfer(by=house.ola, transfer=transfer)
    actions.cancel_transfer(by=house.ola, transfer=transfer)

    transfer.refresh_from_db()
    assert transfer.ended_by == house.ola
