"""What happened, as a table whose lines add up."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Sum

from exports.models import Package
from exports.states import State as PackageState
from intake.models import Arrival, Instance, Rejection
from review.models import Element
from transfers.models import Outcome, Run, TransferRequest
from transfers.states import OutcomeState, State

ENDED_WELL = (PackageState.READY, PackageState.HELD)  # held: people decide, as they should
DECIDED = (OutcomeState.REJECTED, OutcomeState.LEFT_OUT, OutcomeState.EXPIRED, OutcomeState.ERASED)


@dataclass(frozen=True)
class Account:
    """Counts of everything that was ever received here, and what became of it."""

    received: int
    duplicates: int
    rejected_at_the_door: Counter[str]
    outcomes: Counter[str]
    reasons: Counter[str]
    unassigned: int
    tags: int
    packages: list[Package]
    failed: list[str]

    @property
    def rejected(self) -> int:
        """Kept aside at the door, or rejected by a person."""
        return sum(self.rejected_at_the_door.values()) + self.outcomes[OutcomeState.REJECTED]

    @property
    def accounted(self) -> int:
        """The sum of everything that something became of."""
        others = sum(n for state, n in self.outcomes.items() if state != OutcomeState.REJECTED)
        return others + self.rejected + self.duplicates + self.unassigned

    @property
    def adds_up(self) -> bool:
        """Whether nothing vanished, and nothing stands still without a reason."""
        moving = self.outcomes[OutcomeState.WAITING] + self.outcomes[OutcomeState.MOVING]
        return (
            self.accounted == self.received
            and not moving
            and not self.failed
            and not self.unassigned
            and all(package.state in ENDED_WELL for package in self.packages)
        )


def take_account(packages: list[Package]) -> Account:
    """Count from the rows alone."""
    sums = Arrival.objects.aggregate(received=Sum("received_count"), twice=Sum("duplicate_count"))
    live = TransferRequest.objects.live()
    latest = [run.pk for transfer in live.prefetch_related("runs") if (run := transfer.latest_run)]
    outcomes = Outcome.objects.filter(run__in=latest)
    assigned = outcomes.exclude(instance=None).values("instance")
    return Account(
        received=sums["received"] or 0,
        duplicates=sums["twice"] or 0,
        rejected_at_the_door=Counter(
            rejection.get_code_display() for rejection in Rejection.objects.exclude(arrival=None)
        ),
        outcomes=Counter(outcomes.values_list("state", flat=True)),
        reasons=Counter(
            outcomes.filter(state__in=(OutcomeState.HELD, OutcomeState.REJECTED)).values_list(
                "reason", flat=True
            )
        ),
        unassigned=Instance.objects.exclude(pk__in=assigned).count(),
        tags=Element.objects.count(),
        packages=packages,
        failed=list(
            # A run of which people let nothing leave ends there too, and fell short of nothing.
            Run.objects.filter(pk__in=latest, state=State.FAILED)
            .filter(Exists(Outcome.objects.exclude(state__in=DECIDED).filter(run=OuterRef("pk"))))
            .values_list("reason", flat=True)
        ),
    )


def lines(account: Account) -> list[str]:
    """Say the account as lines of text."""
    rows: list[tuple[str, int | str]] = [
        ("received", account.received),
        ("delivered", account.outcomes[OutcomeState.DELIVERED]),
        ("held", account.outcomes[OutcomeState.HELD]),
        ("rejected", account.rejected),
    ]
    others = {
        "received twice, kept once": account.duplicates,
        "left out": account.outcomes[OutcomeState.LEFT_OUT],
        "expired": account.outcomes[OutcomeState.EXPIRED],
        "erased": account.outcomes[OutcomeState.ERASED],
        "still on the way": account.outcomes[OutcomeState.WAITING]
        + account.outcomes[OutcomeState.MOVING],
        "not assigned": account.unassigned,
    }
    rows += [(name, n) for name, n in others.items() if n]
    rows.append(("tags indexed", account.tags))
    rows.append(("packages built", sum(p.state == PackageState.READY for p in account.packages)))
    text = [f"  {name:<28}{n:>8}" for name, n in rows]
    sign = "=" if account.accounted == account.received else "≠"
    text.append(f"  {account.received} received {sign} {account.accounted} accounted for")
    for reason, n in (account.rejected_at_the_door + account.reasons).most_common():
        text.append(f"    {n} × {reason}")
    text += [f"    a transfer failed: {reason}" for reason in account.failed]
    text += [
        f"    package {package.get_format_display()}, {package.state}: {package.reason}"
        for package in account.packages
        if package.state != PackageState.READY
    ]
    return text
