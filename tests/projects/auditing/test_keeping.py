"""What was kept for as long as it may be goes; what it was sealed with stays."""

from datetime import timedelta

import pytest
from django.utils import timezone

from projects.auditing.keeping import keep_audit
from projects.chain.sealing import seal_audit
from projects.chain.verifying import verify_audit
from projects.models import AuditEvent, AuditPlace, AuditReason, AuditSeal
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def kari():
    return UserFactory()


def old_event(kari, years, monkeypatch):
    """Write and seal an event as if it were so many years ago."""
    then = timezone.now() - timedelta(days=366 * years)
    event = AuditEvent.objects.create(
        actor=kari, verb="released", object_type="projects.project", at=then, through="page"
    )
    AuditReason.objects.create(event_id=event.pk, text="a reason")
    with monkeypatch.context() as earlier:
        earlier.setattr("django.utils.timezone.now", lambda: then)
        seal_audit()
    return event


def test_events_and_their_reasons_go_after_the_years_that_are_set(kari, settings, monkeypatch):
    settings.AUDIT_YEARS = 3
    old = old_event(kari, 4, monkeypatch)
    recent = old_event(kari, 2, monkeypatch)

    events, _ = keep_audit()
    seal_audit()

    assert events == 1
    assert not AuditEvent.objects.filter(pk=old.pk).exists()
    assert list(AuditReason.objects.values_list("event_id", flat=True)) == [recent.pk]
    assert AuditSeal.objects.count() == 3
    assert verify_audit().is_intact


def test_no_years_keep_everything(kari, settings, monkeypatch):
    settings.AUDIT_YEARS = 0
    old_event(kari, 40, monkeypatch)
    old_event(kari, 30, monkeypatch)

    assert keep_audit() == (0, 0)


def test_addresses_go_after_the_days_that_are_set_and_their_digests_stay(kari, settings):
    settings.AUDIT_ADDRESS_DAYS = 30
    AuditPlace.objects.note("192.0.2.7")
    AuditPlace.objects.note("192.0.2.8")
    long_ago = timezone.localdate() - timedelta(days=31)
    AuditPlace.objects.filter(address_index="192.0.2.7").update(last_seen=long_ago)

    assert keep_audit() == (0, 1)
    assert [place.address for place in AuditPlace.objects.all()] == ["192.0.2.8"]
    assert AuditEvent.objects.get(verb="forgot_addresses").facts == {"addresses": 1}
