"""Choosing what de-identification does in a project: a new plan version, with a reason."""

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from deidentify.errors import DeidentifyError
from projects.models import AuditEvent, Project, User
from projects.roles import Permission
from transfers.actions.verdicts import checked_reason
from transfers.models import PlanVersion
from transfers.planning import current_plan, next_plan, plan_digest, rules_of


@transaction.atomic
def change_plan(
    *, by: User, project: Project, profile: str, options: Sequence[str], reason: str
) -> PlanVersion:
    """Make a new version of a project's plan; what was made by an older one stays as it is.

    Args:
        by: somebody who may change the project.
        project: whose plan it is; its own rules go along.
        profile, options: of the engine (deidentify/profiles.py).
        reason: kept with the version.

    Raises PermissionDenied, and ValidationError for options that exclude each other, for a plan
    that would do what the present one does, and without a reason.
    """
    if not by.may(Permission.MANAGE_PROJECT, project):
        raise PermissionDenied
    reason = checked_reason(reason)
    project = Project.objects.select_for_update().get(pk=project.pk)
    present = current_plan(project)
    rules = rules_of(present)
    try:
        digest = plan_digest(profile, list(options), rules)
    except DeidentifyError as error:
        raise ValidationError(str(error)) from error
    if digest == present.digest:
        raise ValidationError("This is what the present plan does already; nothing was changed.")
    version = next_plan(project, rules, by=by, reason=reason, profile=profile, options=options)
    AuditEvent.record(by, "changed_plan", version, project=project, plan=version.number)
    return version
