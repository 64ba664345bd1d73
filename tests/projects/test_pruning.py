"""Dropping old events: the seals stay, the rest verifies, and nothing is hidden by it."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from projects.chain.checkpoints import kept
from projects.chain.pruning import prune_audit
from projects.chain.sealing import seal_audit
from projects.chain.verifying import verify_audit
from projects.errors import NotIntact
from projects.models import AuditEvent, AuditPruning, AuditSeal
from tests.factories import ProjectFactory, UserFactory
from tests.projects.by_hand import by_hand

pytestmark = pytest.mark.django_db


@pytest.fixture
def events():
    """Six events under three seals, the newest two of which stay when all is dropped that may."""
    kari, project = UserFactory(), ProjectFactory()
    events = [AuditEvent.record(kari, "looked", project, n=n).pk for n in range(6)]
    seal_audit(batch=2)
    return events


def test_what_is_old_is_dropped_and_the_rest_still_verifies(events):
    dropped = prune_audit(timezone.now())

    report = verify_audit(kept())
    assert dropped == 4
    assert list(AuditEvent.objects.order_by("pk").values_list("pk", flat=True)[:2]) == events[4:]
    assert report.is_intact
    assert report.sentences()[0].startswith("Dropped on")
    assert "The audit is intact: 2 events under 3 seals up to number 3" in report.sentences()[1]
    assert AuditEvent.objects.filter(verb="pruned").count() == 1


def test_dropping_goes_on_from_where_it_ended(events):
    prune_audit(timezone.now())
    seal_audit()

    assert prune_audit(timezone.now()) == 2
    assert verify_audit(kept()).is_intact
    assert [pruning.through_seal for pruning in AuditPruning.objects.all()] == [3, 2]


def test_nothing_is_dropped_that_is_not_old_enough(events):
    assert prune_audit(timezone.now() - timedelta(days=1)) == 0
    assert not AuditPruning.objects.exists()


def test_an_audit_that_was_changed_is_not_dropped(events):
    with by_hand("projects_auditevent") as cursor:
        cursor.execute("UPDATE projects_auditevent SET verb = 'slept' WHERE id = %s", [events[0]])

    with pytest.raises(NotIntact):
        prune_audit(timezone.now())
    with pytest.raises(CommandError, match=r"Run `manage.py audit verify`"):
        call_command("audit", "prune", "--before", f"{timezone.localdate() + timedelta(days=1)}")

    assert AuditEvent.objects.filter(pk__in=events).count() == 6


def test_what_is_left_cannot_be_deleted_or_changed_without_notice(events):
    prune_audit(timezone.now())

    for forbidden in (
        lambda: AuditEvent.objects.filter(pk=events[5]).delete(),
        lambda: AuditEvent.objects.filter(pk=events[5]).update(verb="slept"),
        lambda: AuditPruning.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError, match=r"as_they_are|append_only"), transaction.atomic():
            forbidden()


def test_a_dropped_event_that_is_put_back_is_noticed(events):
    prune_audit(timezone.now())

    AuditEvent.objects.create(pk=events[1], verb="looked", object_type="projects.project")

    assert verify_audit().sentences()[0] == f"Event {events[1]} was put in by hand."


def test_a_pruning_that_was_entered_by_hand_hides_nothing(events):
    AuditPruning.objects.create(
        through_seal=2,
        last_event=events[3],
        before=timezone.now(),
        event_count=4,
        mac="a" * 64,
    )
    AuditEvent.objects.filter(pk__in=events[:4]).delete()

    sentences = verify_audit().sentences()
    assert sentences[0] == "The pruning through seal 2 was not made by rDMA."
    assert sentences[1] == f"Events {events[0]} to {events[1]} of seal 1 are missing."


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01"])
def test_a_day_that_is_none_is_refused_in_a_sentence(day):
    with pytest.raises(CommandError, match="Give a day such as 2020-01-31"):
        call_command("audit", "prune", "--before", day)


def test_the_command_says_how_many_were_dropped(events, capsys):
    call_command("audit", "prune", "--before", f"{timezone.localdate() + timedelta(days=1)}")

    assert capsys.readouterr().out == "Dropped 4 events; their seals are kept.\n"
    assert AuditSeal.objects.count() == 3
