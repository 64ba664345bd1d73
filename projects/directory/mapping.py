"""What a group of the directory gives: right, change, audit; its people follow at once."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from projects.access import require
from projects.directory.applying import LONGEST, apply_group
from projects.directory.errors import NotUnderstood
from projects.directory.names import normal
from projects.models import AuditEvent, DirectoryGroup, GroupRole, Project, User
from projects.roles import HospitalRole, Permission, Role


@transaction.atomic
def map_group(*, by: User, dn: str, project: Project, role: Role) -> GroupRole:
    """Make everybody in a group a member of a project.

    Raises PermissionDenied if `by` may not manage its people, and ValidationError for what is no
    distinguished name and for a group that gives a role in the project already.
    """
    require(by, Permission.MANAGE_MEMBERS, project)
    group = _group(dn)
    if group.gives.filter(project=project).exists():
        raise ValidationError(
            f"This group gives a role in {project.acronym} already. Remove that line first."
        )
    given = GroupRole.objects.create(group=group, project=project, role=Role(role), created_by=by)
    AuditEvent.record(by, "mapped_group", given, project=project, role=str(given.role))
    apply_group(group)
    return given


@transaction.atomic
def map_hospital_group(*, by: User, dn: str, hospital_role: HospitalRole) -> GroupRole:
    """Give everybody in a group a role for the whole hospital; who may open Django admin does.

    Raises PermissionDenied and ValidationError as `map_group` does.
    """
    if not (by.is_active and by.is_superuser):
        raise PermissionDenied
    group = _group(dn)
    if group.gives.filter(project=None).exists():
        raise ValidationError("This group gives a role for the hospital already.")
    role = HospitalRole(hospital_role)
    given = GroupRole.objects.create(group=group, hospital_role=role, created_by=by)
    AuditEvent.record(by, "mapped_group", given, role=str(role.value))
    apply_group(group)
    return given


@transaction.atomic
def unmap_group(*, by: User, given: GroupRole) -> None:
    """Take away what a group gave; its people lose it now, not tonight.

    Raises PermissionDenied as the two above do.
    """
    if given.project is not None:
        require(by, Permission.MANAGE_MEMBERS, given.project)
    elif not (by.is_active and by.is_superuser):
        raise PermissionDenied
    AuditEvent.record(
        by, "unmapped_group", given, project=given.project, role=given.role or given.hospital_role
    )
    group = given.group
    given.delete()
    apply_group(group)


def _group(dn: str) -> DirectoryGroup:
    """Find a group by any spelling of its name, or write it down."""
    try:
        key = normal(dn)
    except NotUnderstood as error:
        raise ValidationError({"dn": str(error)}) from None
    if len(key) > LONGEST or len(dn) > LONGEST:
        raise ValidationError({"dn": "This name is too long."})
    group, _ = DirectoryGroup.objects.get_or_create(key=key, defaults={"dn": dn.strip()})
    return group
