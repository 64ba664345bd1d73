"""Which plan a run goes by: the project's current version, compiled for one participant."""

from django.db import IntegrityError, transaction

from deidentify.identity import Identity
from deidentify.listing import listed
from deidentify.plan import Plan, compile_plan
from projects.models import Project
from transfers.models import PlanVersion, Run, StoredPlan

DEFAULT_PROFILE = "research"
NOBODY = Identity(project="PROJECT", pseudonym="PSEUDONYM", secret=bytes(32))


def plan_digest(profile: str, options: list[str]) -> str:
    """Return the digest that names what a profile with its options does."""
    return compile_plan(profile, identity=NOBODY, options=options).digest


def current_plan(project: Project) -> PlanVersion:
    """Return the project's newest plan version; the first one is the default profile."""
    newest = project.plan_versions.order_by("-number").first()
    if newest is not None:
        return newest
    try:
        with transaction.atomic():
            return PlanVersion.objects.create(
                project=project,
                number=1,
                profile=DEFAULT_PROFILE,
                digest=plan_digest(DEFAULT_PROFILE, []),
            )
    except IntegrityError:  # another request made it at the same moment
        return project.plan_versions.get(number=1)


def compile_for(run: Run) -> Plan:
    """Compile the run's plan version for its participant. Raises KeyUnavailable if severed."""
    transfer, version = run.transfer, run.plan_version
    participant, project = transfer.participant, transfer.project
    identity = Identity(
        project=project.acronym,
        project_number=project.number,
        pseudonym=participant.pseudonym,
        secret=participant.secret,
        event=transfer.event.name,
        site=f"{participant.site.code:02}" if participant.site else "",
    )
    return compile_plan(version.profile, identity=identity, options=version.options)


def store(plan: Plan) -> None:
    """Keep what a plan decides, once for all runs that go by it."""
    if not StoredPlan.objects.filter(digest=plan.digest).exists():
        data = {
            **plan.as_data(),
            "holes": plan.known_holes(),
            "rows": [list(row) for row in listed(plan)],
        }
        # Another worker may have kept it a moment ago.
        StoredPlan.objects.bulk_create(
            [StoredPlan(digest=plan.digest, data=data)], ignore_conflicts=True
        )
