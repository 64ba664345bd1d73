"""Keeping each element's risk as its sums are: weighed anew where a merge changed them."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import Exists, OuterRef

from review.bulk import update
from review.models import Element, ElementDecision, ElementLook, ElementValue
from review.risk import Facts, scored

CHANGED = ("risk", "risk_score", "risk_reasons")


def rescore(elements: Collection[int]) -> None:
    """Weigh elements by their sums as they now are; only what changed is written."""
    looks: dict[int, dict[str, int]] = defaultdict(dict)
    for row in ElementLook.objects.filter(element__in=elements):
        looks[row.element_id][row.looks] = row.value_count
    actions: dict[int, set[str]] = defaultdict(set)
    rows: dict[int, set[str]] = defaultdict(set)
    for ruling in ElementDecision.objects.filter(element__in=elements):
        actions[ruling.element_id].add(ruling.action)
        rows[ruling.element_id].add(ruling.row)
    said = ElementValue.objects.filter(element=OuterRef("pk")).exclude(value__text="")
    changed = []
    for element in Element.objects.filter(pk__in=elements).annotate(has_value=Exists(said)):
        risk = scored(
            Facts(
                path=element.path,
                vr=element.vr,
                actions=actions[element.pk],
                rows=rows[element.pk],
                participant_count=element.participant_count,
                value_count=element.value_count,
                unlisted_count=element.unlisted_count,
                participant_value_count=element.participant_value_count,
                lone_value_count=element.lone_value_count,
                looks=looks[element.pk],
                is_empty=not element.has_value and not element.unlisted_count,
            )
        )
        reasons = [list(reason) for reason in risk.reasons]
        if (element.risk_score, element.risk_reasons) != (risk.score, reasons):
            element.risk, element.risk_score = risk.level, risk.score
            element.risk_reasons = reasons
            changed.append(element)
    update(changed, CHANGED)
