"""Identified columns: unreadable at rest, bound to their column, found without being read."""

import pytest
from django.core.exceptions import FieldError
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from intake.models import Patient, Study
from projects import keyring
from projects.encryption import blind_index, seal, unseal
from projects.errors import KeyUnavailable
from projects.models import DataKey
from tests.factories import ParticipantFactory, ProjectFactory, StudyFactory

pytestmark = pytest.mark.django_db


def stored(study, column):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM intake_study WHERE id = %s", [study.pk])
        return bytes(cursor.fetchone()[0])


def test_what_is_saved_is_read_back_and_lies_unreadable_in_the_database():
    study = StudyFactory(patient_name="Ødegård^Åse", patient_sex="")

    study.refresh_from_db()

    assert study.patient_name == "Ødegård^Åse"
    assert study.patient_sex == ""
    lying = stored(study, "patient_name")
    assert "Ødegård".encode() not in lying
    assert "Ødegård".encode("latin-1") not in lying


def test_the_same_value_lies_there_differently_each_time():
    one, other = StudyFactory(), StudyFactory()

    assert stored(one, "patient_name") != stored(other, "patient_name")


def test_a_value_moved_into_another_column_is_refused():
    study = StudyFactory()

    with connection.cursor() as cursor:
        cursor.execute("UPDATE intake_study SET study_description = patient_name")

    with pytest.raises(KeyUnavailable, match="study_description cannot be decrypted"):
        study.refresh_from_db()


def test_a_changed_byte_is_noticed():
    sealed = bytearray(seal("12345", "a.column"))
    sealed[-1] ^= 1

    with pytest.raises(KeyUnavailable):
        unseal(bytes(sealed), "a.column")


@given(value=st.text(min_size=1))
def test_any_text_survives_sealing(value):
    assert unseal(seal(value, "a.column"), "a.column") == value


def test_a_study_is_found_by_its_plain_value_whatever_its_case_and_outer_spaces():
    study = StudyFactory(accession_number="Acc 77")

    found = Study.objects.filter(accession_index="  ACC   77 ")

    assert list(found) == [study]
    assert not Study.objects.filter(accession_index="Acc 7").exists()


def test_the_index_says_nothing_without_the_key_and_follows_the_value():
    study = StudyFactory(accession_number="12345")
    before = study.accession_index

    study.accession_number = "54321"
    study.save()

    assert "12345" not in before
    assert study.accession_index != before
    assert Study.objects.filter(accession_index="54321").exists()


def test_the_same_number_as_another_kind_of_value_has_another_index():
    assert blind_index("12345", "patient_id") != blind_index("12345", "accession_number")
    assert blind_index("", "patient_id") == ""


def test_an_encrypted_column_cannot_be_searched_by_accident():
    with pytest.raises(FieldError, match="blind index"):
        Patient.objects.filter(patient_id="12345")


def test_the_same_patient_id_from_two_issuers_is_two_patients():
    one = StudyFactory(patient__issuer="Haukeland", patient__patient_id="1").patient
    other = StudyFactory(patient__issuer="Ullevål", patient__patient_id="1").patient

    assert one.identity != other.identity
    assert Patient.objects.filter(patient_id_index="1").count() == 2


def test_keys_lie_wrapped_and_open_with_the_master_key_alone():
    participant = ParticipantFactory()
    project = participant.project

    assert project.key not in bytes(project.wrapped_key)
    assert participant.secret not in bytes(participant.wrapped_secret)
    assert participant.secret != ParticipantFactory(project=project).secret
    assert project.key != ProjectFactory().key


def test_another_master_key_opens_nothing_and_says_so(settings):
    participant = ParticipantFactory()

    settings.RDMA_MASTER_KEY = "another master key of at least 32 characters"

    with pytest.raises(KeyUnavailable, match="RDMA_MASTER_KEY"):
        _ = participant.secret


def test_a_destroyed_secret_cannot_be_linked_again():
    participant = ParticipantFactory(wrapped_secret=None)

    with pytest.raises(KeyUnavailable, match="destroyed"):
        _ = participant.secret


def test_a_database_without_a_data_key_says_what_to_do():
    DataKey.objects.all().delete()
    keyring.forget()
    try:
        with pytest.raises(KeyUnavailable, match=r"manage\.py migrate"):
            seal("12345", "a.column")
    finally:
        keyring.forget()


def test_keys_for_two_purposes_have_nothing_to_do_with_each_other():
    key = keyring.new_key()

    assert keyring.derive(key, "one") != keyring.derive(key, "other")
    assert keyring.derive(key, "one") == keyring.derive(key, "one")
    assert len(keyring.derive(key, "one")) == keyring.KEY_BYTES
