"""The rules that only a trigger can hold are there after all migrations, on both databases."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, models, transaction

from projects.models import AuditEvent
from tests.factories import ParticipantFactory, ProjectFactory, UserFactory

ROOT = Path(__file__).parents[2]


def declared_guards():
    """The names and events of all guards that any migration installs."""
    found = {}
    for migration in ROOT.glob("*/migrations/*.py"):
        text = migration.read_text()
        for name, events in re.findall(r'refuse\(\s*"(\w+)",.*?on=\[([^\]]*)\]', text, re.S):
            found[name] = [event.lower() for event in re.findall(r'"(\w+)"', events)]
    return found


@pytest.mark.django_db
def test_postgresql_has_every_guard_that_a_migration_declares():
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'")
        there = {name for (name,) in cursor.fetchall()}

    declared = declared_guards()
    assert {"audit_is_append_only", "pseudonym_fits_the_pattern"} <= declared.keys()
    assert declared.keys() <= there


@pytest.fixture(scope="module")
def sqlite_house(tmp_path_factory):
    """A data folder whose SQLite has seen all migrations, and how to run a script in it."""
    folder = tmp_path_factory.mktemp("sqlite-house")
    environment = {
        "PATH": os.environ["PATH"],
        "RDMA_DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "rdma.settings",
        "PYTHONPATH": str(ROOT),
    }

    def run(*arguments):
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("manage.py", "migrate", "--verbosity", "0")
    return run


def test_sqlite_has_every_guard_after_all_migrations(sqlite_house):
    out = sqlite_house(
        "-c",
        "import django; django.setup()\n"
        "from django.db import connection\n"
        "with connection.cursor() as cursor:\n"
        "    cursor.execute(\"SELECT name FROM sqlite_master WHERE type = 'trigger'\")\n"
        "    print(*[name for (name,) in cursor.fetchall()])\n",
    )

    declared = {f"{name}_{event}" for name, on in declared_guards().items() for event in on}
    assert declared
    assert declared <= set(out.split())


def test_sqlite_refuses_what_the_guards_forbid(sqlite_house):
    out = sqlite_house(
        "-c",
        "import django; django.setup()\n"
        "from django.db import IntegrityError\n"
        "from projects.models import AuditEvent, Participant\n"
        "from tests.factories import ParticipantFactory, ProjectFactory, UserFactory\n"
        "kari, project = UserFactory(), ProjectFactory(acronym='BICAM')\n"
        "ParticipantFactory(project=project, pseudonym='BICAM_0001')\n"
        "event = AuditEvent.record(kari, 'looked', project)\n"
        "for forbidden in (\n"
        "    lambda: AuditEvent.objects.update(verb='other'),\n"
        "    lambda: event.delete(),\n"
        "    lambda: Participant.objects.create(project=project, pseudonym='OTHER'),\n"
        "    lambda: Participant.objects.update(pseudonym='BICAM_01'),\n"
        "):\n"
        "    try:\n"
        "        forbidden()\n"
        "    except IntegrityError as error:\n"
        "        print(str(error).partition(':')[0])\n",
    )

    assert out.split() == [
        *("audit_is_append_only", "audit_is_append_only"),
        *("pseudonym_fits_the_pattern", "pseudonym_fits_the_pattern"),
    ]


def test_sqlite_seals_the_audit_and_finds_what_was_changed_or_deleted(sqlite_house):
    out = sqlite_house(
        "-c",
        "import django; django.setup()\n"
        "from django.db import connection\n"
        "from projects.chain.checkpoints import kept\n"
        "from projects.chain.sealing import seal_audit\n"
        "from projects.chain.verifying import verify_audit\n"
        "from projects.models import AuditEvent\n"
        "from tests.factories import ProjectFactory, UserFactory\n"
        "kari = UserFactory(username='sealed')\n"
        "project = ProjectFactory(acronym='SEALED', number='P11_01')\n"
        "ids = [AuditEvent.record(kari, 'looked', project, n=n).pk for n in range(5)]\n"
        "seal_audit(batch=4)\n"
        "print(verify_audit(kept()).is_intact)\n"
        "with connection.cursor() as cursor:\n"
        "    cursor.execute('DROP TRIGGER audit_is_append_only_update')\n"
        "    cursor.execute('DROP TRIGGER audit_is_append_only_delete')\n"
        "AuditEvent.objects.filter(pk=ids[1]).update(verb='slept')\n"
        "AuditEvent.objects.filter(pk=ids[2]).delete()\n"
        "report = verify_audit(kept())\n"
        "print(report.changed == [ids[1]], [event for _, event in report.missing] == [ids[2]])\n",
    )

    assert out.split() == ["True", "True", "True"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "forbidden",
    [
        lambda event: AuditEvent.objects.filter(pk=event.pk).update(verb="other"),
        models.Model.save,
        lambda event: event.delete(),
    ],
)
def test_an_audit_event_can_be_neither_changed_nor_deleted(forbidden):
    event = AuditEvent.record(UserFactory(), "looked", ProjectFactory())

    with pytest.raises(IntegrityError, match="audit_is_append_only"), transaction.atomic():
        forbidden(event)

    assert AuditEvent.objects.get(pk=event.pk).verb == "looked"


@pytest.mark.django_db
def test_a_participant_cannot_be_renamed_out_of_the_pattern():
    participant = ParticipantFactory()

    with pytest.raises(IntegrityError, match="pseudonym_fits_the_pattern"):
        type(participant).objects.filter(pk=participant.pk).update(pseudonym="NOBODY")


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["Olga Oppdiktet", "Å", "a" * 65, 1.5, ["x"], {"a": 1}])
def test_an_audit_fact_that_could_be_a_value_is_refused(value):
    with pytest.raises(ValueError, match="The audit fact name"):
        AuditEvent.record(UserFactory(), "looked", ProjectFactory(), name=value)

    assert not AuditEvent.objects.exists()


@pytest.mark.django_db
def test_an_audit_event_knows_its_project_by_what_it_is_about():
    participant = ParticipantFactory()

    event = AuditEvent.record(None, "looked", participant, count=3, kind="a_word", is_new=True)

    assert event.project == participant.project
    assert event.facts == {"count": 3, "kind": "a_word", "is_new": True}
