"""One worker's turn at a delivery, and what the kind of error decides."""

import logging
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now

from exports.delivering import bucket, node, sftp, upload
from exports.delivering.hosts import refuse_host
from exports.delivering.shipment import NotYet, Shipment
from exports.leaving import refuse_to_leave
from exports.models import Delivery, Package, PackageDestination
from exports.states import DeliveryProof, DeliveryState, DestinationKind
from exports.transforming.rights import may_take
from projects.errors import GovernanceError, LeaseLost
from projects.models import AuditEvent
from projects.storage import storage
from transfers.errors import Away, TransferError

log = logging.getLogger(__name__)

SENDERS: dict[str, Callable[[Shipment], DeliveryProof]] = {
    DestinationKind.SFTP: sftp.send,
    DestinationKind.S3: bucket.send,
    DestinationKind.NODE: node.send,
    DestinationKind.UPLOAD: upload.send,
}
# What has to be installed besides: the module, and the extra that brings it.
EXTRAS = {DestinationKind.SFTP: ("paramiko", "sftp"), DestinationKind.S3: ("boto3", "s3")}
UNFORESEEN = "Something unforeseen happened; operations find it in the log by this number."


def refuse_kind(destination: PackageDestination, package: Package) -> None:
    """Raise ValidationError if this kind of destination cannot take a package."""
    if destination.kind == DestinationKind.NODE and package.format not in node.FORMATS:
        raise ValidationError("A DICOM node takes packages of DICOM images only.")
    if destination.kind == DestinationKind.NODE and package.wrapped_secret:
        raise ValidationError(
            "A DICOM node takes images as they are. Build the package without encryption for it."
        )
    refuse_without_extra(destination)


def refuse_without_extra(destination: PackageDestination) -> None:
    """Raise ValidationError if what this kind needs is not installed."""
    module, extra = EXTRAS.get(DestinationKind(destination.kind), ("", ""))
    if module and find_spec(module) is None:
        raise ValidationError(
            f"This installation cannot speak to {DestinationKind(destination.kind).label}s: "
            f"operations install rdma[{extra}] first."
        )


def take_turn(delivery: Delivery, check: Callable[[], None]) -> None:
    """Send a claimed delivery for a while; the kind of error decides what then."""
    try:
        delivery.set_held(state=DeliveryState.SENDING, reason="")
        proof = _send(delivery, check)
        _deliver(delivery, proof)
    except LeaseLost:
        return  # another worker has it, or a person cancelled: leave everything as it is
    except NotYet:
        _quietly(delivery.let_go)
    except Away as error:
        sentence = str(error)
        _quietly(lambda: delivery.postpone(sentence, counts=False))
    except (TransferError, ValidationError, GovernanceError) as error:
        sentence = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
        _quietly(lambda: fail(delivery, sentence))
    except Exception:
        log.exception("unforeseen error in the delivery %s of a package", delivery.pk)
        _quietly(lambda: delivery.postpone(UNFORESEEN))


def _send(delivery: Delivery, check: Callable[[], None]) -> DeliveryProof:
    """Send what may still leave to what may still be sent to; return how it was confirmed."""
    destination = delivery.destination
    refuse_to_leave(delivery.package)
    if not may_take(delivery.requested_by, delivery.package):
        raise TransferError("Who asked for it may not hand this package on any more.")
    if not PackageDestination.objects.filter(
        pk=destination.pk, projects=delivery.package.project_id
    ).exists():
        raise TransferError("The data office does not let the project send there any more.")
    if not destination.is_active:
        raise Away(f"{destination} is switched off.")
    refuse_host(destination)
    refuse_without_extra(destination)
    try:
        with storage().fetch(delivery.package.key) as path:
            return SENDERS[destination.kind](Shipment(delivery, path, check))
    except FileNotFoundError as error:
        raise TransferError("The package's file is not in the storage any more.") from error


@transaction.atomic
def _deliver(delivery: Delivery, proof: DeliveryProof) -> None:
    delivery.let_go(
        state=DeliveryState.DELIVERED,
        proof=proof,
        done_bytes=delivery.package.size,
        remote_id="",
        attempt=0,
        ended_at=Now(),
    )
    AuditEvent.record(
        delivery.requested_by,
        "delivered",
        delivery.package,
        delivery=delivery.pk,
        proof=proof.value,
    )


@transaction.atomic
def fail(delivery: Delivery, sentence: str) -> None:
    """End a delivery that cannot succeed, and say why."""
    delivery.let_go(state=DeliveryState.FAILED, reason=sentence[:500], ended_at=Now())
    AuditEvent.record(None, "delivery_failed", delivery.package, delivery=delivery.pk)


def _quietly(change: Callable[[], None]) -> None:
    with suppress(LeaseLost):
        change()
