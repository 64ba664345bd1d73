"""What people do with transfers: right, change, audit, ring."""

from transfers.actions.chores import finish_chore
from transfers.actions.pictures import (
    NotAllSeen,
    note_frames,
    open_picture,
    pass_pictures,
    reject_pictures,
)
from transfers.actions.requests import (
    cancel_transfer,
    move_transfer,
    request_transfer,
    rerun_transfer,
    retry_transfer,
)
from transfers.actions.rules import make_rule, run_older_again, withdraw_rule
from transfers.actions.seconding import confirm_release, withdraw_release
from transfers.actions.verdicts import reject, reject_series, release

__all__ = [
    "NotAllSeen",
    "cancel_transfer",
    "confirm_release",
    "finish_chore",
    "make_rule",
    "move_transfer",
    "note_frames",
    "open_picture",
    "pass_pictures",
    "reject",
    "reject_pictures",
    "reject_series",
    "release",
    "request_transfer",
    "rerun_transfer",
    "retry_transfer",
    "run_older_again",
    "withdraw_release",
    "withdraw_rule",
]
