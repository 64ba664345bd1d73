"""What a verification found, and how it is said: sentences with numbers, never with values."""

from dataclasses import dataclass, field

from django.utils import timezone

from projects.id_ranges import IdRanges
from projects.models import AuditPruning

NAMED = 20  # so many ranges stand in a sentence; the rest is counted


@dataclass
class ChainReport:
    """Everything that is to be said of a chain, gathered while it is read once."""

    seal_count: int = 0
    last_seal: int | None = None
    last_digest: str = ""
    event_count: int = 0
    unsealed_count: int = 0
    checkpoint_count: int = 0
    prunings: list[AuditPruning] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)  # of the chain itself
    changed: list[int] = field(default_factory=list)
    missing: list[tuple[int, int]] = field(default_factory=list)  # (seal, event)
    inserted: list[int] = field(default_factory=list)
    misdated: list[int] = field(default_factory=list)
    has_lost_seals: bool = False

    @property
    def is_intact(self) -> bool:
        """Whether nothing was changed, is missing or was put in."""
        return not (self.wrong or self.changed or self.missing or self.inserted)

    def sentences(self) -> list[str]:
        """Say it, what is wrong first."""
        said = list(self.wrong)
        said += _tell(self.changed, "was changed", "were changed")
        said += self._missing()
        if self.has_lost_seals:
            said += _tell(self.inserted, "is under no seal", "are under no seal")
        else:
            said += _tell(self.inserted, "was put in by hand", "were put in by hand")
        said += _tell(
            self.misdated,
            "gives a time long before it was sealed: entered later, or a wrong clock",
            "give times long before they were sealed: entered later, or a wrong clock",
        )
        said += [_pruned(pruning) for pruning in self.prunings]
        said.append(self._fine())
        if self.unsealed_count:
            said.append(f"Not sealed yet: {_count(self.unsealed_count, 'event')}.")
        if self.checkpoint_count:
            said.append(f"Agrees with {_count(self.checkpoint_count, 'checkpoint')}.")
        return said

    def _fine(self) -> str:
        if not self.seal_count:
            return "Nothing is sealed yet."
        seals = f"{_count(self.seal_count, 'seal')} up to number {self.last_seal}"
        events = _count(self.event_count, "event")
        if self.is_intact:
            return f"The audit is intact: {events} under {seals}, as they were written."
        return f"The audit is not intact: {events} under {seals} are as they were written."

    def _missing(self) -> list[str]:
        by_seal: dict[int, list[int]] = {}
        for seal, event in self.missing:
            by_seal.setdefault(seal, []).append(event)
        return [
            f"{_named(events)} of seal {seal} {'is' if len(events) == 1 else 'are'} missing."
            for seal, events in list(by_seal.items())[:NAMED]
        ] + (
            [f"Events of {len(by_seal) - NAMED:,} further seals are missing."]
            if len(by_seal) > NAMED
            else []
        )


def _count(number: int, of: str) -> str:
    return f"{number:,} {of}" + ("" if number == 1 else "s")


def _tell(events: list[int], one: str, several: str) -> list[str]:
    return [f"{_named(events)} {one if len(events) == 1 else several}."] if events else []


def _named(events: list[int]) -> str:
    ranges = IdRanges.of(events)
    if len(events) == 1:
        return f"Event {events[0]}"
    shown = IdRanges(ranges.ranges[:NAMED])
    more = len(ranges) - len(shown)
    return f"Events {shown}" + (f" and {more:,} others" if more else "")


def _pruned(pruning: AuditPruning) -> str:
    return (
        f"Dropped on {timezone.localdate(pruning.at)}, with their seals kept: "
        f"{_count(pruning.event_count, 'event')} up to seal {pruning.through_seal}, from before "
        f"{timezone.localdate(pruning.before)}."
    )
