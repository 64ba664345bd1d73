"""What a verdict on a whole element can cover: the values listed now, or whatever its values are.

Numbers, UIDs, times and binary data differ by nature, and the index only counts most of them. So
do a pseudonym and whatever else the plan writes itself: they are new with every participant.
Text is never judged unseen: where not every value of it is listed, it cannot be called safe.
"""

from review.models import Element
from review.states import WHATEVER_BY_DEFAULT, WHATEVER_VRS, WRITTEN, Covers

BY_THE_PLAN = "written or moved by the plan itself"


def possible_covers(element: Element) -> list[Covers]:
    """Return what a verdict on an element may cover, the proposed one first; none if nothing."""
    choices = [Covers.LISTED] if element.unlisted_count == 0 else []
    kinds = _kinds(element)
    if is_written(element):
        return [Covers.WHATEVER, *choices]
    if None in kinds:
        return choices
    is_usual = all(kind in WHATEVER_BY_DEFAULT for kind in kinds)
    return [Covers.WHATEVER, *choices] if is_usual else [*choices, Covers.WHATEVER]


def why_not_safe(element: Element) -> str:
    """Return why an element cannot be called safe as a whole; "" if it can."""
    if possible_covers(element):
        return ""
    return (
        f"{element.unlisted_count:,} of its values are only counted, and it is text: nobody can "
        "have read them. Call it not safe, and make a rule that removes or cleans it."
    )


def kind_of(element: Element) -> str:
    """Return what the values of an element are, such as `a number`; "" for what people write."""
    if is_written(element):
        return BY_THE_PLAN
    kinds = _kinds(element)
    return " or ".join(str(kind) for kind in dict.fromkeys(kinds)) if None not in kinds else ""


def is_written(element: Element) -> bool:
    """Tell whether every value of an element comes from the plan, in all data that is there."""
    actions = {one.action for one in element.decisions.all() if one.series_count}
    return bool(actions) and actions <= WRITTEN


def _kinds(element: Element) -> list[str | None]:
    vrs = element.vr.split(" or ")
    if len(vrs) > 1:  # its row names two of them, whatever lies between
        vrs = sorted(element.uses.order_by().values_list("vr", flat=True).distinct())
    return [next((kind for kind, among in WHATEVER_VRS.items() if vr in among), None) for vr in vrs]
