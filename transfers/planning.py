"""Which plan a run goes by: the project's current version, compiled for one participant."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction

from deidentify.delta import DeltaPlan, delta_plan
from deidentify.identity import Identity
from deidentify.listing import listed
from deidentify.plan import Plan, compile_plan
from deidentify.rules import Rule
from projects.errors import KeyUnavailable
from projects.keys.deriving import derive
from projects.models import Project, User
from transfers.models import PlanVersion, Run, StoredPlan
from transfers.states import Source

DEFAULT_PROFILE = "research"
NOBODY = Identity(project="PROJECT", pseudonym="PSEUDONYM", secret=bytes(32))


def plan_digest(profile: str, options: list[str], rules: Sequence[Rule] = ()) -> str:
    """Return the digest that names what a profile with its options and rules does."""
    return compile_plan(profile, identity=NOBODY, options=options, rules=rules).digest


def rules_of(version: PlanVersion) -> list[Rule]:
    """Return a plan version's rules as the engine reads them."""
    return [Rule(**row) for row in version.rules]


def nobodys_plan(version: PlanVersion) -> Plan:
    """Compile a plan version for nobody, to ask what it decides."""
    rules = rules_of(version)
    return compile_plan(version.profile, identity=NOBODY, options=version.options, rules=rules)


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


def next_plan(
    project: Project,
    rules: Sequence[Rule],
    *,
    by: User,
    reason: str,
    profile: str = "",
    options: Sequence[str] = (),
) -> PlanVersion:
    """Make the project's next plan version with these rules.

    Inside a transaction that has locked the project, so that numbers do not collide.

    Args:
        project: whose plan it is.
        rules: all of the version's own rules.
        by: who asked for it.
        reason: why, in that person's words.
        profile: of the version, with `options`; the present ones if left out.
        options: of the engine; they count only together with a profile.
    """
    present = current_plan(project)
    chosen = list(options) if profile else present.options
    profile = profile or present.profile
    return PlanVersion.objects.create(
        project=project,
        number=present.number + 1,
        profile=profile,
        options=chosen,
        rules=[rule.as_data() for rule in rules],
        digest=plan_digest(profile, chosen, rules),
        reason=reason,
        created_by=by,
    )


def rule_key(project: Project) -> bytes:
    """Return the key of the marks by which a project's maps know values (deidentify/rules.py)."""
    return derive(project.root, "marks of the values that rules name")


def compile_for(run: Run, *, rules: Sequence[Rule] | None = None) -> Plan:
    """Compile the run's plan version for its participant.

    Of a run over the research copy it is what its version adds to those the copy went by.

    Args:
        run: whose plan.
        rules: take the place of the version's own: to try what they would do.

    Raises:
        KeyUnavailable: the participant was severed, and the run is made of originals.
        UsageError: a copy of the one profile cannot be brought to the other.
    """
    identity = identity_of(run)
    newer = _compiled(run.plan_version, identity, rules)
    if run.source != Source.COPY:
        return newer
    return delta_plan([_compiled(one.plan_version, identity) for one in runs_below(run)], newer)


def compile_over(run: Run, rules: Sequence[Rule]) -> DeltaPlan:
    """Compile what a run over `run`'s own files would go by, with these rules; to try them."""
    identity = identity_of(run)
    earlier = [_compiled(one.plan_version, identity) for one in (*runs_below(run), run)]
    return delta_plan(earlier, _compiled(run.plan_version, identity, rules))


def runs_below(run: Run) -> list[Run]:
    """Return the runs that the files of a run over the copy went through, the first one first."""
    below: list[Run] = []
    while run.over is not None:
        run = run.over
        below.insert(0, run)
    return below


def identity_of(run: Run) -> Identity:
    """Return a run's participant as the engine knows one.

    A run over the copy draws no UID and no date, so it needs no secret of a severed participant:
    dummies, and whatever else is drawn, come from one of its own.
    """
    transfer = run.transfer
    participant, project = transfer.participant, transfer.project
    try:
        secret = participant.secret
    except KeyUnavailable:
        if run.source != Source.COPY:
            raise
        secret = derive(project.root, f"run {run.pk} of a severed participant")
    return Identity(
        project=project.acronym,
        project_number=project.number,
        pseudonym=participant.pseudonym,
        secret=secret,
        event=transfer.event.name,
        site=f"{participant.site.code:02}" if participant.site else "",
        rule_key=rule_key(project),
    )


def _compiled(
    version: PlanVersion, identity: Identity, rules: Sequence[Rule] | None = None
) -> Plan:
    return compile_plan(
        version.profile,
        identity=identity,
        options=version.options,
        rules=rules_of(version) if rules is None else rules,
    )


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
