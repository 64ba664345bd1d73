"""Another master key, or project key: everything written before reads as it did."""

from io import StringIO

import pydicom
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from projects import keyring
from projects.keys.opening import wrap_by_project
from projects.keys.rotating import rotate_master_key, rotate_project_key
from projects.keys.standing import Under, standing
from projects.models import AuditEvent, DataKey, Participant, Project
from projects.storage import storage
from tests.factories import ParticipantFactory
from tests.rdma.keys.written import NEW, READINGS, build, give_keys, read
from tests.transfers.arrange import run_to_the_end
from transfers.tasks import resume_transfers

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(tmp_path):
    return build(tmp_path / "first")


@pytest.fixture
def person():
    """A participant, for tests that need no more than a secret under a project's key."""
    return ParticipantFactory(project__acronym="BICAM")


@pytest.fixture
def old(settings):
    """The master key that the database was made with; afterwards nothing is remembered."""
    yield settings.RDMA_MASTER_KEY
    keyring.forget()


def wrapped():
    with connection.cursor() as cursor:
        cursor.execute("SELECT wrapped_key FROM projects_datakey ORDER BY id")
        keys = cursor.fetchall()
        cursor.execute(
            "SELECT wrapped_key, wrapped_secret FROM projects_project p "
            "JOIN projects_participant ON project_id = p.id"
        )
        return [bytes(one) for row in [*keys, *cursor.fetchall()] for one in row]


def studies_of(run):
    return {
        pydicom.dcmread(storage().path(key), specific_tags=["StudyInstanceUID"]).StudyInstanceUID
        for key in run.outcomes.exclude(key="").values_list("key", flat=True)
    }


def test_everything_reads_as_before_at_each_step_of_another_master_key(house, old, settings):
    before = read(house)

    give_keys(settings, now=NEW, previous=old)
    with_both = read(house)
    count = rotate_master_key()
    rotated = read(house)
    give_keys(settings, now=NEW)
    with_new_alone = read(house)

    assert set(before) == set(READINGS)
    assert count == DataKey.objects.count() + Project.objects.count()
    assert with_both == rotated == with_new_alone == before


def test_everything_reads_as_before_under_two_more_project_keys(house):
    before, secret = read(house), bytes(house.participant.wrapped_secret)

    counts = [rotate_project_key(house.project), rotate_project_key(house.project)]

    assert counts == [2, 2]  # the participant's secret, and the package's
    assert bytes(house.participant.wrapped_secret) != secret
    assert read(house) == before


def test_the_old_master_key_opens_nothing_after_the_new_one_took_its_place(house, old, settings):
    give_keys(settings, now=NEW, previous=old)
    rotate_master_key()

    give_keys(settings, now=old)

    assert read(house) == {}


def test_a_late_series_joins_its_study_after_both_keys_were_changed(house, old, settings, tmp_path):
    (study,) = studies_of(house.run)
    give_keys(settings, now=NEW, previous=old)
    rotate_master_key()
    give_keys(settings, now=NEW)
    rotate_project_key(house.project)

    house.bring_a_late_series(tmp_path / "late")
    resume_transfers()
    run = run_to_the_end(house.transfer)

    assert run.outcomes.filter(state="delivered").count() == 3, run.reason
    assert studies_of(run) == {study}


def test_a_crash_in_the_middle_changes_nothing(person, old, settings, monkeypatch):
    secret, lying = person.secret, wrapped()
    give_keys(settings, now=NEW, previous=old)

    def dying(*args, **facts):
        raise MemoryError

    monkeypatch.setattr(AuditEvent, "record", dying)  # the last thing that a rotation does
    with pytest.raises(MemoryError):
        rotate_master_key()
    with pytest.raises(MemoryError):
        rotate_project_key(person.project)
    monkeypatch.undo()

    assert wrapped() == lying
    assert Participant.objects.get().secret == secret
    assert rotate_master_key() == DataKey.objects.count() + 1


def test_rotating_again_takes_along_what_was_written_in_between(person, old, settings):
    give_keys(settings, now=NEW, previous=old)
    rotate_master_key()
    late = keyring.wrap(keyring.new_key(), keyring.wrapping_key(old))  # by a process started before
    Project.objects.update(wrapped_key=late)

    count = rotate_master_key()

    assert count == 1
    assert rotate_master_key() == 0


def test_a_machine_that_has_both_keys_writes_what_one_with_the_old_key_can_read(
    person, old, settings
):
    give_keys(settings, now=NEW, previous=old)

    lying = keyring.wrap_by_master(b"x" * 32)
    give_keys(settings, now=old)

    assert keyring.unwrap_by_master(lying) == b"x" * 32


def test_a_key_that_opens_with_neither_stops_the_rotation_and_is_named(person, old, settings):
    lying = wrapped()
    foreign = keyring.wrap(keyring.new_key(), keyring.wrapping_key("of another house" * 3))
    Project.objects.update(wrapped_key=foreign)
    give_keys(settings, now=NEW, previous=old)

    with pytest.raises(CommandError, match=r"projects\.Project\.wrapped_key: .* Nothing was chan"):
        call_command("keys", "rotate")

    assert wrapped()[:2] == lying[:2]


@pytest.mark.parametrize(
    ("new", "sentence"),
    [
        ("", "at least 32 characters"),
        ("a key of 31 characters, too few", "at least 32 characters"),
        ("abababababababababababababababababababab", "drawn at random"),
        (None, "is the previous one"),
    ],
)
def test_a_master_key_that_cannot_take_the_place_is_refused(person, old, settings, new, sentence):
    lying = wrapped()
    settings.RDMA_MASTER_KEY, settings.RDMA_MASTER_KEY_PREVIOUS = old if new is None else new, old

    with pytest.raises(CommandError, match=sentence):
        call_command("keys", "rotate")

    assert wrapped() == lying


def test_without_a_previous_key_it_is_said_what_to_set(db):
    with pytest.raises(CommandError, match="Set RDMA_MASTER_KEY to the new key and"):
        call_command("keys", "rotate")


def test_the_commands_count_and_name_keys_and_print_none(person, old, settings):
    out = StringIO()
    give_keys(settings, now=NEW, previous=old)

    call_command("keys", "status", stdout=out)
    with pytest.raises(CommandError, match=r"run `manage\.py keys rotate`"):
        call_command("keys", "check", stdout=out)
    call_command("keys", "rotate", stdout=out)
    call_command("keys", "rotate-project", "BICAM", stdout=out)
    call_command("keys", "check", stdout=out)

    said = out.getvalue()
    assert "projects.DataKey.wrapped_key: 2 open with the previous master key." in said
    assert "projects.Participant.wrapped_secret: 1 open with its project's key." in said
    assert f"All 5 wrapped keys open with RDMA_MASTER_KEY ({keyring.key_id(NEW)})" in said
    assert old not in said
    assert NEW not in said
    verbs = AuditEvent.objects.values_list("verb", "facts")
    assert ("rotated_master_key", {"keys": 3, "key": keyring.key_id(NEW)}) in verbs
    assert ("rotated_project_key", {"keys": 1}) in verbs


def test_a_row_saved_after_the_rotation_that_was_read_before_it_brings_no_old_key_back(person):
    stale_project, stale = Project.objects.get(), Participant.objects.get()
    rotate_project_key(Project.objects.get())

    stale_project.save()
    stale.save()

    assert Participant.objects.get().secret == stale.secret
    assert {one.name: one.under for one in standing()}["projects.Participant.wrapped_secret"] == {
        Under.PROJECT: 1
    }


def test_a_row_saved_after_its_secret_was_destroyed_brings_no_secret_back(person):
    stale = Participant.objects.get()
    Participant.objects.update(wrapped_secret=None)

    stale.save()

    assert Participant.objects.get().wrapped_secret is None


def test_a_project_read_before_a_rotation_opens_and_wraps_as_the_new_key_does(person):
    stale = Participant.objects.get()
    _ = stale.project.wrapped_key
    rotate_project_key(Project.objects.get())

    secret = stale.secret
    other = wrap_by_project(b"x" * 32, stale.project)

    assert secret == Participant.objects.get().secret
    assert keyring.unwrap(other, Project.objects.get().key) == b"x" * 32
