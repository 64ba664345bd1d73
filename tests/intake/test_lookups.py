from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from intake.lookups import look_up
from intake.models import Arrival, Door, Lookup, Study
from projects.models import AuditEvent
from projects.roles import Role
from tests.factories import PatientFactory, ProjectFactory, StudyFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def kari() -> Any:
    user = UserFactory(username="kari")
    ProjectFactory(acronym="BICAM", ae_title="BICAM", members={user: Role.DATA_MANAGER})
    return user


@pytest.mark.parametrize("typed", ["88412207", " 88412207 "])
def test_an_exact_accession_number_finds_the_study_and_keeps_it_visible(kari: Any, typed: str):
    study = StudyFactory(accession_number="88412207")
    StudyFactory(accession_number="88412208")

    found = look_up(by=kari, text=typed)

    assert list(found) == [study]
    assert list(Study.objects.visible_to(kari)) == [study]


def test_an_exact_patient_identifier_finds_all_studies_of_that_patient(kari: Any):
    patient = PatientFactory(patient_id="97975432312")
    mine = {StudyFactory(patient=patient).pk, StudyFactory(patient=patient).pk}

    found = look_up(by=kari, text="97975432312")

    assert {study.pk for study in found} == mine


@pytest.mark.parametrize("typed", ["", "  ", "8841220", "88412207*", "Oppdiktet^Olga"])
def test_anything_less_than_the_exact_identifier_finds_nothing(kari: Any, typed: str):
    StudyFactory(accession_number="88412207", patient_name="Oppdiktet^Olga")

    found = look_up(by=kari, text=typed)

    assert list(found) == []
    assert not Study.objects.visible_to(kari).exists()


def test_studies_without_an_accession_number_are_not_found_by_an_empty_one(kari: Any):
    StudyFactory(accession_number="")

    assert not look_up(by=kari, text="").exists()


def test_every_look_up_is_audited_also_one_that_finds_nothing(kari: Any):
    StudyFactory(accession_number="88412207")

    look_up(by=kari, text="88412207")
    look_up(by=kari, text="0000")
    look_up(by=kari, text="88412207")

    events = AuditEvent.objects.filter(verb="looked_up", actor=kari)
    assert sorted(event.facts["studies"] for event in events) == [0, 1, 1]
    assert Lookup.objects.count() == 1


def test_who_may_not_assign_may_not_look_up():
    ola = UserFactory()
    ProjectFactory(members={ola: Role.RESEARCHER})

    with pytest.raises(PermissionDenied):
        look_up(by=ola, text="88412207")


def test_what_one_looked_up_stays_hidden_from_others(kari: Any):
    ola = UserFactory()
    ProjectFactory(members={ola: Role.DATA_MANAGER})
    StudyFactory(accession_number="88412207")

    look_up(by=kari, text="88412207")

    assert not Study.objects.visible_to(ola).exists()


def test_a_study_is_visible_to_those_whose_title_was_called(kari: Any):
    mine = StudyFactory(called_ae_title="BICAM")
    StudyFactory(called_ae_title="OTHER")

    assert list(Study.objects.visible_to(kari)) == [mine]


def test_who_sends_a_study_again_sees_it_too(kari: Any):
    study = StudyFactory(called_ae_title="OTHER")
    again = Arrival.objects.create(door=Door.UPLOAD, brought_by=kari)
    again.studies.add(study)

    assert list(Study.objects.visible_to(kari)) == [study]


def test_a_study_sent_again_to_a_projects_title_is_visible_to_the_project(kari: Any):
    study = StudyFactory(called_ae_title="OTHER")
    for _ in range(2):
        Arrival.objects.create(door=Door.DICOM, called_ae_title="BICAM").studies.add(study)

    assert list(Study.objects.visible_to(kari)) == [study]


def test_the_data_office_sees_all_and_the_inactive_nothing():
    office, gone = UserFactory(data_office=True), UserFactory(data_office=True, is_active=False)
    StudyFactory()

    assert Study.objects.visible_to(office).count() == 1
    assert Study.objects.visible_to(gone).count() == 0
