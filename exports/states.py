"""What a package can be, and where it stands: facts that code reads and pages print."""

from django.db import models


class Format(models.TextChoices):
    """What is in a package."""

    DICOM = "zip", "DICOM"
    NIFTI = "nifti", "NIfTI"
    BIDS = "bids", "BIDS"
    MEDIUM = "medium", "DICOM medium with DICOMDIR"
    PICTURES = "pictures", "Pictures"
    HEADERS = "headers", "Headers only"


class State(models.TextChoices):
    """Where a package stands."""

    WAITING = "waiting", "Waiting"
    BUILDING = "building", "Being built"
    HELD = "held", "Held"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
    EXPIRED = "expired", "Expired"
    REVOKED = "revoked", "Revoked"


MOVING = (State.WAITING, State.BUILDING)
WHOLE = (State.HELD, State.READY)
GONE = (State.FAILED, State.CANCELLED, State.EXPIRED, State.REVOKED)


class DestinationKind(models.TextChoices):
    """How a destination of packages is spoken to."""

    SFTP = "sftp", "SFTP server"
    S3 = "s3", "S3 bucket"
    NODE = "dicom", "DICOM node"
    UPLOAD = "upload", "Resumable upload (tus)"


class DeliveryState(models.TextChoices):
    """Where the sending of a package to a destination stands."""

    WAITING = "waiting", "Waiting"
    SENDING = "sending", "Being sent"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


DELIVERY_MOVING = (DeliveryState.WAITING, DeliveryState.SENDING)


class DeliveryProof(models.TextChoices):
    """What a destination confirmed with, the strongest first."""

    READ_BACK = "read_back", "read back and compared"
    SUM = "sum", "the destination's own sum agrees"
    COUNTED = "counted", "every image was counted there"
    SIZE = "size", "the size there agrees"
    ANSWERED = "answered", "every image was answered for"
    NONE = "", "not confirmed"
