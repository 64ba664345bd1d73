"""What somebody's groups give, written down. Nothing else changes what the directory gave.

What the directory gave it may take away; what a person gave, it leaves alone. Everything here is
done by nobody: the audit names no actor, and the rows of `GroupRole` name who decided.
"""

from collections.abc import Iterable, Mapping

from django.db import transaction

from projects.models import AuditEvent, DirectoryGroup, GroupRole, Membership, User
from projects.models.people import Source
from projects.roles import HospitalRole, Phase, Role

# Who is in several groups is what comes first here: the order in which roles are listed.
ROLES = list(Role)
HOSPITAL_ROLES = [role for role in HospitalRole if role]
LONGEST = 500  # characters of a group's name, as its columns have them


@transaction.atomic
def apply(user: User, groups: Mapping[str, str] | Iterable[str]) -> bool:
    """Give somebody of the directory what their groups give, and take what they gave no longer.

    Args:
        user: has a row in DirectoryPerson.
        groups: names in normal form; as a mapping, with the names as they are written.

    Returns whether something was taken away. Whoever loses something is signed out everywhere, so
    that no page that was opened before goes on being used.
    """
    keys = _mirror_groups(user, groups)
    gives = list(GroupRole.objects.filter(group__key__in=keys).select_related("project"))
    is_poorer = _apply_projects(user, [one for one in gives if one.project_id is not None])
    is_poorer |= _apply_hospital(user, [one for one in gives if one.project_id is None])
    if is_poorer:
        end_sessions(user)
    user.__dict__.pop("seats", None)  # read before, perhaps, and remembered
    return is_poorer


@transaction.atomic
def apply_group(group: DirectoryGroup) -> None:
    """Apply the table anew to everybody who was last seen in a group."""
    people = group.people.filter(is_gone=False).select_related("user")
    for person in people:
        apply(person.user, list(person.groups.values_list("key", flat=True)))


def end_sessions(user: User) -> None:
    """Sign somebody of the directory out everywhere.

    A session holds a digest of the stored password. Theirs is unusable, and drawn anew.
    """
    user.set_unusable_password()
    user.save(update_fields=["password"])


@transaction.atomic
def close(user: User, *, why: str) -> None:
    """End every access of somebody who left, or whom the directory closed, and say why.

    `why` is a closed word. Memberships that a person gave stay written down, and give nothing
    while the account is closed. Somebody whom a person here had switched off is not marked as
    closed by the directory: it may open again only what it closed.
    """
    apply(user, ())
    if User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
        user.is_active = False
        person = user.directory_person
        person.is_gone = True
        person.save(update_fields=["is_gone"])
        AuditEvent.record(None, "directory_closed", user, because=why)
    end_sessions(user)


def _mirror_groups(user: User, groups: Mapping[str, str] | Iterable[str]) -> list[str]:
    """Keep which groups somebody is in; new groups are written down by their names.

    A name that is too long to be written down gives nothing: nobody can name it at /directory/.
    """
    named = groups if isinstance(groups, Mapping) else {key: key for key in groups}
    written = {key: dn for key, dn in named.items() if max(len(key), len(dn)) <= LONGEST}
    known = {one.key: one for one in DirectoryGroup.objects.filter(key__in=list(written))}
    for key, dn in written.items():
        if key not in known:
            known[key], _ = DirectoryGroup.objects.get_or_create(key=key, defaults={"dn": dn})
    user.directory_person.groups.set(known.values())
    return list(known)


def _apply_projects(user: User, gives: list[GroupRole]) -> bool:
    wanted: dict[int, GroupRole] = {}
    for one in sorted(gives, key=lambda one: ROLES.index(Role(one.role))):
        wanted.setdefault(one.project_id or 0, one)
    held = {member.project_id: member for member in user.memberships.select_related("project")}
    is_poorer = False
    for project_id, one in wanted.items():
        member = held.get(project_id)
        if member is None:
            _give(user, one)
        elif member.source == Source.DIRECTORY and member.role != one.role:
            _change(member, Role(one.role))
            is_poorer = True
    for project_id, member in held.items():
        if member.source == Source.DIRECTORY and project_id not in wanted:
            _take(member)
            is_poorer = True
    return is_poorer


def _give(user: User, one: GroupRole) -> None:
    """Make somebody a member; a project that has ended takes nobody new."""
    project = one.project
    if project is None or project.phase == Phase.ENDED:
        return
    member = Membership.objects.create(
        user=user, project=project, role=one.role, source=Source.DIRECTORY
    )
    AuditEvent.record(None, "directory_set_member", member, user=user.pk, role=one.role)


def _change(member: Membership, role: Role) -> None:
    member.role = role
    member.save(update_fields=["role"])
    if role == Role.OWNER:
        member.sites.clear()  # an owner is the owner of all of it
    AuditEvent.record(
        None, "directory_set_member", member, user=member.user_id, role=str(role.value)
    )


def _take(member: Membership) -> None:
    """End a membership, the last owner's too: access has to end, and the report says it."""
    AuditEvent.record(None, "directory_removed_member", member, user=member.user_id)
    member.delete()


def _apply_hospital(user: User, gives: list[GroupRole]) -> bool:
    """Give or take a role for the hospital; one that was given in Django admin stays."""
    ranked = sorted(HOSPITAL_ROLES.index(HospitalRole(one.hospital_role)) for one in gives)
    wanted = HOSPITAL_ROLES[ranked[0]] if ranked else HospitalRole.NONE
    person = user.directory_person
    given = HospitalRole(person.hospital_role)
    if wanted == given or user.hospital_role != given:
        return False
    user.hospital_role = person.hospital_role = wanted
    user.save(update_fields=["hospital_role"])
    person.save(update_fields=["hospital_role"])
    AuditEvent.record(
        None, "directory_set_hospital_role", user, hospital_role=str(wanted.value) or "none"
    )
    return given != HospitalRole.NONE
