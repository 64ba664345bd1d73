"""What `manage.py ldapcheck` says: the way of a sign-in, step by step, until it ends.

Every sentence says what to do. Passwords are never said.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.conf import settings

from projects.directory.configuration import Configuration
from projects.directory.errors import DirectoryError, NotUnderstood
from projects.directory.names import normal
from projects.directory.reaching import Step, reach
from projects.models import DirectoryGroup, DirectoryPerson, GroupRole, User
from projects.models.people import Kind

if TYPE_CHECKING:
    from projects.directory.entries import Directory


def check_directory(user_name: str = "") -> Iterator[Step]:
    """Walk the way of a sign-in; a step that later ones stand on ends the walk if it is wrong."""
    configuration = settings.DIRECTORY
    if configuration is None:
        yield Step(False, "There is no directory: set LDAP_URI (see .env.example).")
        return
    yield Step(True, f"The settings name {len(configuration.servers)} server(s).")
    if configuration.speaks_in_clear:
        yield Step(
            True,
            "Passwords go without TLS, to this machine only (LDAP_START_TLS=no): for tests alone.",
        )
    answering = 0
    for server in configuration.servers:
        steps = list(reach(configuration, server))
        yield from steps
        answering += all(step.is_well for step in steps)
    if not answering:
        return
    try:
        yield from _entries(configuration, user_name)
    except DirectoryError as error:
        yield Step(False, str(error))


def _entries(configuration: Configuration, user_name: str) -> Iterator[Step]:
    """Sign in as the portal's account, and look at what it can see."""
    # late: the extra [ldap] need not be installed where there is no directory
    from projects.directory.entries import open_directory

    with open_directory(configuration) as directory:
        yield Step(True, "LDAP_BIND_DN is let in with LDAP_BIND_PASSWORD.")
        yield from _bases(directory)
        yield from _mapped(directory)
        yield from _local(directory)
        if user_name:
            yield from _person(directory, user_name)


def _bases(directory: "Directory") -> Iterator[Step]:
    """Look whether people and groups are where the settings say."""
    configuration = directory.configuration
    if not directory.has_entry(configuration.user_base):
        yield Step(False, "LDAP_USER_BASE names no entry that LDAP_BIND_DN may see.")
    elif not directory.has_anybody():
        yield Step(
            False,
            "There is nobody below LDAP_USER_BASE whom LDAP_USER_FILTER lets in: look at both, at "
            "LDAP_LAYOUT, and at what LDAP_BIND_DN may read.",
        )
    else:
        yield Step(True, "There are people below LDAP_USER_BASE.")
    if not directory.has_entry(configuration.group_base):
        yield Step(False, "LDAP_GROUP_BASE names no entry that LDAP_BIND_DN may see.")
    elif not directory.has_any_group():
        yield Step(
            False,
            "There is no group with members below LDAP_GROUP_BASE: look at it, at "
            "LDAP_GROUP_FILTER, at LDAP_LAYOUT, and at what LDAP_BIND_DN may read.",
        )
    else:
        yield Step(True, "There are groups with members below LDAP_GROUP_BASE.")
    if configuration.required_group:
        is_there = directory.has_entry(configuration.required_group)
        said = "is there" if is_there else "is not there: nobody can sign in"
        yield Step(is_there, f"The group of LDAP_REQUIRED_GROUP {said}.")


def _mapped(directory: "Directory") -> Iterator[Step]:
    """Look whether the groups that give something exist."""
    groups = list(DirectoryGroup.objects.exclude(gives=None).distinct())
    if not groups:
        yield Step(True, "No group gives anything yet; the data office says at /directory/.")
        return
    missing = [group.dn for group in groups if not directory.has_entry(group.dn)]
    yield Step(True, f"{len(groups) - len(missing)} of {len(groups)} groups that give are there.")
    for dn in missing:
        yield Step(False, f"There is no group {dn}: correct its line at /directory/, or remove it.")


def _local(directory: "Directory") -> Iterator[Step]:
    """Name local accounts whose names the directory has as well."""
    accounts = User.objects.filter(directory_person=None, is_active=True, kind=Kind.PERSON)
    if not accounts.exists():
        yield Step(True, "There is no local account: nobody could sign in while this is away.")
    for account in accounts:
        try:
            is_taken = directory.named(account.username) is not None
        except NotUnderstood:
            is_taken = True
        if is_taken:
            yield Step(
                True,
                f"The local account {account.username} has the name of somebody in the directory, "
                "who cannot sign in. It is never overwritten; rename it in Django admin.",
            )


def _person(directory: "Directory", user_name: str) -> Iterator[Step]:
    """Look somebody up, as at a sign-in, and say what would follow from it."""
    entry = directory.named(user_name.strip())
    if entry is None:
        yield Step(
            False,
            f"{user_name} is not below LDAP_USER_BASE, or LDAP_USER_FILTER does not let them in.",
        )
        return
    yield Step(True, f"{user_name} is {entry.dn}.")
    if entry.is_closed:
        yield Step(False, "The directory says that this account is disabled or has expired.")
    groups = directory.groups_of(entry.dn)
    yield Step(True, f"They are in {len(groups)} group(s){':' if groups else '.'}")
    for dn in sorted(groups.values()):
        yield Step(True, f"  {dn}")
    required = directory.configuration.required_group
    if required and normal(required) not in groups:
        yield Step(False, "They are not in the group of LDAP_REQUIRED_GROUP.")
    yield from _account(user_name, entry.entry_id)
    given = list(GroupRole.objects.filter(group__key__in=groups).select_related("project"))
    if not given:
        yield Step(True, "Their groups give them nothing; a project's owner can still name them.")
    for one in given:
        where = one.project.acronym if one.project else "the hospital"
        role = one.get_role_display() if one.project else one.get_hospital_role_display()
        yield Step(True, f"Their groups make them, in {where}: {role}.")


def _account(user_name: str, entry_id: str) -> Iterator[Step]:
    """Say whose account here the name is."""
    person = DirectoryPerson.objects.filter(entry_id=entry_id).select_related("user").first()
    if person is not None and not person.user.is_active and not person.is_gone:
        yield Step(False, "Their account here was switched off in Django admin.")
    elif person is not None:
        yield Step(True, "They have signed in here before.")
    else:
        other = User.objects.filter(username__iexact=user_name.strip()).first()
        before = DirectoryPerson.objects.filter(user=other).first() if other else None
        if before is not None and before.entry_id is not None:
            yield Step(
                False,
                "Another entry had this user name here before. If it is the same person, use "
                "“Same person, new entry” in Django admin; if not, rename the old account there.",
            )
        elif other is None or before is not None:
            yield Step(True, "They have not signed in here yet.")
        else:
            yield Step(False, "A local account has this user name; it is never overwritten.")
