"""The chain over the audit: what somebody does to a row by hand is found, and nobody waits."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from threading import Event
from time import sleep

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from projects.chain.checkpoints import asked, folder, kept
from projects.chain.sealing import seal_audit
from projects.chain.verifying import verify_audit
from projects.models import AuditEvent, AuditSeal
from tests.factories import ProjectFactory, UserFactory
from tests.projects.by_hand import by_hand

pytestmark = pytest.mark.django_db


@pytest.fixture
def kari():
    return UserFactory()


def record(kari, count, project=None):
    project = project or ProjectFactory()
    return [AuditEvent.record(kari, "looked", project, n=n).pk for n in range(count)]


def roll_back(write):
    """Do it, and take it back; what it returned shows which ids were drawn for nothing."""
    with transaction.atomic():
        done = write()
        transaction.set_rollback(True)
    return done


def test_an_audit_that_nobody_touched_is_intact(kari):
    record(kari, 7)
    seal_audit(batch=3)
    record(kari, 2)

    report = verify_audit(kept())

    assert report.is_intact
    assert (report.seal_count, report.event_count, report.unsealed_count) == (3, 7, 2)
    assert report.sentences() == [
        "The audit is intact: 7 events under 3 seals up to number 3, as they were written.",
        "Not sealed yet: 2 events.",
        "Agrees with 3 checkpoints.",
    ]


@pytest.mark.parametrize(
    "change",
    [
        "verb = 'exported'",
        "at = at + interval '1 microsecond'",
        "actor_id = NULL",
        "object_id = object_id + 1",
        "object_type = 'projects.user'",
        "project_id = NULL",
        "facts = jsonb_set(facts, '{n}', '1.0')",
        "facts = '{}'",
    ],
)
def test_a_row_that_was_changed_by_hand_is_named(kari, change):
    events = record(kari, 5)
    seal_audit(batch=2)

    with by_hand("projects_auditevent") as cursor:
        cursor.execute(f"UPDATE projects_auditevent SET {change} WHERE id = %s", [events[1]])

    report = verify_audit()
    assert not report.is_intact
    assert report.sentences()[0] == f"Event {events[1]} was changed."
    assert report.event_count == 4


def test_rows_that_were_deleted_by_hand_are_named_with_their_seal(kari):
    events = record(kari, 6)
    seal_audit(batch=4)

    with by_hand("projects_auditevent") as cursor:
        cursor.execute(
            "DELETE FROM projects_auditevent WHERE id IN (%s, %s, %s)",
            [events[1], events[2], events[5]],
        )

    assert verify_audit().sentences()[:2] == [
        f"Events {events[1]} to {events[2]} of seal 1 are missing.",
        f"Event {events[5]} of seal 2 is missing.",
    ]


@pytest.mark.django_db(transaction=True)
def test_a_row_put_where_nobody_can_still_bring_one_is_named(kari, monkeypatch):
    monkeypatch.setattr("projects.chain.sealing.LATEST", timedelta(0))
    project = ProjectFactory()
    [given_up] = roll_back(lambda: record(kari, 1, project))
    record(kari, 2, project)
    seal_audit()
    sleep(1.1)  # a gap's age is kept in whole seconds
    record(kari, 1, project)
    seal_audit()

    AuditEvent.objects.create(pk=given_up, verb="looked", object_type="projects.project")

    assert verify_audit().sentences()[0] == f"Event {given_up} was put in by hand."


@pytest.mark.django_db(transaction=True)
def test_an_event_that_comes_late_goes_into_the_next_seal(kari):
    project = ProjectFactory()
    written, sealed = Event(), Event()

    def write_slowly():
        with transaction.atomic():
            [event] = record(kari, 1, project)
            written.set()
            sealed.wait(10)
        connection.close()
        return event

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(write_slowly)
        written.wait(10)
        quick = record(kari, 2, project)
        [first] = seal_audit()
        before = verify_audit()
        sealed.set()
        late = slow.result()

    assert late < quick[0]
    assert (before.is_intact, before.unsealed_count) == (True, 0)
    assert (verify_audit().is_intact, verify_audit().unsealed_count) == (True, 1)
    [second] = seal_audit()
    assert (list(first.events), list(second.events)) == (quick, [late])
    assert verify_audit().sentences()[0].startswith("The audit is intact: 3 events under 2 seals")


@pytest.mark.django_db(transaction=True)
def test_writers_and_sealers_at_the_same_moment_leave_every_event_in_one_seal(kari):
    project, over = ProjectFactory(), Event()

    def write(seed):
        dice = Random(seed)
        for _ in range(40):
            if dice.random() < 0.2:
                roll_back(lambda: record(kari, 1, project))
                continue
            with transaction.atomic():
                record(kari, dice.randrange(1, 4), project)
                sleep(dice.random() / 100)
        connection.close()

    def seal():
        while not over.is_set():
            seal_audit(batch=7)
        connection.close()

    with ThreadPoolExecutor(6) as pool:
        sealers = [pool.submit(seal) for _ in range(2)]
        for writer in [pool.submit(write, seed) for seed in range(4)]:
            writer.result()
        over.set()
        for sealer in sealers:
            sealer.result()
    seal_audit()

    covered = [event for seal in AuditSeal.objects.all() for event in seal.events]
    assert len(covered) == len(set(covered))
    assert set(covered) == set(AuditEvent.objects.values_list("pk", flat=True))
    assert verify_audit(kept()).is_intact


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("event_count = event_count + 1", "Seal 2 was changed."),
        ("leaves = substring(leaves from 1 for 32)", "Seal 2 was changed."),
        ("sealed_at = sealed_at - interval '1 day'", "Seal 2 was changed."),
        ("previous = repeat('a', 64)", "Seal 2 does not follow the one before it."),
        ("mac = repeat('a', 64)", "Seal 2 was not made by rDMA: its signature is wrong."),
    ],
)
def test_a_seal_that_was_changed_by_hand_is_named(kari, change, sentence):
    record(kari, 6)
    seal_audit(batch=2)

    with by_hand("projects_auditseal") as cursor:
        cursor.execute(f"UPDATE projects_auditseal SET {change} WHERE number = 2")

    assert verify_audit().sentences()[0] == sentence


@pytest.mark.parametrize(
    "change", ["covers = '\"x\"'", "covers = '[[9, 1]]'", "waits = '[[1]]'", "digests = '7'"]
)
def test_a_seal_that_was_changed_beyond_reading_is_named(kari, change):
    record(kari, 4)
    seal_audit(batch=2)

    with by_hand("projects_auditseal") as cursor:
        cursor.execute(f"UPDATE projects_auditseal SET {change} WHERE number = 2")

    sentences = verify_audit().sentences()
    assert sentences[0] == "Seal 2 was changed."
    assert not any("put in by hand" in sentence for sentence in sentences)


def test_an_event_with_a_time_long_before_its_seal_is_remarked(kari):
    record(kari, 2)
    seal_audit()
    late = AuditEvent.objects.create(
        verb="released", object_type="transfers.run", at=timezone.now() - timedelta(days=40)
    )
    seal_audit()

    report = verify_audit()

    assert report.sentences()[0].startswith(f"Event {late.pk} gives a time long before it was")
    assert report.is_intact  # a wrong clock must not raise an alarm every night


def test_a_seal_that_was_taken_out_is_missed(kari):
    record(kari, 6)
    seal_audit(batch=2)

    with by_hand("projects_auditseal") as cursor:
        cursor.execute("DELETE FROM projects_auditseal WHERE number = 2")

    sentences = verify_audit().sentences()
    assert sentences[0] == "Seal 2 is missing."
    assert sentences[1].endswith("are under no seal.")


def test_a_tail_that_was_cut_off_is_missed_by_the_checkpoints(kari):
    events = record(kari, 6)
    seal_audit(batch=2)

    with by_hand("projects_auditevent", "projects_auditseal") as cursor:
        cursor.execute("DELETE FROM projects_auditseal WHERE number = 3")
        cursor.execute("DELETE FROM projects_auditevent WHERE id > %s", [events[3]])

    assert verify_audit().is_intact  # a chain alone cannot know that it was longer
    [file] = folder().glob("*.txt")
    assert verify_audit(kept()).sentences()[0] == f"Seal 3 of {file.name} is missing."


def test_a_chain_that_was_written_anew_has_no_signature_and_other_checkpoints(kari, monkeypatch):
    record(kari, 4)
    [first, _] = seal_audit(batch=2)
    with by_hand("projects_auditevent", "projects_auditseal") as cursor:
        cursor.execute("UPDATE projects_auditevent SET verb = 'slept'")
        cursor.execute("DELETE FROM projects_auditseal")
    checkpoints = list(kept())

    with monkeypatch.context() as elsewhere:
        elsewhere.setattr("projects.chain.links.purpose_key", lambda purpose: b"guessed")
        seal_audit(batch=2)

    assert verify_audit().sentences()[0] == ("Seal 1 was not made by rDMA: its signature is wrong.")
    without_key = verify_audit(checkpoints, with_key=False)
    assert "Seal 1 is another one than" in without_key.sentences()[0]
    assert verify_audit(asked(first.digest), with_key=False).sentences()[0] == (
        "No seal has the digest that was given."
    )


def test_seals_can_be_neither_changed_nor_deleted(kari):
    record(kari, 1)
    seal_audit()

    for forbidden in (
        lambda: AuditSeal.objects.update(mac="a"),
        lambda: AuditSeal.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError, match="seals_stay_as_they_are"), transaction.atomic():
            forbidden()
