"""What was found at the door, as a part of a package's page."""

from typing import Any

from django import template
from django.template.context import Context

from exports.models import Package
from exports.states import State
from projects.roles import Permission
from transfers.places import SURE
from transfers.screening import screen_for_project
from transfers.states import FindingVerdict

register = template.Library()

MOST_SHOWN = 50
PILLS = {
    FindingVerdict.OPEN: "held",
    FindingVerdict.AWAITING: "wait",
    FindingVerdict.RELEASED: "done",
    FindingVerdict.REJECTED: "fail",
}


@register.inclusion_tag("exports/parts/findings.html", takes_context=True)
def package_findings(context: Context, package: Package) -> dict[str, Any]:
    """Show what was found in a package, and let those decide who may."""
    user = context["request"].user
    project = package.project
    screen = screen_for_project(project)
    found = list(package.findings.select_related("verdict_by", "second_by")[:MOST_SHOWN])
    holding = [one for one in found if one.is_holding]
    waiting = [one for one in holding if one.verdict == FindingVerdict.AWAITING]
    examination = getattr(package, "examination", None)
    return {
        "package": package,
        "project": project,
        "user": user,
        "csrf_token": context.get("csrf_token"),
        "findings": [
            {
                "row": one,
                "sure": SURE.get(one.sure, one.sure),
                "pill": PILLS.get(FindingVerdict(one.verdict), "held"),
                "reason": screen(one.verdict_reason),
            }
            for one in holding
        ],
        "remarks": [one.sentence for one in found if not one.is_holding],
        "more": package.findings.count() - len(found),
        "examination": examination,
        "is_held": package.state == State.HELD,
        "is_awaiting": bool(waiting),
        "is_mine": any(one.verdict_by_id == user.pk for one in waiting),
        "may_release": all(one.kind != "unreadable" for one in holding),
        "may_resolve": user.may(Permission.RESOLVE_FINDINGS, project),
        "may_look": user.may(Permission.SEE_IDENTIFIED, project),
    }
