"""What a package can be, and where it stands: facts that code reads and pages print."""

from django.db import models


class Format(models.TextChoices):
    """What is in a package."""

    DICOM = "zip", "DICOM"
    NIFTI = "nifti", "NIfTI"


class State(models.TextChoices):
    """Where a package stands."""

    WAITING = "waiting", "Waiting"
    BUILDING = "building", "Being built"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
    EXPIRED = "expired", "Expired"


MOVING = (State.WAITING, State.BUILDING)
GONE = (State.FAILED, State.CANCELLED, State.EXPIRED)
