"""Beginning a delivery: because somebody asks, or because the package's specification says so."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.fields.json import KT
from django.db.models.functions import Now

from exports.delivering.hosts import refuse_host
from exports.delivering.sending import refuse_kind
from exports.leaving import refuse_to_leave
from exports.models import Delivery, Package, PackageDestination
from exports.states import DELIVERY_MOVING, DeliveryState, State
from exports.transforming.rights import may_take
from projects.models import AuditEvent, User

MANY = 50


@transaction.atomic
def start_delivery(*, by: User, package: Package, destination: PackageDestination) -> Delivery:
    """Make the row of a delivery; whoever calls this rings for it, or the clock does.

    Raises PermissionDenied, and ValidationError if the destination is not open to the project or
    takes no such packages, if the package may not leave now, or was sent there already.
    """
    if not may_take(by, package):
        raise PermissionDenied
    refuse_to_leave(package)
    if not PackageDestination.objects.open_to(package.project).filter(pk=destination.pk).exists():
        raise ValidationError(f"{package.project.acronym} has no destination of this name.")
    refuse_host(destination)
    refuse_kind(destination, package)
    again = Delivery.objects.filter(package=package, destination=destination)
    if again.filter(state=DeliveryState.DELIVERED).exists():
        raise ValidationError(f"It was delivered to {destination} already.")
    if again.filter(state__in=DELIVERY_MOVING).exists():
        raise ValidationError(f"It is on its way to {destination} already.")
    delivery = Delivery.objects.create(package=package, destination=destination, requested_by=by)
    AuditEvent.record(by, "deliver", package, delivery=delivery.pk, destination=destination.pk)
    return delivery


def start_wished() -> int:
    """Begin the deliveries that specifications name; return how many.

    What cannot begin is a delivery that failed, with the reason: nobody waits for it in vain.
    """
    named = PackageDestination.objects.filter(name=OuterRef("wish"), projects=OuterRef("project"))
    begun = Delivery.objects.filter(package=OuterRef("pk"), destination__name=OuterRef("wish"))
    wished = (
        Package.objects.filter(state=State.READY)
        .annotate(wish=KT("specification__deliver_to"))
        # a wish for what is not there any more has no row to fail: the package page says so
        .filter(Exists(named), ~Exists(begun))
    )
    started = 0
    for package in wished.select_related("project", "requested_by")[:MANY]:
        destination = PackageDestination.objects.get(name=package.specification["deliver_to"])
        try:
            start_delivery(by=package.requested_by, package=package, destination=destination)
            started += 1
        except (PermissionDenied, ValidationError) as error:
            _failed(package, destination, error)
    return started


@transaction.atomic
def _failed(package: Package, destination: PackageDestination, error: Exception) -> None:
    sentence = "The person who asked for the package may not take it any more."
    if isinstance(error, ValidationError):
        sentence = " ".join(error.messages)
    delivery = Delivery.objects.create(
        package=package,
        destination=destination,
        requested_by=package.requested_by,
        state=DeliveryState.FAILED,
        reason=sentence[:500],
        ended_at=Now(),
    )
    AuditEvent.record(None, "delivery_failed", package, delivery=delivery.pk)
