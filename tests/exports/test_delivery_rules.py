"""What ends a delivery, what keeps it waiting, and what a sweep finds: with any destination."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from exports.actions.deliveries import cancel_delivery, deliver, revoke_package
from exports.actions.destinations import save_destination
from exports.delivering import sending, starting
from exports.delivering.bells import resume_deliveries
from exports.models import Delivery, Package, PackageDestination
from exports.states import DeliveryProof, DeliveryState, DestinationKind, State
from projects.leases import ATTEMPT_CAP
from projects.models import AuditEvent, Membership, Project
from projects.storage import storage
from tests.exports.ready import destination_for, ready_package, turn
from tests.exports.research_copies import participant
from tests.factories import UserFactory
from transfers.models import TransferRequest


@pytest.fixture(autouse=True)
def _allowed(settings) -> None:
    settings.DELIVERY_HOSTS = ["127.0.0.1"]


@pytest.fixture
def package(project, owner) -> Package:
    return ready_package(project, owner)


@pytest.fixture
def destination(project) -> PackageDestination:
    return destination_for(project, DestinationKind.UPLOAD, port=1, secret="invented")


@pytest.fixture
def delivery(owner, package, destination) -> Delivery:
    return deliver(by=owner, package=package, destination=destination)


@pytest.fixture
def taken(monkeypatch) -> list[int]:
    """Let every destination take everything at once; gives what was sent."""
    sent: list[int] = []

    def send(shipment):
        sent.append(shipment.package.pk)
        return DeliveryProof.SUM

    monkeypatch.setitem(sending.SENDERS, DestinationKind.UPLOAD, send)
    return sent


def test_package_goes_to_a_destination_once(owner, package, destination, delivery, taken):
    turn(delivery)
    turn(delivery)

    assert taken == [package.pk]
    with pytest.raises(ValidationError, match="delivered to Partner upload already"):
        deliver(by=owner, package=package, destination=destination)
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.create(package=package, destination=destination, requested_by=owner)


def test_only_who_may_export_sends(package, destination):
    with pytest.raises(PermissionDenied):
        deliver(by=UserFactory(), package=package, destination=destination)


@pytest.mark.parametrize(
    "ending",
    ["revoked", "expired", "past", "unapproved", "left", "file gone", "taken back", "not allowed"],
)
def test_what_may_not_leave_any_more_is_not_sent(
    ending, project, owner, package, destination, delivery, taken
):
    if ending == "revoked":
        revoke_package(by=owner, package=package)
    elif ending == "expired":
        Package.objects.update(state=State.EXPIRED)
    elif ending == "past":
        Package.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    elif ending == "unapproved":
        yesterday = timezone.localdate() - timedelta(days=1)
        Project.objects.update(approval_start=yesterday, approval_end=yesterday)
    elif ending == "left":
        Membership.objects.filter(user=owner).delete()
    elif ending == "file gone":
        storage().delete(package.key)
    elif ending == "taken back":
        person = participant(project, 1)
        package.participants.add(person)
        event = project.events.get(name="baseline")
        TransferRequest.objects.create(
            project=project, participant=person, event=event, ended_at=timezone.now()
        )
    else:
        destination.projects.clear()

    turn(delivery)

    assert taken == []
    ended = DeliveryState.CANCELLED if ending == "revoked" else DeliveryState.FAILED
    assert delivery.state == ended
    assert bool(delivery.reason) == (ending != "revoked")


def test_destination_that_is_switched_off_is_waited_for(destination, delivery, taken):
    PackageDestination.objects.update(is_active=False)
    turn(delivery)
    waiting = (delivery.state, delivery.reason)
    PackageDestination.objects.update(is_active=True)
    turn(delivery)

    assert waiting == (DeliveryState.SENDING, "Partner upload is switched off.")
    assert delivery.state == DeliveryState.DELIVERED


def test_cancelled_in_the_middle_stops_the_worker(owner, package, delivery, monkeypatch):
    def send(shipment):
        cancel_delivery(by=owner, delivery=delivery)
        shipment.came_to(1, remote_id="never kept")
        raise AssertionError("it went on")

    monkeypatch.setitem(sending.SENDERS, DestinationKind.UPLOAD, send)

    turn(delivery)

    assert (delivery.state, delivery.remote_id) == (DeliveryState.CANCELLED, "")


def test_unforeseen_error_is_tried_again_and_its_text_is_not_shown(delivery, monkeypatch):
    def send(shipment):
        raise RuntimeError("the secret of the destination")

    monkeypatch.setitem(sending.SENDERS, DestinationKind.UPLOAD, send)

    turn(delivery)

    assert delivery.state == DeliveryState.SENDING
    assert "secret" not in delivery.reason


def test_delivery_that_kills_its_workers_is_ended_by_the_sweep(delivery, package):
    Delivery.objects.update(attempt=ATTEMPT_CAP)

    resume_deliveries()

    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.FAILED
    assert "again and again" in delivery.reason
    assert AuditEvent.objects.about(package).filter(verb="delivery_failed").exists()


def test_wished_delivery_that_may_not_begin_failed_with_the_reason(
    project, package, owner, destination
):
    package.specification = {"deliver_to": destination.name}
    package.save()
    project.memberships.filter(user=owner).delete()

    resume_deliveries()

    assert "may not take it any more" in Delivery.objects.get().reason


def test_wished_delivery_begins_once_though_the_package_went_elsewhere_and_others_lost_their_wish(
    project, package, owner, destination, taken, monkeypatch
):
    monkeypatch.setattr(starting, "MANY", 1)
    elsewhere = destination_for(project, DestinationKind.UPLOAD, name="Elsewhere", secret="s")
    turn(deliver(by=owner, package=package, destination=elsewhere))
    lost = ready_package(project, owner)
    for one, name in ((package, destination.name), (lost, "Gone")):
        Package.objects.filter(pk=one.pk).update(specification={"deliver_to": name})

    resume_deliveries()
    turn(Delivery.objects.get(destination=destination))
    resume_deliveries()

    assert taken == [package.pk, package.pk]
    assert Delivery.objects.count() == 2


def test_extra_that_is_not_installed_is_said(owner, package, project, monkeypatch):
    monkeypatch.setattr(sending, "find_spec", lambda name: None)
    destination = destination_for(
        project, DestinationKind.S3, account="a", secret="s", place="bucket-of-partner"
    )

    with pytest.raises(ValidationError, match=r"rdma\[s3\]"):
        deliver(by=owner, package=package, destination=destination)
    with pytest.raises(ValidationError, match=r"rdma\[s3\]"):
        save_destination(
            by=UserFactory(data_office=True), destination=destination, projects=[project]
        )


def test_secret_of_a_destination_is_sealed_in_the_database(destination):
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM exports_packagedestination")
        (sealed,) = cursor.fetchone()

    assert b"invented" not in bytes(sealed)
    assert PackageDestination.objects.get().secret == "invented"


def test_without_tls_only_this_machine_is_reached(destination):
    with pytest.raises(IntegrityError), transaction.atomic():
        PackageDestination.objects.update(host="uploads.example.org")
