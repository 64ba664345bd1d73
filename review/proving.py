"""Whether the sign-offs are as they were signed: each by its digest, its event, and its seal."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from projects.canonical import digest_of
from projects.models import AuditEvent, AuditSeal
from review.models import SignOff

ABOUT = SignOff._meta.label_lower
NAMED = 20


@dataclass
class SignOffsReport:
    """What was found of the sign-offs; numbers are those of their rows and of audit events."""

    count: int = 0
    changed: list[int] = field(default_factory=list)
    unproved: list[int] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)

    @property
    def is_intact(self) -> bool:
        """Whether every sign-off is as it was signed, and none is gone."""
        return not (self.changed or self.unproved or self.missing)

    def sentences(self) -> list[str]:
        """Say it, what is wrong first."""
        said = []
        if self.changed:
            said.append(f"Sign-offs changed since they were signed: {_named(self.changed)}.")
        if self.unproved:
            said.append(f"Sign-offs that no audit event vouches for: {_named(self.unproved)}.")
        if self.missing:
            said.append(
                f"Sign-offs that are missing, by their audit events: {_named(self.missing)}."
            )
        if self.is_intact and self.count:
            noun = "1 sign-off is" if self.count == 1 else f"{self.count:,} sign-offs are"
            said.append(f"{noun} as signed.")
        return said


def verify_sign_offs() -> SignOffsReport:
    """Compare every sign-off with its digest, and with the event or the seal that carries it."""
    report, carried = SignOffsReport(), dict(_carried())
    rows = SignOff.objects.order_by("pk").values_list("pk", "event_id", "digest", "text")
    for pk, event, digest, text in rows.iterator(chunk_size=50):
        report.count += 1
        if digest_of(text) != digest:
            report.changed.append(pk)
        if event is None or carried.pop(event, None) != digest:
            report.unproved.append(pk)
    report.missing = sorted(carried)
    return report


def _carried() -> Iterator[tuple[int, str]]:
    """Yield the event and the digest of every sign-off: from events, then from the seals."""
    events = AuditEvent.objects.filter(verb="signed_off", object_type=ABOUT)
    for event, facts in events.values_list("pk", "facts").order_by("pk").iterator():
        yield event, str(facts.get("digest", ""))
    for seal in AuditSeal.objects.light().order_by("number").iterator(chunk_size=200):
        yield from _digests(seal)


def _digests(seal: AuditSeal) -> list[tuple[int, str]]:
    """Return the sign-offs that a seal names; of one that was changed beyond reading, none."""
    try:
        return [(event, digest) for event, kind, digest in seal.digests if kind == ABOUT]
    except (TypeError, ValueError):
        return []


def _named(numbers: list[int]) -> str:
    more = len(numbers) - NAMED
    return ", ".join(map(str, numbers[:NAMED])) + (f" and {more:,} more" if more > 0 else "")
