"""Who may ask for what: values of a person's own, and dates as they were."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied, ValidationError

from exports.element_columns import column_path
from exports.models import Package, ParticipantRow, ParticipantTable
from exports.specification import Attachment, Specification, Transformation
from exports.specification.deeds import DEEDS
from exports.transforming.deeds import COLUMNS
from exports.transforming.identifiers import wrong_identifiers
from projects.errors import KeyUnavailable
from projects.models import Participant, Project, User
from projects.roles import Permission

BIRTH_DATE = "(0010,0030)"
COARSENING = frozenset({"year_of_birth", "age_for_birth_date"})
"""Deeds after which a header holds no true birth date any more."""


def tells_of_persons(specification: Specification) -> bool:
    """Tell whether packages hold what is known of a person, or true dates of examinations.

    That is whatever a participant table says: nobody can tell by the name of a column what stands
    in it. Only new identifiers in the column `identifier`, in which no national identity number
    is taken, are for everybody who may export.
    """
    if any(map(_writes_of_a_person, specification.transformations)):
        return True
    is_coarse = any(one.do in COARSENING for one in specification.transformations)
    return any(
        _takes_from_a_table(one) or (not is_coarse and _names_a_birth_date(one))
        for one in specification.attachments
    )


def _writes_of_a_person(one: Transformation) -> bool:
    identifier = COLUMNS["identifiers"]
    has_other_column = one.do == "identifiers" and (one.column or identifier) != identifier
    return has_other_column or DEEDS[one.do].is_identifying


def _takes_from_a_table(one: Attachment) -> bool:
    return bool(one.table and one.columns)


def _names_a_birth_date(one: Attachment) -> bool:
    return any(column_path(name).endswith(BIRTH_DATE) for name in one.columns)


def gives_dates_back(specification: Specification) -> bool:
    """Tell whether the dates of packages are those of the originals; goes into the audit."""
    return any(one.do == "shift_back" for one in specification.transformations)


def may_take(user: User, package: Package) -> bool:
    """Tell whether somebody may take a package, send it or hand it to others.

    Who may not see identified data may not have it out of a package that somebody else asked for.
    """
    if not user.may(Permission.EXPORT, package.project):
        return False
    return not tells_of_persons(package.spec) or user.may(
        Permission.SEE_IDENTIFIED, package.project
    )


def refuse_what_may_not(
    *,
    by: User,
    project: Project,
    specification: Specification,
    participants: Iterable[Participant],
) -> None:
    """Refuse a package whose transformations cannot or may not be carried out.

    Raises:
        PermissionDenied: it tells of persons, and `by` may not see identified data.
        ValidationError: a table is not there or lacks participants, new identifiers cannot be
            used or are not each one's own, or a coupling is severed.
    """
    if tells_of_persons(specification) and not by.may(Permission.SEE_IDENTIFIED, project):
        raise PermissionDenied(
            "True birth dates and dates, and what participant tables say of people, go out only "
            "if somebody asks for them who may see identified data."
        )
    people = list(participants)
    tables = {one.table for one in specification.transformations if one.table}
    # an attached table leaves cells empty for those whom it does not name
    attached = {one.table for one in specification.attachments if one.table} - tables
    asked = [(name, people) for name in sorted(tables)] + [(name, []) for name in sorted(attached)]
    problems = [sentence for name, needed in asked if (sentence := _missing(project, name, needed))]
    for one in specification.transformations:
        if one.do == "identifiers":
            problems += wrong_identifiers(project, one, people)
    if gives_dates_back(specification):
        severed = sum(_is_severed(person) for person in people)
        if severed:
            problems.append(
                f"The coupling of {severed} of {len(people)} participants is severed: nobody "
                "knows any more how far their dates were moved."
            )
    if problems:
        raise ValidationError(problems)


def _missing(project: Project, name: str, people: list[Participant]) -> str:
    """Say what a table lacks; "" if nothing."""
    table = ParticipantTable.objects.filter(project=project, name=name).first()
    if table is None:
        return f"{project.acronym} has no participant table of the name in the specification."
    rows = ParticipantRow.objects.filter(table=table)
    there = set(rows.values_list("participant_id", flat=True))
    missing = sum(person.pk not in there for person in people)
    if not missing:
        return ""
    return (
        f"The table “{table.name}” has no row for {missing} of {len(people)} participants. "
        "Complete it, or choose only participants who are in it."
    )


def _is_severed(person: Participant) -> bool:
    try:
        return not person.secret
    except KeyUnavailable:
        return True
