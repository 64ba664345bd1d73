"""What people do with specifications: make one, save a version, offer it, take another's."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet

from exports.models import SpecificationOffer, SpecificationSheet, SpecificationVersion
from exports.specification import Specification, read_specification
from projects.models import AuditEvent, Project, User
from projects.roles import Permission

LONGEST_REASON = 250


@transaction.atomic
def create_sheet(
    *,
    by: User,
    project: Project,
    name: str,
    specification: Specification,
    taken_from: SpecificationVersion | None = None,
) -> SpecificationSheet:
    """Give a specification a name in a project; it is its first version.

    Raises PermissionDenied, ValidationError for a name that is empty or taken, and
    SpecificationError for parts that do not go together.
    """
    _refuse_stranger(by, project)
    checked = read_specification(specification.as_data())
    sheet = SpecificationSheet(
        project=project, name=" ".join(name.split()), taken_from=taken_from, created_by=by
    )
    sheet.full_clean()
    sheet.save()
    source = None if taken_from is None else taken_from.pk
    AuditEvent.record(by, "created" if source is None else "took", sheet, taken_from=source)
    _save(by, sheet, checked, number=1, why="")
    return sheet


@transaction.atomic
def save_version(
    *,
    by: User,
    sheet: SpecificationSheet,
    specification: Specification,
    why: str,
    over: int | None = None,
) -> SpecificationVersion:
    """Save what a specification says from now on, as a version of its own.

    `over` is the number of the version that was changed; None saves over whatever is newest.
    Raises PermissionDenied, SpecificationError, and ValidationError if no reason is given, nothing
    differs, or somebody saved another version meanwhile.
    """
    _refuse_stranger(by, sheet.project)
    checked = read_specification(specification.as_data())
    why = why.strip()
    if not why:
        raise ValidationError("Say in a few words why it changes.")
    if len(why) > LONGEST_REASON:
        raise ValidationError(f"The reason has at most {LONGEST_REASON} characters.")
    SpecificationSheet.objects.select_for_update().get(pk=sheet.pk)
    newest = sheet.newest
    if over is not None and over != newest.number:
        raise ValidationError(
            f"Somebody saved version {newest.number} meanwhile. Look at it, and save yours again "
            "if it still holds."
        )
    if checked.digest == newest.digest:
        raise ValidationError(f"Nothing differs from version {newest.number}.")
    return _save(by, sheet, checked, number=newest.number + 1, why=why)


def _save(
    by: User, sheet: SpecificationSheet, specification: Specification, *, number: int, why: str
) -> SpecificationVersion:
    version = SpecificationVersion.objects.create(
        sheet=sheet,
        number=number,
        content=specification.as_data(),
        digest=specification.digest,
        why=why,
        by=by,
    )
    AuditEvent.record(by, "saved_version", sheet, why=why, number=number)
    return version


@transaction.atomic
def offer_version(*, by: User, version: SpecificationVersion) -> None:
    """Offer a version to the other projects of the hospital, under this project's acronym.

    Raises PermissionDenied, and ValidationError if it names participants or values.
    """
    _refuse_stranger(by, version.project)
    if problem := _tells_of_participants(version.specification):
        raise ValidationError(f"It cannot be offered: {problem} Save a version without it first.")
    SpecificationOffer.objects.get_or_create(version=version, defaults={"by": by})
    AuditEvent.record(by, "offered_version", version.sheet, number=version.number)


def _tells_of_participants(specification: Specification) -> str:
    """Return what of a specification belongs to its own project alone, as a sentence; or ""."""
    selection = specification.selection
    if selection.participants:
        return "it names participants."
    if selection.listed:
        return "it has a list of participants or series."
    if any(one.mapping for one in specification.transformations):
        return "it has a table of values, which may come from the data."
    return ""


@transaction.atomic
def withdraw_version(*, by: User, version: SpecificationVersion) -> None:
    """Offer a version to nobody any more; copies that were taken stay. Raises PermissionDenied."""
    _refuse_stranger(by, version.project)
    SpecificationOffer.objects.filter(version=version).delete()
    AuditEvent.record(by, "withdrew_version", version.sheet, number=version.number)


def offered_to(user: User, project: Project) -> QuerySet[SpecificationVersion]:
    """Return the versions that other projects offer, to somebody who may export in this one."""
    if not user.may(Permission.EXPORT, project):
        return SpecificationVersion.objects.none()
    return SpecificationVersion.objects.offered_beside(project)


def take_version(
    *, by: User, project: Project, version: SpecificationVersion, name: str = ""
) -> SpecificationSheet:
    """Take a copy of a version that another project offers; it says where it came from.

    Raises PermissionDenied, ValidationError if it is not offered or the name is taken.
    """
    if not offered_to(by, project).filter(pk=version.pk).exists():
        _refuse_stranger(by, project)
        raise ValidationError("This version is not offered.")
    return create_sheet(
        by=by,
        project=project,
        name=name or version.sheet.name,
        specification=version.specification,
        taken_from=version,
    )


def _refuse_stranger(by: User, project: Project) -> None:
    if not by.may(Permission.EXPORT, project):
        raise PermissionDenied
