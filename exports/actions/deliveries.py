"""Sending packages to destinations, taking packages back, and showing what opens them."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models.functions import Now

from exports.delivering.bells import deliver_package
from exports.delivering.starting import start_delivery
from exports.models import Delivery, DownloadLink, Package, PackageDestination
from exports.passwords import package_password
from exports.states import DELIVERY_MOVING, WHOLE, DeliveryState, State
from exports.transforming.rights import may_take
from projects.models import AuditEvent, User
from projects.roles import Permission
from projects.storage import storage
from transfers.tasks import ring_on_commit


@transaction.atomic
def deliver(*, by: User, package: Package, destination: PackageDestination) -> Delivery:
    """Send a ready package to a destination that its project may use.

    Raises PermissionDenied, and ValidationError if a rule of `start_delivery` says no.
    """
    delivery = start_delivery(by=by, package=package, destination=destination)
    ring_on_commit(deliver_package, Delivery.objects.filter(pk=delivery.pk))
    return delivery


@transaction.atomic
def cancel_delivery(*, by: User, delivery: Delivery) -> None:
    """Stop a delivery; what the destination has of it so far stays there, unfinished.

    Raises PermissionDenied, and ValidationError if it has ended already.
    """
    if not by.may(Permission.WITHDRAW_PACKAGES, delivery.project):
        raise PermissionDenied
    if not _cancelled(delivery):
        raise ValidationError("This delivery has ended already; there is nothing to cancel.")
    AuditEvent.record(by, "delivery_cancelled", delivery.package, delivery=delivery.pk)


@transaction.atomic
def revoke_package(*, by: User, package: Package) -> None:
    """Take a package back: its file is deleted, its links end, its deliveries stop.

    Downloads under way end at their next range. What somebody has is not reached: the page lists
    who that is. The data office may do this in every project. Raises PermissionDenied, and
    ValidationError if there is no file to take back.
    """
    project = package.project
    rights = (Permission.WITHDRAW_PACKAGES, Permission.MANAGE_DESTINATIONS)
    if not any(by.may(right, project) for right in rights):
        raise PermissionDenied
    rows = Package.objects.filter(pk=package.pk, state__in=WHOLE)
    key = rows.values_list("key", flat=True).first()
    if not rows.update(state=State.REVOKED, reason="", ended_at=Now(), wrapped_secret=None):
        raise ValidationError("This package has no file to take back.")
    links = DownloadLink.objects.filter(package=package, revoked_at=None)
    link_count = links.update(revoked_at=Now(), revoked_by=by)
    stopped = sum(_cancelled(one) for one in package.deliveries.filter(state__in=DELIVERY_MOVING))
    AuditEvent.record(by, "revoked", package, links=link_count, deliveries=stopped)
    if key:
        transaction.on_commit(lambda: storage().delete(key), robust=True)


@transaction.atomic
def show_password(*, by: User, package: Package) -> str:
    """Return what opens an encrypted package, and write down who saw it.

    Raises PermissionDenied, and KeyUnavailable if it is not encrypted or its file is gone.
    """
    if not may_take(by, package):
        raise PermissionDenied
    AuditEvent.record(by, "showed_password", package)
    return package_password(package)


def _cancelled(delivery: Delivery) -> bool:
    moving = Delivery.objects.filter(pk=delivery.pk, state__in=DELIVERY_MOVING)
    changes = {"state": DeliveryState.CANCELLED, "ended_at": Now(), "reason": ""}
    return bool(moving.update(**changes, owner=None, lease_until=None))
