"""The nightly look at everybody: who left loses access, who moved gets what their groups give.

Everything is read before anything is changed. A directory that does not answer changes nothing;
nor does one that answers with nobody, because a wrong base must not close the hospital.
"""

import logging
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from projects.directory.applying import apply, close
from projects.directory.configuration import Configuration
from projects.directory.errors import DirectoryError, NotThisPerson, NotUnderstood
from projects.models import (
    AuditEvent,
    DirectoryGroup,
    DirectoryPerson,
    DirectoryRenewal,
    Project,
    Renewal,
)
from projects.roles import Role

if TYPE_CHECKING:
    from projects.directory.entries import Entry

log = logging.getLogger(__name__)

HOUR = 2  # of the night, in the installation's own time
AGAIN_AFTER = timedelta(minutes=15)
KEPT_FOR = timedelta(days=90)  # how a look ended; the audit keeps that there was one


class _Seen(NamedTuple):
    """What the directory says of one person; `entry` is None for somebody who is not there."""

    person: DirectoryPerson
    entry: "Entry | None"
    groups: dict[str, str]


def is_due(now: datetime) -> bool:
    """Tell whether tonight's look is still to be made, and none was tried a moment ago."""
    if settings.DIRECTORY is None:
        return False
    tonight = timezone.localtime(now).replace(hour=HOUR, minute=0, second=0, microsecond=0)
    if tonight > now:
        tonight -= timedelta(days=1)
    looks = DirectoryRenewal.objects.all()
    is_made = looks.filter(outcome=Renewal.DONE, at__gte=tonight).exists()
    return not is_made and not looks.filter(at__gt=now - AGAIN_AFTER).exists()


def renew_people() -> DirectoryRenewal:
    """Compare everybody of the directory with it, and write down what was found.

    Raises DirectoryError if no directory is configured; every other trouble is the result.
    """
    configuration = settings.DIRECTORY
    if configuration is None:
        raise DirectoryError("There is no directory: LDAP_URI is not set.")
    # Written first, so that a second clock does not begin the same, and a killed look is seen.
    look = DirectoryRenewal.objects.create(
        outcome=Renewal.AWAY, sentences=["The look at the directory has not ended."]
    )
    try:
        seen, sentences = _read(configuration)
    except NotUnderstood as error:
        return _ended(look, Renewal.UNCLEAR, [str(error), "Nothing was changed."])
    except DirectoryError as error:
        return _ended(look, Renewal.AWAY, [str(error), "Nothing was changed."])
    for one in seen:
        _renew(one, configuration, look, sentences)
    look.people_count = len(seen)
    sentences += _without_owner()
    return _ended(look, Renewal.DONE, sentences)


def _read(configuration: Configuration) -> tuple[list[_Seen], list[str]]:
    """Ask for everybody. Raises NotUnderstood for an answer that would close the hospital."""
    # late: the extra [ldap] need not be installed where there is no directory
    from projects.directory.entries import open_directory

    people = list(DirectoryPerson.objects.select_related("user"))
    with open_directory(configuration) as directory:
        if not directory.has_anybody():
            raise NotUnderstood(
                "The directory has nobody at all below LDAP_USER_BASE that LDAP_USER_FILTER lets "
                "in. That cannot be: look at these two, and at what LDAP_BIND_DN may read."
            )
        if not directory.has_any_group():
            raise NotUnderstood(
                "The directory has no group with members below LDAP_GROUP_BASE. That cannot be: "
                "look at it, at LDAP_GROUP_FILTER, and at what LDAP_BIND_DN may read."
            )
        entries = directory.with_ids(one.entry_id for one in people if one.entry_id)
        seen, unread = [], []
        for person in people:
            entry = entries.get(person.entry_id) if person.entry_id else None
            try:
                groups = directory.groups_of(entry.dn) if entry and not entry.is_closed else {}
            except NotUnderstood as error:  # one person's groups must not keep all others in
                unread.append(f"Account {person.user_id} stays as it is: {error}")
            else:
                seen.append(_Seen(person, entry, groups))
        if unread and not any(one.entry and not one.entry.is_closed for one in seen):
            raise NotUnderstood(unread[0])  # of nobody: a fault of the directory or of a setting
        missing = [
            group.dn
            for group in DirectoryGroup.objects.exclude(gives=None)
            if not directory.has_entry(group.dn)
        ]
    missed = [f"The directory has no group {dn}: it gives nobody anything." for dn in missing]
    return seen, unread + missed


def _renew(
    one: _Seen, configuration: Configuration, look: DirectoryRenewal, sentences: list[str]
) -> None:
    """Do what follows for one person; trouble with one is said, and the others go on."""
    from projects.directory.arriving import take_over
    from projects.directory.backend import lacks_required_group

    is_newer = DirectoryPerson.objects.filter(pk=one.person.pk, confirmed_at__gt=look.at).exists()
    if is_newer:
        return  # they signed in meanwhile, with newer news than ours
    why = ""
    if one.entry is None:
        why = "gone"
    elif one.entry.is_closed:
        why = "disabled"
    elif lacks_required_group(configuration, one.groups):
        why = "without_required_group"
    try:
        if why:
            look.closed_count += one.person.user.is_active
            close(one.person.user, why=why)
        elif one.entry is not None:
            before = _state(one.person)
            take_over(one.entry, one.groups)
            look.changed_count += _state(one.person) != before
    except NotThisPerson as error:
        # the new name cannot be taken over; what the groups no longer give ends all the same
        apply(one.person.user, one.groups)
        sentences.append(f"Account {one.person.user_id}: {error}")
    except DatabaseError as error:
        log.error("account %s could not be renewed: %s", one.person.user_id, type(error).__name__)
        sentences.append(f"Account {one.person.user_id} could not be renewed; the log says why.")
        # a name or an address that cannot be written must not keep what the groups gave
        with suppress(DatabaseError):
            apply(one.person.user, {} if why else one.groups)


def _state(person: DirectoryPerson) -> tuple[object, ...]:
    """Return what somebody has by now, to see whether it changed."""
    person = DirectoryPerson.objects.select_related("user").get(pk=person.pk)
    memberships = person.user.memberships.order_by("project_id").values_list("project_id", "role")
    return (person.user.is_active, person.user.hospital_role, *memberships)


def _without_owner() -> list[str]:
    """Name the projects with members by groups whose owner is gone, or was never named."""
    owned = Project.objects.filter(memberships__role=Role.OWNER, memberships__user__is_active=True)
    given = Project.objects.exclude(group_roles=None).exclude(pk__in=owned.values("pk"))
    return [
        f"{project.acronym} has no owner: the data office names one."
        for project in given.order_by("acronym")
    ]


def _ended(look: DirectoryRenewal, outcome: Renewal, sentences: list[str]) -> DirectoryRenewal:
    look.outcome, look.sentences = outcome, sentences
    look.save()
    DirectoryRenewal.objects.filter(at__lt=look.at - KEPT_FOR).delete()
    for sentence in sentences:
        log.log(logging.INFO if outcome == Renewal.DONE else logging.ERROR, "%s", sentence)
    verb = "directory_renewed" if outcome == Renewal.DONE else "directory_renewal_failed"
    AuditEvent.record(
        None,
        verb,
        look,
        people=look.people_count,
        changed=look.changed_count,
        closed=look.closed_count,
    )
    return look
