"""What people do with projects: right, change, audit."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from projects import keyring
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
    User,
)
from projects.roles import Permission, Role


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
    if not by.may(Permission.MANAGE_PROJECT, project):
        raise PermissionDenied
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
def set_member(*, by: User, project: Project, user: User, role: Role) -> Membership:
    """Give somebody a role in a project, or another role than before.

    Raises PermissionDenied, and ValidationError if the last owner would become something else.
    """
    if not by.may(Permission.MANAGE_MEMBERS, project):
        raise PermissionDenied
    if Role(role) != Role.OWNER:
        _check_owner_stays(project, without=user)
    membership, _ = Membership.objects.update_or_create(
        project=project, user=user, defaults={"role": Role(role)}
    )
    AuditEvent.record(by, "set_member", membership, user=user.pk, role=str(role))
    return membership


@transaction.atomic
def remove_member(*, by: User, membership: Membership) -> None:
    """End somebody's membership. Raises ValidationError for the last owner."""
    project = membership.project
    if not by.may(Permission.MANAGE_MEMBERS, project):
        raise PermissionDenied
    _check_owner_stays(project, without=membership.user)
    AuditEvent.record(by, "removed_member", membership, user=membership.user_id)
    membership.delete()


@transaction.atomic
def add_site(*, by: User, project: Project, code: int, name: str) -> Site:
    """Add a place where participants are included."""
    if not by.may(Permission.MANAGE_PROJECT, project):
        raise PermissionDenied
    site = Site(project=project, code=code, name=name)
    site.full_clean()
    site.save()
    AuditEvent.record(by, "added_site", site, code=code)
    return site


@transaction.atomic
def add_event(*, by: User, project: Project, name: str) -> Event:
    """Add a time point at the end of the project's list."""
    if not by.may(Permission.MANAGE_PROJECT, project):
        raise PermissionDenied
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

    Raises PermissionDenied, and ValidationError if the identifier does not fit the pattern.
    """
    if not by.may(Permission.REQUEST_TRANSFER, project):
        raise PermissionDenied
    known = project.participants.filter(pseudonym=pseudonym).first()
    if known is not None:
        return known
    participant = Participant(
        project=project,
        site=site or _site_of(project, pseudonym),
        pseudonym=pseudonym,
        wrapped_secret=wrap_by_project(keyring.new_key(), project),
        created_by=by,
    )
    participant.full_clean(validate_constraints=False)
    try:
        with transaction.atomic():
            participant.save()
    except IntegrityError:  # somebody was faster with the same identifier
        return project.participants.get(pseudonym=pseudonym)
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
    """Lock the project's owners, and refuse to go on if `without` is the only one."""
    owners = project.memberships.select_for_update().filter(role=Role.OWNER)
    if [owner.user_id for owner in owners] == [without.pk]:
        raise ValidationError("A project keeps at least one owner. Name another owner first.")


def _check_participants_fit(project: Project) -> None:
    """Refuse a pattern that participants who are there already do not fit."""
    names = project.participants.values_list("pseudonym", flat=True)
    misfits = sum(not project.pattern.matches(name) for name in names.iterator())
    if misfits:
        sentence = f"{misfits} of the project's participants would not fit this pattern."
        raise ValidationError({"participant_pattern": sentence})


def _site_of(project: Project, pseudonym: str) -> Site | None:
    """Find the site whose code a template identifier carries."""
    if "{site" not in project.participant_pattern:
        return None
    for site in project.sites.all():
        number = project.pattern.number_of(pseudonym)
        if number is not None and project.pattern.fill(n=number, site=site.code) == pseudonym:
            return site
    return None
