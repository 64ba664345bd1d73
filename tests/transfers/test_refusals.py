"""What a transfer refuses, and what the database refuses behind it."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.datasets import make_mr_series
from tests.factories import ParticipantFactory, ProjectFactory
from tests.transfers.arrange import (
    make_desk,
    quarantine,
)
from tests.transfers.test_pipeline import NAME, request
from transfers import actions
from transfers.models import TransferRequest

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
            actions.request_transfer(
                by=stranger.kari,
                study=study,
                project=stranger.project,
                pseudonym="ECTMRI_0001",
                event=stranger.project.events.first(),
            )
