"""What can go wrong between a request and its arrival.

TransferError          this run or delivery cannot succeed: say why, stop
├── Away               try again later, for ever: no association, time-out, disk full
├── NotTaken           the destination takes no instances of this kind; others may still go
└── CannotTell         the destination does not say what it has: its word on each C-STORE counts

LeaseLost (projects.errors): somebody, such as a person who cancelled, was faster.
"""


class TransferError(Exception):
    """It cannot succeed as it stands. The message is a sentence without values."""


class NotTaken(TransferError):
    """The peer accepted no presentation context for this SOP class and transfer syntax."""


class Away(TransferError):
    """A peer cannot be reached now. Being away is no fault of the study: it waits without a cap."""


class CannotTell(TransferError):
    """The peer does not offer the question which instances it has, or answers it with a failure."""
