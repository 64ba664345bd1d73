"""What a link of the chain is made of: the digest of an event, of a seal, and its signature."""

import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

from projects.canonical import canonical, digest_of
from projects.keyring import purpose_key
from projects.models import AuditPruning, AuditSeal

GENESIS = "0" * 64
COLUMNS = (
    "pk",
    "at",
    "actor_id",
    "verb",
    "object_type",
    "object_id",
    "project_id",
    "facts",
    "through",
    "token_id",
    "address",
    "why",
)
ORIGIN = 4  # so many columns at the end tell where an event came from, and why


def leaf(row: tuple[Any, ...]) -> bytes:
    """Return the 32 bytes that stand for one event, given as the values of COLUMNS.

    What was written before there were columns of its origin has null in all of them, and stands
    as it did then. Two such texts never agree: they are lists of different lengths.
    """
    pk, at, *rest = row
    if all(value is None for value in rest[-ORIGIN:]):
        del rest[-ORIGIN:]
    return hashlib.sha256(canonical([pk, moment(at), *rest]).encode()).digest()


def moment(at: datetime) -> str:
    """Write a time in one way: UTC, to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def digest(seal: AuditSeal) -> str:
    """Return what a seal's digest must be: over everything that it says and the one before it."""
    said = {
        "number": seal.number,
        "previous": seal.previous,
        "covers": seal.covers,
        "waits": seal.waits,
        "first_event": seal.first_event,
        "last_covered": seal.last_covered,
        "last_event": seal.last_event,
        "event_count": seal.event_count,
        "leaves": hashlib.sha256(bytes(seal.leaves)).hexdigest(),
        "digests": seal.digests,
        "sealed_at": moment(seal.sealed_at),
    }
    return digest_of(canonical(said))


def sign(seal_digest: str) -> str:
    """Sign a seal's digest with a key that the database holds only wrapped.

    Raises KeyUnavailable if the master key is another one.
    """
    return _mac("audit seals", seal_digest)


def sign_pruning(pruning: AuditPruning) -> str:
    """Sign a pruning, so that none can be entered by hand to hide what was deleted."""
    said = [pruning.through_seal, pruning.last_event, moment(pruning.before), moment(pruning.at)]
    return _mac("audit prunings", canonical([*said, pruning.event_count]))


def is_signed(signature: str, mac: str) -> bool:
    """Compare two signatures without telling how far they agree."""
    return hmac.compare_digest(signature.encode(), mac.encode())


def _mac(purpose: str, text: str) -> str:
    return hmac.new(purpose_key(purpose), text.encode(), hashlib.sha256).hexdigest()
