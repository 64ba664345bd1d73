"""The wish, the run, the deliveries are three rows; every instance has one outcome in a run."""

from transfers.models.agreements import AgreementStore
from transfers.models.deliveries import Delivery, LedgerEntry
from transfers.models.destinations import Chore, Destination, ProjectDestination
from transfers.models.differences import Difference
from transfers.models.findings import Finding, RejectedSeries
from transfers.models.pictures import FrameLook, Picture
from transfers.models.plans import PlanVersion, ProjectRule, RuleProposal, StoredPlan
from transfers.models.records import OutputList, TransferRecord
from transfers.models.renewals import Renewal
from transfers.models.requests import TransferRequest
from transfers.models.runs import IN_HAND, Outcome, Run, SearchTermStore

__all__ = [
    "IN_HAND",
    "AgreementStore",
    "Chore",
    "Delivery",
    "Destination",
    "Difference",
    "Finding",
    "FrameLook",
    "LedgerEntry",
    "Outcome",
    "OutputList",
    "Picture",
    "PlanVersion",
    "ProjectDestination",
    "ProjectRule",
    "RejectedSeries",
    "Renewal",
    "RuleProposal",
    "Run",
    "SearchTermStore",
    "StoredPlan",
    "TransferRecord",
    "TransferRequest",
]
