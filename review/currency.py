"""Whether a project's sign-off still says how things are; worked out anew each time it is asked.

Nothing is stored: what opened again and was taken away again leaves the sign-off as it was. New
data that brings nothing that nobody judged keeps it current, once that data is in the index.
"""

from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet

from projects.canonical import digest_of
from projects.models import Project
from review.contents import counting_runs
from review.models import Element, ElementValue, IndexState, ResearchStudy, SignOff, Verdict
from review.standing import waiting_elements
from review.states import OPEN, Standing
from transfers.planning import current_plan

WAITS = "It waits for a second person."


@dataclass(frozen=True)
class Currency:
    """The newest sign-off of a project, whether it is current, and if not, since when and why."""

    sign_off: SignOff | None
    why_not: list[str] = field(default_factory=list)
    since: datetime | None = None

    @property
    def is_current(self) -> bool:
        """Whether it is signed, and says how things are now."""
        return self.sign_off is not None and not self.why_not


def currency(project: Project) -> Currency:
    """Return how a project's newest sign-off compares with what is there now."""
    sign_off = newest_sign_off(project)
    if sign_off is None:
        return Currency(None, [f"Nobody has signed off what is left in {project.acronym} yet."])
    found = [
        *_about_the_record(sign_off),
        *_about_the_plan(project, sign_off),
        *_about_verdicts(project, sign_off),
        *_about_elements(project, sign_off),
        *((sentence, None) for sentence in unfinished_index(project)),
    ]
    dates = [at for _, at in found if at]
    return Currency(sign_off, [sentence for sentence, _ in found], min(dates, default=None))


def newest_sign_off(project: Project) -> SignOff | None:
    """Return what was signed last, whether it counts already or not."""
    people = project.sign_offs.select_related("signed_by", "second_by", "plan_version")
    return people.order_by("-number").first()


def refuse_unsigned(project: Project) -> None:
    """Raise ValidationError if a project demands a current sign-off for exports and has none."""
    if not project.sign_off_for_exports:
        return
    now = currency(project)
    if not now.is_current:
        raise ValidationError(
            f"{project.acronym} exports only what is signed off, and no sign-off is current: "
            f"{' '.join(now.why_not)}"
        )


def open_elements(project: Project) -> QuerySet[Element]:
    """Return the elements that a person must still judge."""
    return project.elements.filter(standing__in=OPEN)


def unfinished_index(project: Project) -> list[str]:
    """Say what of a project's data the index, and so a sign-off, does not know yet."""
    known = ResearchStudy.objects.filter(run=OuterRef("pk"), run_state=OuterRef("state"))
    later = counting_runs().filter(transfer=OuterRef("transfer"), number__gt=OuterRef("number"))
    runs = counting_runs().filter(~Exists(known), ~Exists(later), transfer__project=project)
    studies = project.research_studies.exclude(state=IndexState.INDEXED)
    count = studies.count() + runs.exclude(research_studies__in=studies).count()
    if not count:
        return []
    noun = "1 study is" if count == 1 else f"{count:,} studies are"
    return [f"{noun} not in the index as now delivered; the index follows within minutes."]


def _about_the_record(sign_off: SignOff) -> list[tuple[str, datetime | None]]:
    if digest_of(sign_off.text) != sign_off.digest:
        return [("The record was changed since it was signed.", None)]
    if not sign_off.counts:
        return [(WAITS, sign_off.signed_at)]
    if sign_off.project.two_person_review and sign_off.second_by_id is None:
        return [("The project asks for two people now, and one signed it.", None)]
    return []


def _about_the_plan(project: Project, sign_off: SignOff) -> list[tuple[str, datetime | None]]:
    plan = current_plan(project)
    if plan.pk == sign_off.plan_version_id:
        return []
    signed = sign_off.plan_version
    return [(f"The plan is {plan} now; it was {signed} when it was signed.", plan.created_at)]


def _about_verdicts(project: Project, sign_off: SignOff) -> list[tuple[str, datetime | None]]:
    since = Verdict.objects.filter(project=project).filter(
        Q(pk__gt=sign_off.last_verdict) | Q(second_at__gt=sign_off.signed_at)
    )
    found = since.aggregate(n=Count("pk"), given=Min("given_at"), confirmed=Min("second_at"))
    if not found["n"]:
        return []
    noun = "1 verdict was" if found["n"] == 1 else f"{found['n']:,} verdicts were"
    at = max(found["given"], sign_off.signed_at)
    return [(f"{noun} given or confirmed since.", at)]


def _about_elements(project: Project, sign_off: SignOff) -> list[tuple[str, datetime | None]]:
    opened = open_elements(project).exclude(digest__in=sign_off.exceptions)
    found = opened.aggregate(n=Count("pk"), at=Min("reopened_at"), seen=Max("first_seen_at"))
    said: list[tuple[str, datetime | None]] = []
    if found["n"]:
        noun = "1 element is" if found["n"] == 1 else f"{found['n']:,} elements are"
        said.append((f"{noun} open that it does not name.", found["at"] or found["seen"]))
    if unsafe := project.elements.filter(standing=Standing.UNSAFE).count():
        noun = "1 element is" if unsafe == 1 else f"{unsafe:,} elements are"
        said.append((f"{noun} not safe.", None))
    changed = ElementValue.objects.filter(
        element=OuterRef("pk"), first_seen_at__gt=sign_off.signed_at
    )
    named = project.elements.filter(digest__in=sign_off.exceptions)
    grown = named.filter(Exists(changed)).aggregate(n=Count("pk"), at=Min("changed_at"))
    if grown["n"]:
        noun = "1 element has" if grown["n"] == 1 else f"{grown['n']:,} elements have"
        said.append((f"{noun} new values that it left open by name.", grown["at"]))
    return said


def blocked_by(project: Project) -> list[str]:
    """Say what no reason can make up for before a project can be signed off."""
    said = unfinished_index(project)
    if not project.elements.exists():
        return [*said, "There is no data to sign off yet."]
    if unsafe := project.elements.filter(standing=Standing.UNSAFE).count():
        noun = "1 element is" if unsafe == 1 else f"{unsafe:,} elements are"
        said.append(f"{noun} not safe. Make a rule, and run the studies again.")
    if waiting := waiting_elements(project):
        noun = "1 element waits" if waiting == 1 else f"{waiting:,} elements wait"
        said.append(f"{noun} for a second person to confirm a verdict.")
    return said
