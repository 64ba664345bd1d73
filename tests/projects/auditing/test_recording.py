"""An event says where it came from and points at a reason, and never holds a value."""

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from projects.chain.sealing import seal_audit
from projects.chain.verifying import verify_audit
from projects.models import AuditEvent, AuditPlace, AuditReason, User
from projects.models.audit import CLOSED_WORD
from projects.origin import come_by_token, coming_from, origin
from tests.factories import ProjectFactory, UserFactory
from tests.projects.by_hand import by_hand

pytestmark = pytest.mark.django_db

REASON = "Fjell Turid is the name of the ward, not of the patient."


@pytest.fixture
def kari():
    return UserFactory()


@pytest.fixture
def bicam():
    return ProjectFactory(acronym="BICAM")


def test_an_event_says_by_which_door_and_token_and_from_which_address_it_came(kari, bicam):
    with coming_from("rest", address="192.0.2.7"):
        come_by_token(12)
        event = AuditEvent.record(kari, "looked", bicam)
        wrote = origin().wrote
    later = AuditEvent.record(kari, "looked", bicam)

    assert (event.through, event.token_id, wrote) == ("rest", 12, True)
    assert (later.through, later.token_id, later.address) == ("program", None, "")


def test_an_event_holds_a_digest_of_the_address_which_can_be_forgotten(kari, bicam):
    with coming_from("page", address="192.0.2.7"):
        event = AuditEvent.record(kari, "looked", bicam)
        again = AuditEvent.record(kari, "looked", bicam)
    with coming_from("page", address="192.0.2.8"):
        other = AuditEvent.record(kari, "looked", bicam)
    AuditPlace.objects.note("192.0.2.7")
    AuditPlace.objects.note("192.0.2.7")

    assert event.address == again.address != other.address
    assert "192.0.2.7" not in event.address
    assert [place.address for place in AuditPlace.objects.with_digests([event.address])] == [
        "192.0.2.7"
    ]


def test_a_reason_stands_beside_its_event_and_nowhere_in_clear(kari, bicam):
    event = AuditEvent.record(kari, "released", bicam, why=REASON)

    assert AuditReason.objects.get(event_id=event.pk).text == REASON
    with connection.cursor() as cursor:
        for table in ("projects_auditevent", "projects_auditreason"):
            cursor.execute(f"SELECT CAST(row_to_json(t) AS text) FROM {table} t")
            assert "Fjell" not in str(cursor.fetchall())


def test_a_reason_that_was_dropped_leaves_the_chain_intact(kari, bicam):
    AuditEvent.record(kari, "released", bicam, why=REASON)
    seal_audit()

    AuditReason.objects.all().delete()

    assert verify_audit().is_intact


@pytest.mark.parametrize(
    "change",
    [
        "through = 'page'",
        "through = NULL, token_id = NULL, address = NULL, why = NULL",
        "token_id = 7",
        "address = repeat('a', 32)",
        "why = ''",
    ],
)
def test_where_an_event_came_from_is_under_its_seal(kari, bicam, change):
    with coming_from("rest", address="192.0.2.7"):
        event = AuditEvent.record(kari, "released", bicam, why=REASON)
    seal_audit()

    with by_hand("projects_auditevent") as cursor:
        cursor.execute(f"UPDATE projects_auditevent SET {change} WHERE id = %s", [event.pk])

    assert verify_audit().sentences()[0] == f"Event {event.pk} was changed."


def test_events_of_before_there_were_such_columns_keep_their_seals(kari, bicam, monkeypatch):
    old = AuditEvent.objects.create(
        actor=kari, verb="looked", object_type="projects.project", object_id=bicam.pk
    )
    with monkeypatch.context() as before:
        # the program as it was when these seals were made
        before.setattr("projects.chain.sealing.COLUMNS", COLUMNS_OF_BEFORE)
        before.setattr("projects.chain.sealing.leaf", leaf_of_before)
        seal_audit()
    AuditEvent.record(kari, "looked", bicam)
    seal_audit()

    assert verify_audit().is_intact
    with by_hand("projects_auditevent") as cursor:
        cursor.execute("UPDATE projects_auditevent SET through = 'page' WHERE id = %s", [old.pk])
    assert verify_audit().sentences()[0] == f"Event {old.pk} was changed."


COLUMNS_OF_BEFORE = (
    *("pk", "at", "actor_id", "verb", "object_type", "object_id", "project_id", "facts"),
)


def leaf_of_before(row):
    from hashlib import sha256

    from projects.canonical import canonical
    from projects.chain.links import moment

    pk, at, *rest = row
    return sha256(canonical([pk, moment(at), *rest]).encode()).digest()


@given(value=st.one_of(st.text(), st.floats(), st.binary(), st.lists(st.integers())))
def test_a_fact_is_a_number_or_a_closed_word_and_never_a_value(value):
    """Names, dates of birth with their dots, whatever has a capital or a space: refused."""
    is_word = isinstance(value, str) and CLOSED_WORD.fullmatch(value) is not None

    if is_word:
        assert AuditEvent.record(None, "looked", User(), fact=value).facts == {"fact": value}
    else:
        with pytest.raises(ValueError, match="The audit fact fact must be"):
            AuditEvent.record(None, "looked", User(), fact=value)


@pytest.mark.parametrize("value", ["Fjell^Turid", "fjell turid", "åse", "Fjell", "a" * 65])
def test_what_a_patient_could_be_called_is_no_closed_word(value, bicam):
    with pytest.raises(ValueError, match="must be a number or a closed word"):
        AuditEvent.record(None, "looked", bicam, fact=value)
