"""The audit as a whole: the chain of the lowest room, and the records of those above."""

from collections.abc import Iterable
from dataclasses import dataclass

from projects.chain.checkpoints import Checkpoint, kept
from projects.chain.verifying import verify_audit
from projects.models import AuditCheck
from review.proving import verify_sign_offs
from transfers.proving import verify_records


@dataclass(frozen=True)
class Found:
    """What a verification of everything found."""

    is_intact: bool
    sentences: list[str]


def check_audit(checkpoints: Iterable[Checkpoint] = (), *, with_key: bool = True) -> Found:
    """Verify the chain, the data folder's checkpoints, those given, and the records.

    The result is kept for the page that shows it. Raises ValueError for a file that holds no
    checkpoints, and KeyUnavailable if the master key is another one.
    """
    chain = verify_audit([*kept(), *checkpoints], with_key=with_key)
    others = (verify_records(), verify_sign_offs())
    found = Found(
        chain.is_intact and all(one.is_intact for one in others),
        [*chain.sentences(), *(said for one in others for said in one.sentences())],
    )
    AuditCheck.objects.create(
        is_intact=found.is_intact,
        seal=chain.last_seal,
        event_count=chain.event_count,
        sentences=found.sentences,
    )
    return found
