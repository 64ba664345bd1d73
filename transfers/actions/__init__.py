"""What people do with transfers: right, change, audit, ring."""

from transfers.actions.chores import finish_chore
from transfers.actions.pictures import (
    NotAllSeen,
    note_frames,
    open_frame,
    open_picture,
    open_thumbnails,
    pass_pictures,
    reject_pictures,
)
from transfers.actions.plans import change_plan, roll_back
from transfers.actions.proposals import decline_proposal, propose_rule
from transfers.actions.requests import (
    cancel_transfer,
    move_transfer,
    request_transfer,
    rerun_transfer,
    retry_transfer,
)
from transfers.actions.rules import (
    make_rule,
    make_rule_of_project,
    run_older_again,
    withdraw_rule,
)
from transfers.actions.seconding import confirm_release, withdraw_release
from transfers.actions.verdicts import reject, reject_series, release

__all__ = [
    "NotAllSeen",
    "cancel_transfer",
    "change_plan",
    "confirm_release",
    "decline_proposal",
    "finish_chore",
    "make_rule",
    "make_rule_of_project",
    "move_transfer",
    "note_frames",
    "open_frame",
    "open_picture",
    "open_thumbnails",
    "pass_pictures",
    "propose_rule",
    "reject",
    "reject_pictures",
    "reject_series",
    "release",
    "request_transfer",
    "rerun_transfer",
    "retry_transfer",
    "roll_back",
    "run_older_again",
    "withdraw_release",
    "withdraw_rule",
]
