"""Verdicts that people gave to identical findings before, and what they mean for new ones.

A release carries, so that nobody decides the same thing twice. So does a rejection: running a
transfer anew asks nobody again about what was rejected. It comes in again when a rule has removed
what was found, for then nothing is found.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Max, Q

from transfers.models import Finding, Outcome, Run
from transfers.states import UNDECIDED, CarriesTo, FindingVerdict, OutcomeState

CARRIED = (
    "verdict",
    "verdict_reason",
    "verdict_by_id",
    "verdict_at",
    "second_by_id",
    "second_at",
    "carries_to",
)


@dataclass(frozen=True)
class EarlierVerdicts:
    """The verdicts of a project that hold for some fingerprints.

    Those given to one instance alone count before those given to all that is alike, and a
    rejection before a release.
    """

    of_instances: dict[tuple[str, str], Finding]
    of_alike: dict[str, Finding]

    def carry(self, finding: Finding, outcome: Outcome) -> None:
        """Give a new finding the verdict that an identical one has; else leave it open."""
        earlier = self.of_instances.get((finding.fingerprint, outcome.sop_instance_uid))
        earlier = earlier or self.of_alike.get(finding.fingerprint)
        if earlier is not None:
            for name in CARRIED:
                setattr(finding, name, getattr(earlier, name))


def earlier_verdicts(run: Run, fingerprints: Collection[str]) -> EarlierVerdicts:
    """Find what people said of findings with these fingerprints in the project.

    A release by one person does not count any more once the project demands two.
    """
    project = run.transfer.project
    given = Finding.objects.filter(
        Q(verdict=FindingVerdict.REJECTED) | Q(verdict=FindingVerdict.RELEASED),
        run__transfer__project=project,
        fingerprint__in=fingerprints,
    )
    if project.two_person_release:
        given = given.exclude(verdict=FindingVerdict.RELEASED, second_by=None)
    alike = given.filter(carries_to=CarriesTo.ALIKE).values("fingerprint", "verdict")
    newest = alike.annotate(newest=Max("pk")).values_list("newest", flat=True)
    single = given.filter(carries_to=CarriesTo.INSTANCE, run__transfer=run.transfer_id)
    single = single.select_related("outcome").order_by("pk")
    # in this order, so that a rejection is what stays
    by_severity = sorted(
        Finding.objects.filter(pk__in=list(newest)),
        key=lambda one: one.verdict == FindingVerdict.REJECTED,
    )
    return EarlierVerdicts(
        of_instances={(one.fingerprint, one.outcome.sop_instance_uid): one for one in single},
        of_alike={one.fingerprint: one for one in by_severity},
    )


def is_rejected(findings: Sequence[Finding]) -> bool:
    """Tell whether somebody rejected one of these before."""
    return any(one.verdict == FindingVerdict.REJECTED for one in findings)


def judge(outcome: Outcome, findings: Sequence[Finding]) -> None:
    """Set what becomes of an instance by its findings: rejected, held, or verified."""
    rejected = [one for one in findings if one.verdict == FindingVerdict.REJECTED]
    undecided = [one for one in findings if one.verdict in UNDECIDED]
    if rejected:
        outcome.state = OutcomeState.REJECTED
        outcome.reason = f"Rejected before: {rejected[0].verdict_reason}"[:300]
    elif undecided:
        outcome.state = OutcomeState.HELD
        outcome.reason = undecided[0].sentence[:300]
    else:
        outcome.is_verified = True
