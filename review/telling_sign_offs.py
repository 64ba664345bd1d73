"""What a sign-off says, as plain data: whole numbers, words, times and digests; no values.

What people typed is compared with the search terms of the project's patients, and withheld if it
holds what may identify one.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q

from projects.chain.links import moment
from projects.models import Project, User
from review.models import Element, ProjectIndex, ResearchStudy, Verdict
from review.names import name_of
from review.states import Judgement, Standing
from transfers.models import Finding, PlanVersion

FORM = "rDMA sign-off 1"


def tell_sign_off(
    project: Project,
    *,
    plan: PlanVersion,
    exceptions: Collection[Element],
    reason: str,
    screen: Callable[[str], str],
) -> dict[str, Any]:
    """Return everything that a sign-off says but for who signed and when."""
    return {
        "form": FORM,
        "project": {
            "acronym": project.acronym,
            "number": project.number,
            "approval": project.approval_number,
        },
        "plan": {
            "version": plan.number,
            "profile": plan.profile,
            "options": sorted(plan.options),
            "rules": len(plan.rules),
            "digest": plan.digest,
        },
        "data": _data(project),
        "elements": _elements(project),
        "verdicts": _verdicts(project),
        "people": _people(project),
        "exceptions": [
            {
                "path": element.path,
                "name": name_of(element),
                "standing": element.standing,
                "open_values": element.open_value_count,
                "reason": screen(reason),
            }
            for element in exceptions
        ],
        "hold_desk": _hold_desk(project),
        "verification": _verification(project),
    }


def counted(project: Project) -> dict[str, int]:
    """Return the studies, series, images and participants that a sign-off speaks of."""
    totals = ProjectIndex.objects.filter(project=project).first() or ProjectIndex()
    return {
        "studies": totals.study_count,
        "series": totals.series_count,
        "images": totals.instance_count,
        "participants": totals.participant_count,
    }


def _data(project: Project) -> dict[str, Any]:
    studies = ResearchStudy.objects.filter(project=project)
    versions = studies.values("run__plan_version__number").annotate(n=Count("pk"))
    unread = studies.aggregate(n=Count("series", filter=Q(series__unread_count__gt=0)))
    return {
        **counted(project),
        "studies_by_plan": {
            f"v{number}": n
            for number, n in versions.values_list("run__plan_version__number", "n").order_by(
                "run__plan_version__number"
            )
        },
        "series_with_unreadable_images": unread["n"],
        "indexed_until": _time(studies.aggregate(at=Max("indexed_at"))["at"]),
    }


def _elements(project: Project) -> dict[str, Any]:
    """Return how every element stands, with the number of the verdict in force on it."""
    known = {
        row["digest"]: (row["verdict"], row["covers"])
        for row in project.known_elements.values("digest", "verdict", "covers")
    }
    stand: dict[str, int] = dict.fromkeys(Standing.values, 0)
    listed = []
    for element in project.elements.order_by("path"):
        stand[element.standing] += 1
        verdict, covers = known.get(element.digest, (None, ""))
        listed.append(
            {
                "path": element.path,
                "standing": element.standing,
                "verdict": verdict,
                "covers": covers,
                "values": element.value_count,
                "values_counted_only": element.unlisted_count,
            }
        )
    return {"count": sum(stand.values()), "standing": stand, "list": listed}


def _verdicts(project: Project) -> dict[str, Any]:
    given = Verdict.objects.filter(project=project)
    kinds = {judged: given.filter(judged=judged).count() for judged in Judgement.values}
    return {
        "count": given.count(),
        "given": kinds,
        "confirmed": given.exclude(second_by=None).count(),
        "newest": given.values_list("pk", flat=True).first() or 0,
    }


def _people(project: Project) -> list[dict[str, Any]]:
    """Return who judged, and how often."""
    given = Verdict.objects.filter(project=project)
    counts = dict(given.values_list("given_by").annotate(n=Count("pk")).order_by())
    confirmed = dict(
        given.exclude(second_by=None).values_list("second_by").annotate(n=Count("pk")).order_by()
    )
    users = User.objects.filter(pk__in={*counts, *confirmed}).order_by("username")
    return [
        {
            "person": person_in_words(user),
            "verdicts": counts.get(user.pk, 0),
            "confirmed": confirmed.get(user.pk, 0),
        }
        for user in users
    ]


def _hold_desk(project: Project) -> dict[str, Any]:
    holding = Finding.objects.holding().filter(run__transfer__project=project)
    kinds = holding.values_list("kind").annotate(n=Count("pk")).order_by("kind")
    return {
        "images_held": holding.values("outcome").distinct().count(),
        "findings_open": dict(kinds),
    }


def _verification(project: Project) -> dict[str, Any]:
    """Return what the leak and conformance checks of the runs in the research copy came to."""
    runs = ResearchStudy.objects.filter(project=project).values("run")
    findings = Finding.objects.filter(run__in=runs)
    last = ResearchStudy.objects.filter(project=project).aggregate(at=Max("run__verified_at"))
    return {
        "runs": runs.count(),
        "last_verified_at": _time(last["at"]),
        "findings": dict(findings.values_list("kind").annotate(n=Count("pk")).order_by("kind")),
        "became": dict(findings.values_list("verdict").annotate(n=Count("pk")).order_by("verdict")),
    }


def person_in_words(user: User) -> str:
    """Write a person's name and user name."""
    return f"{user.display_name} ({user.username})"


def _time(at: datetime | None) -> str | None:
    return moment(at) if at else None
