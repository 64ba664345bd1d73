"""Storage commitment, as seen by whoever sent instances on: ask under a number, hear the answer.

The answer comes as an N-EVENT-REPORT, over the association of the question or over one that the
peer opens to the node minutes later. Both ways end here.

Source: DICOM PS3.4 annex J (Storage Commitment Push Model).
"""

from collections.abc import Iterable
from typing import Any

from django.db.models.functions import Now

from intake.models import StorageCommitment

SUCCESS = 0x0000
NO_SUCH_INSTANCE = 0x0112
INVALID_ARGUMENT = 0x0115


def file_report(information: Any) -> int:
    """Keep what a peer reports of a transaction; return the status of the response.

    `information` is the event's data set. A transaction nobody asked for, or one that is answered
    already, changes nothing; the first is refused.
    """
    transaction_uid = str(information.get("TransactionUID", ""))
    if not transaction_uid:
        return INVALID_ARGUMENT
    asked = StorageCommitment.objects.filter(transaction_uid=transaction_uid)
    if not asked.exists():
        return NO_SUCH_INSTANCE
    failed = _uids(information.get("FailedSOPSequence"))
    committed = _uids(information.get("ReferencedSOPSequence")) - failed
    asked.filter(answered_at=None).update(
        answered_at=Now(), committed=sorted(committed), failed=sorted(failed)
    )
    return SUCCESS


def _uids(items: Iterable[Any] | None) -> set[str]:
    return {str(item.get("ReferencedSOPInstanceUID", "")) for item in items or ()} - {""}
