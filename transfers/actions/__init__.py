"""What people do with transfers: right, change, audit, ring."""

from transfers.actions.chores import finish_chore
from transfers.actions.requests import (
    cancel_transfer,
    move_transfer,
    request_transfer,
    rerun_transfer,
    retry_transfer,
)
from transfers.actions.verdicts import reject, release

__all__ = [
    "cancel_transfer",
    "finish_chore",
    "move_transfer",
    "reject",
    "release",
    "request_transfer",
    "rerun_transfer",
    "retry_transfer",
]
