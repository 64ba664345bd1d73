"""The states of a run, of a delivery and of an instance: facts that code reads and docs print."""

from django.db import models


class State(models.TextChoices):
    """Where one execution of one plan stands."""

    REQUESTED = "requested", "Waiting to be de-identified"
    DEIDENTIFIED = "deidentified", "De-identified, being verified"
    VERIFIED = "verified", "Verified, being delivered"
    DELIVERED = "delivered", "Delivered"
    HELD = "held", "Held"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class Source(models.TextChoices):
    """What a run is made of."""

    QUARANTINE = "quarantine", "From the originals in quarantine"
    COPY = "copy", "From the research copy: the originals have left quarantine"


class DeliveryState(models.TextChoices):
    """Where one destination's part of a run stands."""

    WAITING = "waiting", "Waiting to be sent"
    COUNTING = "counting", "Sent, being counted there"
    DELIVERED = "delivered", "Confirmed by the destination"
    SHORT = "short", "Images are missing there"
    RECALLING = "recalling", "Being taken back"
    RECALLED = "recalled", "Taken back"
    BY_HAND = "by_hand", "Somebody must take it back by hand"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class OutcomeState(models.TextChoices):
    """The one outcome of an instance in a run; their sum is what was received."""

    WAITING = "waiting", "Waiting"
    MOVING = "moving", "On the way"
    HELD = "held", "Held"
    DELIVERED = "delivered", "Delivered"
    REJECTED = "rejected", "Rejected"
    LEFT_OUT = "left_out", "Left out"
    EXPIRED = "expired", "Expired"
    ERASED = "erased", "Erased"


class Replaces(models.TextChoices):
    """How a destination replaces what it already has; declared, and tested by reading back."""

    OVERWRITES = "overwrites", "Overwrites an instance that comes again"
    DELETES = "deletes", "Deletes on request, then takes the new one"
    BY_HAND = "by_hand", "Its administrator replaces by hand"


class AskedBy(models.TextChoices):
    """How a destination is asked which instances it has."""

    FIND = "find", "C-FIND, if it answers"
    QIDO = "qido", "QIDO-RS"
    NOTHING = "nothing", "It cannot be asked"


class Proof(models.TextChoices):
    """How a destination confirmed what was delivered to it, the weakest first."""

    NONE = "", "Not yet"
    ACCEPTED = "accepted", "Accepted, not counted: this destination cannot be asked"
    COUNTED = "counted", "Counted there"
    COMMITTED = "committed", "Committed: it has promised to keep them"


class FindingVerdict(models.TextChoices):
    """What a person said of a finding."""

    OPEN = "open", "Open"
    AWAITING = "awaiting", "Released by one person, waits for a second"
    RELEASED = "released", "Released"
    REJECTED = "rejected", "Rejected"
    RULED = "ruled", "Settled by a rule of the project"


class CarriesTo(models.TextChoices):
    """How far a verdict reaches when the same finding turns up again."""

    ALIKE = "alike", "All identical findings of the project"
    INSTANCE = "instance", "The same instance only"
    NOTHING = "nothing", "Nothing: somebody asked to decide anew"


class RuleSource(models.TextChoices):
    """Where a rule of a project was made."""

    HELD = "held", "At the hold desk, because of a finding"
    REVIEW = "review", "In the review"


class RenewalState(models.TextChoices):
    """Whether a transfer runs again because of a new plan version."""

    WAITING = "waiting", "Waits for its turn"
    STARTED = "started", "Started"
    REFUSED = "refused", "Cannot run again"


UNDECIDED = (FindingVerdict.OPEN, FindingVerdict.AWAITING)
RUN_MOVING = (State.REQUESTED, State.DEIDENTIFIED)
RUN_ENDED = (State.DELIVERED, State.FAILED, State.CANCELLED)
TELLABLE = (*RUN_ENDED, State.HELD)  # stands still: a record can be made of it
DELIVERY_MOVING = (DeliveryState.WAITING, DeliveryState.COUNTING, DeliveryState.RECALLING)
DELIVERY_FELL_SHORT = (DeliveryState.FAILED, DeliveryState.SHORT)
