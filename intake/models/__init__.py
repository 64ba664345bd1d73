"""What arrived, what of it is in quarantine, and what was turned away."""

from intake.models.arrivals import Arrival, Rejection, RejectionCode
from intake.models.catalogue import Door, Instance, Lookup, Patient, Series, Study
from intake.models.commitments import StorageCommitment

__all__ = [
    "Arrival",
    "Door",
    "Instance",
    "Lookup",
    "Patient",
    "Rejection",
    "RejectionCode",
    "Series",
    "StorageCommitment",
    "Study",
]
