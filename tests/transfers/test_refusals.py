"""What a transfer refuses, and what the database refuses behind it."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from intake.models import Instance
from projects.models import Project
from projects.roles import Role
from projects.storage import storage
from tests.datasets import make_mr_series, make_us_series, new_uid
from tests.factories import ParticipantFactory, ProjectFactory, UserFactory
from tests.transfers.arrange import (
    every_image,
    make_desk,
    outcomes,
    quarantine,
    request,
    run_to_the_end,
)
from tests.transfers.test_pipeline import NAME
from transfers import actions
from transfers.models import Run, TransferRequest
from transfers.states import State
from transfers.tasks import resume_transfers

pytestmark = pytest.mark.django_db


class TestRefusals:
    """What is refused in the action is refused by the database too."""

    def test_identifier_that_does_not_fit_the_pattern(self, tmp_path):
        desk = make_desk()
        make_mr_series(tmp_path / "in", n=1, patient_name=NAME)
        (study,) = quarantine(tmp_path / "in", desk.kari)

        with pytest.raises(ValidationError, match="expects identifiers such as"):
            request(desk, study, "WRONG_1")

        with pytest.raises(IntegrityError, match="pseudonym_fits_the_pattern"):
            ParticipantFactory(project=desk.project, pseudonym="WRONG_1")

    def test_project_outside_its_approval(self, tmp_path):
        past = timezone.localdate().replace(year=2020)
        desk = make_desk(approval_start=past, approval_end=past)
        make_mr_series(tmp_path / "in", n=1, patient_name=NAME)
        (study,) = quarantine(tmp_path / "in", desk.kari)

        with pytest.raises(ValidationError, match="approval"):
            request(desk, study)

        participant = ParticipantFactory(project=desk.project)
        with pytest.raises(IntegrityError, match="inside_the_approval"):
            TransferRequest.objects.create(
                study=study,
                project=desk.project,
                participant=participant,
                event=desk.project.events.first(),
            )

    def test_whatever_would_leave_once_the_approval_has_ended(self, tmp_path):
        desk = make_desk()
        uid = new_uid()
        make_us_series(tmp_path / "us", n=1, study_instance_uid=uid)
        (study,) = quarantine(tmp_path / "us", desk.kari)
        transfer = request(desk, study)
        run = run_to_the_end(transfer)
        Project.objects.update(approval_end=timezone.localdate() - timedelta(days=1))
        desk.project.refresh_from_db()
        run = Run.objects.get(pk=run.pk)
        make_mr_series(tmp_path / "late", n=2, study_instance_uid=uid)
        quarantine(tmp_path / "late", desk.kari)

        resume_transfers()
        with pytest.raises(ValidationError, match="approval"):
            actions.release(by=desk.kari, run=run, outcomes=every_image(run), reason="No text.")
        with pytest.raises(ValidationError, match="approval"):
            actions.confirm_release(by=desk.office, run=run, outcomes=every_image(run))
        assert outcomes(run) == {"held": 1}
        Run.objects.update(state=State.FAILED)
        with pytest.raises(ValidationError, match="approval"):
            actions.retry_transfer(by=desk.kari, transfer=run.transfer)

        actions.reject(by=desk.kari, run=run, reason="The approval is over.")
        assert outcomes(run) == {"rejected": 1}

    def test_finding_without_a_number_is_not_all_of_them(self, tmp_path, client):
        desk = make_desk()
        make_mr_series(tmp_path / "in", n=2, patient_name=NAME)
        (study,) = quarantine(tmp_path / "in", desk.kari)
        transfer = request(desk, study)
        broken = Instance.objects.first()
        storage().path(broken.key).write_bytes(b"")
        run = run_to_the_end(transfer)
        client.force_login(desk.kari)

        said = [
            client.post(
                f"/api/v1/transfers/{transfer.pk}/{word}/",
                {"finding": 0, "reason": "Meant one of them.", "element": "x", "action": "remove"},
                content_type="application/json",
            ).status_code
            for word in ("release", "reject", "second", "withdraw", "rule")
        ]

        assert said == [400] * 5
        assert outcomes(run) == {"delivered": 1, "held": 1}

    def test_name_in_a_reason_before_those_who_may_not_see_it(self, tmp_path, client, monkeypatch):
        # as before such reasons were refused: what is written stays written
        monkeypatch.setattr("transfers.actions.verdicts.refuse_identity", lambda *_: None)
        desk = make_desk()
        researcher = UserFactory()
        desk.project.memberships.create(user=researcher, role=Role.RESEARCHER)
        make_us_series(tmp_path / "us", n=1, patient_name=NAME)
        (study,) = quarantine(tmp_path / "us", desk.kari)
        run = run_to_the_end(request(desk, study))
        reason = "One can read Fjell in the corner."
        actions.reject(by=desk.kari, run=run, outcomes=every_image(run), reason=reason)
        told = []

        for person in (desk.kari, researcher):
            client.force_login(person)
            address = f"/api/v1/transfers/{run.transfer_id}/findings/"
            (finding,) = client.get(address).json()["results"]
            told.append(finding["verdict_reason"])

        assert told[0] == reason
        assert told[1].startswith("(withheld")

    def test_number_in_an_address_that_no_transfer_can_have(self, client):
        client.force_login(make_desk().kari)

        response = client.get(f"/transfers/pixels/?transfer={'9' * 5000}")

        assert response.status_code == 200

    def test_study_that_is_live_in_the_project(self, tmp_path):
        desk = make_desk()
        make_mr_series(tmp_path / "in", n=1, patient_name=NAME)
        (study,) = quarantine(tmp_path / "in", desk.kari)
        first = request(desk, study)

        with pytest.raises(ValidationError, match="already"):
            request(desk, study, "BICAM_0002")

        with pytest.raises(IntegrityError, match="one_live_transfer"), transaction.atomic():
            TransferRequest.objects.create(
                study=study,
                project=desk.project,
                participant=first.participant,
                event=first.event,
            )

    def test_event_of_another_project(self, tmp_path):
        desk = make_desk()
        make_mr_series(tmp_path / "in", n=1, patient_name=NAME)
        (study,) = quarantine(tmp_path / "in", desk.kari)
        other = ProjectFactory()

        with pytest.raises(ValidationError, match="another project"):
            actions.request_transfer(
                by=desk.kari,
                study=study,
                project=desk.project,
                pseudonym="BICAM_0001",
                event=other.events.first(),
            )

    def test_study_that_one_may_not_see(self, tmp_path):
        desk, stranger = make_desk(), make_desk("ECTMRI")
        make_mr_series(tmp_path / "in", n=1, patient_name=NAME)
        (study,) = quarantine(tmp_path / "in", desk.kari)

        with pytest.raises(PermissionDenied):
            request(stranger, study, "ECTMRI_0001")
