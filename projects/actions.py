"""What people do with projects: right, change, audit."""

from collections.abc import Collection
from datetime import date
from typing import Any, Final

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from projects import keyring
from projects.access import require
from projects.keys.opening import wrap_by_project
from projects.models import (
    AuditEvent,
    EndAction,
    Event,
    HoldPolicy,
    Membership,
    Participant,
    Project,
    ProjectYear,
    Site,
    Source,
    User,
)
from projects.models.people import Kind
from projects.roles import Permission, Role


class Unchanged:
    """Says that something is to stay as it is, where None means something."""


UNCHANGED: Final = Unchanged()
OF_A_GROUP = "This person is in the project through a group of the hospital's directory."


def next_project_number(year: int) -> str:
    """Take the year's next number, `P20_01` onwards; the row is locked until the transaction ends.

    Raises ValidationError when the year's 99 numbers are used up.
    """
    ProjectYear.objects.get_or_create(year=year)
    rows = ProjectYear.objects.filter(year=year, last__lt=99)
    if not rows.update(last=F("last") + 1):
        raise ValidationError(f"All 99 project numbers of {year} are used.")
    return f"P{year % 100:02}_{ProjectYear.objects.get(year=year).last:02}"


@transaction.atomic
def create_project(
    *,
    by: User,
    acronym: str,
    approval_number: str,
    approval_start: date,
    approval_end: date,
    participant_pattern: str,
    title: str = "",
    ae_title: str = "",
    end_action: str = EndAction.DELETE,
    hold_policy: str = HoldPolicy.SEND_REST,
    two_person_release: bool = False,
    two_person_review: bool = False,
    sign_off_for_exports: bool = False,
    events: list[str] | None = None,
    owner: User | None = None,
) -> Project:
    """Create a project with its number, its key, its events and its owner.

    Raises PermissionDenied, and ValidationError if a rule of Project is broken.
    """
    if not by.may(Permission.CREATE_PROJECT):
        raise PermissionDenied
    project = Project(
        acronym=acronym,
        title=title,
        approval_number=approval_number,
        approval_start=approval_start,
        approval_end=approval_end,
        participant_pattern=participant_pattern,
        ae_title=ae_title,
        end_action=end_action,
        hold_policy=hold_policy,
        two_person_release=two_person_release,
        two_person_review=two_person_review,
        sign_off_for_exports=sign_off_for_exports,
        wrapped_key=keyring.wrap_by_master(keyring.new_key()),
    )
    project.full_clean(exclude=["number"])
    project.number = next_project_number(timezone.localdate().year)
    project.save()
    for position, name in enumerate(events or ["baseline"]):
        event = Event(project=project, name=name, position=position)
        event.full_clean()
        event.save()
    AuditEvent.record(by, "created", project)
    if owner is not None:
        set_member(by=by, project=project, user=owner, role=Role.OWNER)
    return project


@transaction.atomic
def change_project(*, by: User, project: Project, **changes: object) -> Project:
    """Change what a project says of itself; acronym, number and key stay as they are.

    Raises PermissionDenied, and ValidationError if a rule of Project is broken or if the
    project's participants would not fit a new pattern.
    """
    require(by, Permission.MANAGE_PROJECT, project)
    fixed = {"acronym", "number", "wrapped_key", "participant_regex"} & changes.keys()
    if fixed:
        raise ValidationError("A project's acronym, number and key cannot be changed.")
    is_titled = "ae_title" in changes and changes["ae_title"] != project.ae_title
    if is_titled and not by.may(Permission.SEE_QUARANTINE):
        sentence = "The data office gives out AE titles: who has one sees the studies sent to it."
        raise ValidationError({"ae_title": sentence})
    for name, value in changes.items():
        setattr(project, name, value)
    project.full_clean()
    if "participant_pattern" in changes:
        _check_participants_fit(project)
    project.save()
    AuditEvent.record(by, "changed", project, columns="-".join(sorted(changes))[:64])
    return project


@transaction.atomic
def set_member(
    *,
    by: User,
    project: Project,
    user: User,
    role: Role,
    sites: Collection[Site] | None = None,
    has_identified: bool | None = None,
    until: date | Unchanged | None = UNCHANGED,
) -> Membership:
    """Give somebody a role in a project, or another role than before.

    Args:
        by: who may manage the project's members.
        project: whose member it is.
        user: the person; a service account is made by `projects.tokens` alone.
        role: what they become.
        sites: those that the membership is limited to, empty for none; None leaves them.
        has_identified: whether a role that carries it has the right to see identified data; None
            leaves it as it is, and gives it to somebody new.
        until: the last day of the membership, None for no end.

    Raises PermissionDenied, and ValidationError if the last owner would become something else, for
    an owner who would be limited, for a site of another project, and for another role than the one
    that a group of the directory gives: a role by hand would outlive leaving the group.
    """
    require(by, Permission.MANAGE_MEMBERS, project)
    if user.kind != Kind.PERSON:
        raise ValidationError("A service account keeps the role that it was made with.")
    if Role(role) != Role.OWNER:
        _check_owner_stays(project, without=user)
    given: dict[str, Any] = {"role": Role(role)}
    if project.memberships.filter(user=user, source=Source.DIRECTORY).exclude(role=role).exists():
        raise ValidationError(f"{OF_A_GROUP} Their role changes with their groups.")
    if has_identified is not None:
        given["has_identified"] = has_identified
    if not isinstance(until, Unchanged):
        given["until"] = until
    membership, _ = Membership.objects.update_or_create(project=project, user=user, defaults=given)
    if sites is not None:
        if any(site.project_id != project.pk for site in sites):
            raise ValidationError("This site belongs to another project.")
        membership.sites.set(sites)
    _check_owner_is_whole(membership)
    AuditEvent.record(
        by,
        "set_member",
        membership,
        user=user.pk,
        role=str(role),
        sites="-".join(str(site.code) for site in membership.sites.all())[:64],
        identified=membership.has_identified,
        until=membership.until.isoformat() if membership.until else "",
    )
    user.__dict__.pop("seats", None)  # read before, perhaps, and remembered
    return membership


@transaction.atomic
def remove_member(*, by: User, membership: Membership) -> None:
    """End somebody's membership.

    Raises ValidationError for the last owner, and for who is there by a group of the directory: the
    next sign-in would bring them back.
    """
    project = membership.project
    require(by, Permission.MANAGE_MEMBERS, project)
    if membership.source == Source.DIRECTORY:
        raise ValidationError(
            f"{OF_A_GROUP} They leave it with the group; a last day, under Limits, ends it sooner."
        )
    _check_owner_stays(project, without=membership.user)
    AuditEvent.record(by, "removed_member", membership, user=membership.user_id)
    membership.delete()


@transaction.atomic
def add_site(*, by: User, project: Project, code: int, name: str) -> Site:
    """Add a place where participants are included."""
    require(by, Permission.MANAGE_PROJECT, project)
    site = Site(project=project, code=code, name=name)
    site.full_clean()
    site.save()
    AuditEvent.record(by, "added_site", site, code=code)
    return site


@transaction.atomic
def add_event(*, by: User, project: Project, name: str) -> Event:
    """Add a time point at the end of the project's list."""
    require(by, Permission.MANAGE_PROJECT, project)
    event = Event(project=project, name=name, position=project.events.count())
    event.full_clean()
    event.save()
    AuditEvent.record(by, "added_event", event)
    return event


@transaction.atomic
def ensure_participant(
    *, by: User, project: Project, pseudonym: str, site: Site | None = None
) -> Participant:
    """Return the project's participant of this name; a new one gets a fresh secret.

    Somebody who is limited to one site makes participants of that site, where the identifier names
    none. Raises PermissionDenied, also for a participant of a site that is not theirs, and
    ValidationError if the identifier does not fit the pattern.
    """
    known = project.participants.filter(pseudonym=pseudonym).first()
    if known is not None:
        require(by, Permission.REQUEST_TRANSFER, project, known)
        return known
    participant = Participant(
        project=project,
        site=site or _site_of(project, pseudonym) or only_site(by, project),
        pseudonym=pseudonym,
        wrapped_secret=wrap_by_project(keyring.new_key(), project),
        created_by=by,
    )
    require(by, Permission.REQUEST_TRANSFER, project, participant)
    participant.full_clean(validate_constraints=False)
    try:
        with transaction.atomic():
            participant.save()
    except IntegrityError:  # somebody was faster with the same identifier, perhaps at another site
        known = project.participants.get(pseudonym=pseudonym)
        require(by, Permission.REQUEST_TRANSFER, project, known)
        return known
    AuditEvent.record(by, "created", participant)
    return participant


def next_pseudonym(project: Project, site: Site | None = None) -> str:
    """Return the first free identifier of a template pattern; empty for a regular expression."""
    pattern = project.pattern
    if not pattern.is_template:
        return ""
    names = project.participants.values_list("pseudonym", flat=True)
    numbers = [n for name in names if (n := pattern.number_of(name)) is not None]
    return pattern.fill(n=max(numbers, default=0) + 1, site=site.code if site else 1)


def _check_owner_stays(project: Project, *, without: User) -> None:
    """Lock the project's owners, and refuse to go on if only `without` stays for good."""
    owners = project.memberships.select_for_update().filter(role=Role.OWNER)
    if not any(owner.user_id == without.pk for owner in owners):
        return
    if not any(owner.until is None for owner in owners if owner.user_id != without.pk):
        raise ValidationError("A project keeps at least one owner. Name another owner first.")


def _check_owner_is_whole(membership: Membership) -> None:
    """Refuse an owner who answers for a part of the project, or the last one who would run out."""
    if membership.role != Role.OWNER:
        return
    if membership.sites.exists():
        raise ValidationError(
            "An owner answers for the whole project and has no sites of their own."
        )
    if membership.until is not None:
        _check_owner_stays(membership.project, without=membership.user)


def _check_participants_fit(project: Project) -> None:
    """Refuse a pattern that participants who are there already do not fit."""
    names = project.participants.values_list("pseudonym", flat=True)
    misfits = sum(not project.pattern.matches(name) for name in names.iterator())
    if misfits:
        sentence = f"{misfits} of the project's participants would not fit this pattern."
        raise ValidationError({"participant_pattern": sentence})


def only_site(by: User, project: Project) -> Site | None:
    """Return the one site that somebody is limited to; None for more, and without a limit."""
    own = by.sites_in(project, Permission.REQUEST_TRANSFER)
    return project.sites.get(pk=next(iter(own))) if own is not None and len(own) == 1 else None


def _site_of(project: Project, pseudonym: str) -> Site | None:
    """Find the site whose code a template identifier carries."""
    if "{site" not in project.participant_pattern:
        return None
    for site in project.sites.all():
        number = project.pattern.number_of(pseudonym)
        if number is not None and project.pattern.fill(n=number, site=site.code) == pseudonym:
            return site
    return None
