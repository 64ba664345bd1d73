"""Rows to start a test from: invented people, projects and studies, each valid as it stands.

    kari = UserFactory()
    bicam = ProjectFactory(acronym="BICAM", members={kari: Role.OWNER})
    study = StudyFactory(called_ae_title="BICAM", series=2, instances=3)

A test names only the values that it is about. These are rows alone: files are made by
`tests/datasets.py`.
"""

from datetime import date, timedelta
from functools import cache
from typing import Any

import factory
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from factory.django import DjangoModelFactory

from intake.models import Door, Instance, Patient, Series, Study
from projects import keyring
from projects.models import Event, Membership, Participant, Project, Site, User
from projects.patterns import parse
from projects.roles import HospitalRole, Role
from review.models import Element

PASSWORD = "an invented password"
MR_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.4"
EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"


@cache
def _hashed(password: str) -> str:
    """Hash a password once in a run: Argon2 takes its time on purpose, and most never sign in."""
    return make_password(password)


class UserFactory(DjangoModelFactory[User]):
    """Somebody who can sign in with PASSWORD and is in no project."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person{n}")
    first_name = "Kari"
    last_name = "Moen"
    password = factory.LazyFunction(lambda: _hashed(PASSWORD))

    class Params:
        data_office = factory.Trait(hospital_role=HospitalRole.DATA_OFFICE)
        auditor = factory.Trait(hospital_role=HospitalRole.AUDITOR)


class ProjectFactory(DjangoModelFactory[Project]):
    """A project approved today, with a key of its own and the events baseline and 6month.

    `members` maps people to roles; `events` and `sites` name others than the usual ones.
    """

    class Meta:
        model = Project
        skip_postgeneration_save = True

    acronym = factory.Sequence(lambda n: f"BICAM{n}")
    number = factory.Sequence(lambda n: f"P{10 + n // 99 % 90:02}_{n % 99 + 1:02}")
    title = "Brain images of a cohort"
    approval_number = "2019/1234"
    approval_start = factory.LazyFunction(lambda: timezone.localdate() - timedelta(days=365))
    approval_end = factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=730))
    participant_pattern = factory.LazyAttribute(lambda project: f"{project.acronym}_{{n:04}}")
    participant_regex = factory.LazyAttribute(
        lambda project: parse(project.participant_pattern).regex
    )
    wrapped_key = factory.LazyFunction(
        lambda: keyring.wrap(keyring.new_key(), keyring.master_key())
    )

    @factory.post_generation
    def members(self, create: bool, extracted: dict[User, Role] | None, **_: Any) -> None:
        for user, role in (extracted or {}).items():
            Membership.objects.create(project=self, user=user, role=role)
            user.__dict__.pop("seats", None)  # read before, perhaps, and remembered

    @factory.post_generation
    def events(self, create: bool, extracted: list[str] | None, **_: Any) -> None:
        names = ["baseline", "6month"] if extracted is None else extracted
        for position, name in enumerate(names):
            Event.objects.create(project=self, name=name, position=position)

    @factory.post_generation
    def sites(self, create: bool, extracted: list[str] | None, **_: Any) -> None:
        for code, name in enumerate(extracted or [], start=1):
            Site.objects.create(project=self, code=code, name=name)


class ParticipantFactory(DjangoModelFactory[Participant]):
    """Somebody inside a project, with a secret of their own."""

    class Meta:
        model = Participant

    project = factory.SubFactory(ProjectFactory)
    pseudonym = factory.LazyAttributeSequence(
        lambda participant, n: participant.project.pattern.fill(n=n + 1, site=1)
    )
    created_by = factory.SubFactory(UserFactory)
    wrapped_secret = factory.LazyAttribute(
        lambda participant: keyring.wrap(keyring.new_key(), participant.project.key)
    )


class PatientFactory(DjangoModelFactory[Patient]):
    """An invented patient of one issuer."""

    class Meta:
        model = Patient

    issuer = "Invented hospital"
    patient_id = factory.Sequence(lambda n: f"INVENTED-{n:06}")


class StudyFactory(DjangoModelFactory[Study]):
    """A complete MR study in quarantine, of `series` series with `instances` instances each."""

    class Meta:
        model = Study
        skip_postgeneration_save = True

    class Params:
        series = 1
        instances = 2

    patient = factory.SubFactory(PatientFactory)
    study_instance_uid = factory.Sequence(lambda n: f"1.2.826.0.1.3680043.8.498.1.{n + 1}")
    accession_number = factory.Sequence(lambda n: f"ACC{n:08}")
    patient_name = "Oppdiktet^Olga"
    patient_birth_date = "19700101"
    patient_sex = "F"
    study_date = date(2026, 3, 12).strftime("%Y%m%d")
    study_time = "101500"
    study_description = "MR brain"
    door = Door.DICOM
    calling_ae_title = "MR3T"
    called_ae_title = "RDMA"
    first_received_at = factory.LazyFunction(lambda: timezone.now() - timedelta(hours=1))
    last_received_at = factory.LazyFunction(lambda: timezone.now() - timedelta(minutes=59))
    series_count = factory.SelfAttribute("series")
    instance_count = factory.LazyAttribute(lambda study: study.series * study.instances)
    byte_count = factory.LazyAttribute(lambda study: study.instance_count * 1000)

    @classmethod
    def _create(cls, model_class: type[Study], *args: Any, **kwargs: Any) -> Study:
        study = super()._create(model_class, *args, **kwargs)
        for number in range(1, study.series_count + 1):
            SeriesFactory(
                study=study,
                series_number=number,
                instances=study.instance_count // study.series_count,
            )
        return study


class SeriesFactory(DjangoModelFactory[Series]):
    """One MR series with `instances` instances."""

    class Meta:
        model = Series

    class Params:
        instances = 2

    study = factory.SubFactory(StudyFactory, series=0, instances=0)
    series_instance_uid = factory.Sequence(lambda n: f"1.2.826.0.1.3680043.8.498.2.{n + 1}")
    series_description = "T1 MPRAGE"
    series_number = 1
    modality = "MR"
    manufacturer = "Invented Imaging"
    manufacturer_model_name = "Model One"
    body_part_examined = "BRAIN"
    sop_class_uid = MR_IMAGE_STORAGE
    calling_ae_title = factory.SelfAttribute("study.calling_ae_title")
    called_ae_title = factory.SelfAttribute("study.called_ae_title")
    instance_count = factory.SelfAttribute("instances")
    byte_count = factory.LazyAttribute(lambda series: series.instance_count * 1000)

    @classmethod
    def _create(cls, model_class: type[Series], *args: Any, **kwargs: Any) -> Series:
        series = super()._create(model_class, *args, **kwargs)
        for number in range(1, series.instance_count + 1):
            InstanceFactory(series=series, instance_number=number)
        return series


class InstanceFactory(DjangoModelFactory[Instance]):
    """One instance in quarantine: the row alone, without its file."""

    class Meta:
        model = Instance

    series = factory.SubFactory(SeriesFactory, instances=0)
    sop_instance_uid = factory.Sequence(lambda n: f"1.2.826.0.1.3680043.8.498.3.{n + 1}")
    sop_class_uid = MR_IMAGE_STORAGE
    transfer_syntax_uid = EXPLICIT_LITTLE_ENDIAN
    instance_number = 1
    key = factory.Sequence(lambda n: f"quarantine/00/{n:032x}.dcm")
    digest = factory.Sequence(lambda n: f"{n:064x}")
    size = 1000
    received_at = factory.LazyFunction(timezone.now)


class ElementFactory(DjangoModelFactory[Element]):
    """An element of a project's index: its row alone, without the sums below it."""

    class Meta:
        model = Element

    project = factory.SubFactory(ProjectFactory)
    digest = factory.Sequence(lambda n: f"{n:064x}")
    path = factory.Sequence(lambda n: f"(0018,{n:04X})")
    tag = factory.LazyAttribute(lambda element: element.path[1:10])
    vr = "LO"
    participant_count = 1
    first_seen_at = factory.LazyFunction(timezone.now)
    changed_at = factory.LazyFunction(timezone.now)
