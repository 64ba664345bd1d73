"""What a rule would reach in a project's research copy: elements, sums, and transfers.

Read from the index. What the index does not know yet (a study that waits for it, or holds images
back) counts as reached: running a transfer again needlessly costs time, leaving it out a leak.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, Q, QuerySet

from deidentify.rules import PART, Rule
from projects.models import Project
from review.models import (
    Element,
    ElementValue,
    IndexState,
    ResearchSeries,
    ResearchStudy,
    SeriesElement,
)
from transfers.models import Outcome, TransferRequest
from transfers.places import way_of
from transfers.states import OutcomeState


@dataclass(frozen=True)
class Reach:
    """What a rule is about.

    Attributes:
        elements: of the index, the most frequent first.
        instance_count: images that have one of them; the most it can be where `is_exact` is not.
        series_count, study_count, participant_count: that have one of them.
        transfers: that have it.
        unknown: further transfers, of which the index cannot say whether they do.
    """

    elements: list[Element] = field(default_factory=list)
    instance_count: int = 0
    is_exact: bool = True
    series_count: int = 0
    study_count: int = 0
    participant_count: int = 0
    transfers: frozenset[int] = frozenset()
    unknown: frozenset[int] = frozenset()

    @property
    def to_run(self) -> frozenset[int]:
        """The transfers that run again when the rule is made."""
        return self.transfers | self.unknown

    @property
    def vrs(self) -> set[str]:
        """The VRs that the elements have."""
        return {vr for element in self.elements for vr in element.vr.split(" or ")}

    def sop_class_uids(self) -> set[str]:
        """Return the kinds of images that have one of the elements."""
        return set(
            ResearchSeries.objects.filter(
                Exists(
                    SeriesElement.objects.filter(series=OuterRef("pk"), element__in=self.elements)
                )
            )
            .exclude(sop_class_uid="")
            .order_by()
            .values_list("sop_class_uid", flat=True)
            .distinct()
        )


def reach(project: Project, rule: Rule) -> Reach:
    """Look up what a rule would reach; a number of queries that does not depend on how much."""
    elements = covered(project, rule)
    rows = SeriesElement.objects.filter(element__in=elements)
    series = ResearchSeries.objects.filter(Exists(rows.filter(series=OuterRef("pk"))))
    studies = ResearchStudy.objects.filter(Exists(series.filter(study=OuterRef("pk"))))
    found = list(studies.order_by().values_list("transfer", "participant"))
    transfers = frozenset(transfer for transfer, _ in found)
    counts = list(series.order_by().values_list("pk", "instance_count"))
    total = sum(element.instance_count for element in elements)
    return Reach(
        elements=elements,
        instance_count=min(total, sum(count for _, count in counts)),
        is_exact=len(elements) <= 1,
        series_count=len(counts),
        study_count=len(found),
        participant_count=len({participant for _, participant in found}),
        transfers=transfers,
        unknown=_unknown(project) - transfers,
    )


def covered(project: Project, rule: Rule) -> list[Element]:
    """Return the elements of the index that a rule decides about."""
    group, number, creator, last = list(PART.finditer(rule.element))[-1].groups()
    alike = Q(tag=f"{group},{number}".upper())
    if creator:
        ending = "" if last == "xx" else last.upper()
        alike = Q(tag__startswith=f"{group.upper()},xx", tag__endswith=ending)
        alike &= Q(creator__iexact=creator[:80])
    rows = project.elements.filter(alike).order_by("-instance_count", "pk")
    return [row for row in rows if rule.covers(way_of(row.path))]


def changed_instances(rule: Rule, elements: Collection[Element], marks: Collection[int]) -> int:
    """Return how many images a rule that writes would change, by the values that are listed.

    Args:
        rule: that replaces, or maps.
        elements: that it reaches.
        marks: ids of the values that its table names.
    """
    values = ElementValue.objects.filter(element__in=elements)
    if rule.action == "replace":
        values = values.exclude(value__text=rule.value)
    elif rule.others == "keep":
        values = values.filter(value__in=marks)
    return sum(values.values_list("instance_count", flat=True))


def _unknown(project: Project) -> frozenset[int]:
    """Return live transfers of which the index does not say all: not indexed, or held back."""
    indexed = ResearchStudy.objects.filter(transfer=OuterRef("pk"), state=IndexState.INDEXED)
    held = Outcome.objects.filter(run__transfer=OuterRef("pk"), state=OutcomeState.HELD)
    live = TransferRequest.objects.live().filter(project=project, runs__isnull=False)
    unsure: QuerySet[TransferRequest] = live.filter(~Exists(indexed) | Exists(held))
    return frozenset(unsure.values_list("pk", flat=True))
