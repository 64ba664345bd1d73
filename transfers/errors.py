"""What can go wrong between a request and its arrival.

TransferError          this run or delivery cannot succeed: say why, stop
└── Away               try again later, for ever: no association, time-out, disk full

LeaseLost (projects.errors): somebody, such as a person who cancelled, was faster.
"""


class TransferError(Exception):
    """It cannot succeed as it stands. The message is a sentence without values."""


class Away(TransferError):
    """A peer cannot be reached now. Being away is no fault of the study: it waits without a cap."""
