"""Asking for packages and cancelling them."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models.functions import Now

from exports.choosing import Choice, choices
from exports.models import Package
from exports.models.specifications import SpecificationVersion
from exports.passwords import draw_secret
from exports.presets import PRESETS
from exports.room import why_too_large
from exports.specification import Selection, Specification, SpecificationError
from exports.states import MOVING, State
from exports.tasks import build_package
from exports.transforming.rights import (
    gives_dates_back,
    refuse_what_may_not,
    tells_of_persons,
)
from projects.models import AuditEvent, Participant, Project, User
from projects.roles import Permission
from review.currency import refuse_unsigned
from transfers.tasks import ring_on_commit


@transaction.atomic
def request_package(
    *,
    by: User,
    project: Project,
    specification: Specification | SpecificationVersion | str,
    participants: Iterable[Participant] | None,
) -> Package:
    """Ask for a package of the chosen participants; None chooses all that have images.

    What it is to be: a version of a specification, a specification that nobody keeps, or the name
    of a ready-made one (exports/presets.py).
    Raises PermissionDenied, also for what tells of persons asked for by somebody who may not
    see identified data; and ValidationError if the project's approval does not cover today,
    it demands a sign-off and none is current, nobody was chosen, or a chosen participant has no
    image that may leave.
    """
    if not by.may(Permission.EXPORT, project):
        raise PermissionDenied
    if not project.is_approved:
        raise ValidationError(
            f"The approval of {project.acronym} runs from {project.approval_start} to "
            f"{project.approval_end}; nothing can be exported outside of it."
        )
    refuse_unsigned(project)
    version = specification if isinstance(specification, SpecificationVersion) else None
    specification = _read(specification, project)
    chosen = _chosen(project, participants)
    refuse_what_may_not(
        by=by,
        project=project,
        specification=specification,
        participants=[one.participant for one in chosen],
    )
    size = sum(one.size for one in chosen)
    takes_all = specification.selection == Selection()  # else it is known when it is arranged
    if takes_all and (never := why_too_large(project, size)):
        raise ValidationError(never)
    package = Package(
        project=project,
        format=specification.format,
        specification=specification.as_data(),
        specification_version=version,
        requested_by=by,
        total_count=sum(one.images for one in chosen),
        total_bytes=size,
        wrapped_secret=draw_secret(project) if specification.is_encrypted else None,
    )
    package.full_clean()
    package.save()
    package.participants.set([one.participant for one in chosen])
    AuditEvent.record(
        by,
        "requested",
        package,
        format=str(package.format),
        participants=len(chosen),
        specification=specification.digest,
        tells_of_persons=tells_of_persons(specification),
        gives_dates_back=gives_dates_back(specification),
    )
    ring_on_commit(build_package, Package.objects.filter(pk=package.pk))
    return package


def _read(asked: Specification | SpecificationVersion | str, project: Project) -> Specification:
    """Return the specification that is meant. Raises ValidationError."""
    if isinstance(asked, str):
        if asked not in PRESETS:
            raise ValidationError("There is no ready-made specification of this name.")
        return PRESETS[asked].specification
    if isinstance(asked, Specification):
        return asked
    if asked.sheet.project_id != project.pk:
        raise ValidationError("This specification belongs to another project. Take it over first.")
    try:
        return asked.specification
    except SpecificationError as error:
        raise ValidationError(
            "This specification was made by another version of the program: open it and save it."
        ) from error


def _chosen(project: Project, participants: Iterable[Participant] | None) -> list[Choice]:
    """Return who was chosen, with what there is of them. Raises ValidationError."""
    possible = {choice.participant.pk: choice for choice in choices(project)}
    chosen = set(possible) if participants is None else {one.pk for one in participants}
    if not possible:
        raise ValidationError(f"{project.acronym} has no images yet that may leave.")
    if not chosen:
        raise ValidationError("Choose at least one participant.")
    if not chosen <= set(possible):
        raise ValidationError("A chosen participant has no images that may leave.")
    return [possible[pk] for pk in sorted(chosen)]


@transaction.atomic
def cancel_package(*, by: User, package: Package) -> None:
    """Stop a package that is still being built; its worker notices and lets go.

    Raises PermissionDenied, and ValidationError if it has ended already.
    """
    if not by.may(Permission.WITHDRAW_PACKAGES, package.project):
        raise PermissionDenied
    moving = Package.objects.filter(pk=package.pk, state__in=MOVING)
    if not moving.update(
        state=State.CANCELLED, ended_at=Now(), owner=None, lease_until=None, reason=""
    ):
        raise ValidationError("This package has ended already; there is nothing to cancel.")
    AuditEvent.record(by, "cancelled", package)
