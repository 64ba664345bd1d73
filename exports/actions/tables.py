"""Bringing participant tables in, and taking them away again."""

import json

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from exports.models import Package, ParticipantRow, ParticipantTable
from exports.participant_tables import IDENTIFIER, TableError, read_table
from exports.states import MOVING
from projects.models import AuditEvent, Project, User
from projects.roles import Permission

BATCH = 500


@transaction.atomic
def bring_table(*, by: User, project: Project, name: str, file: bytes) -> ParticipantTable:
    """Keep a CSV file about participants, its rows sealed.

    Raises PermissionDenied, and ValidationError with a sentence for each problem: by row, for
    participants that the project does not have, and for identifiers that are somebody else's.
    """
    if not by.may(Permission.EXPORT, project):
        raise PermissionDenied
    name = name.strip()
    if ParticipantTable.objects.filter(project=project, name=name).exists():
        raise ValidationError(f"{project.acronym} has a table of this name; choose another one.")
    try:
        read = read_table(file)
    except TableError as error:
        raise ValidationError(error.problems) from error
    known = dict(project.participants.values_list("pseudonym", "pk"))
    unknown = sum(pseudonym not in known for pseudonym in read.rows)
    if unknown:
        raise ValidationError(
            f"{unknown} of {len(read.rows)} rows name a participant whom {project.acronym} does "
            "not have."
        )
    taken = {name.casefold(): name for name in known}
    for pseudonym, row in read.rows.items():
        if taken.get(row.get(IDENTIFIER, "").casefold(), pseudonym) != pseudonym:
            raise ValidationError(
                "An identifier in the table is the pseudonym of another participant of "
                f"{project.acronym}."
            )
    table = ParticipantTable(
        project=project,
        name=name,
        columns=list(read.columns),
        row_count=len(read.rows),
        created_by=by,
    )
    table.full_clean()
    table.save()
    ParticipantRow.objects.bulk_create(
        (
            ParticipantRow(table=table, participant_id=known[pseudonym], cells=json.dumps(row))
            for pseudonym, row in read.rows.items()
        ),
        batch_size=BATCH,
    )
    AuditEvent.record(by, "brought", table, rows=len(read.rows), columns=len(read.columns))
    return table


@transaction.atomic
def delete_table(*, by: User, table: ParticipantTable) -> None:
    """Take a table away with all of its rows.

    Raises PermissionDenied, and ValidationError while a package is built that reads it.
    """
    if not by.may(Permission.WITHDRAW_PACKAGES, table.project):
        raise PermissionDenied
    moving = Package.objects.filter(project=table.project, state__in=MOVING)
    if any(_reads(package, table.name) for package in moving):
        raise ValidationError("A package that reads this table is being built. Wait for its end.")
    AuditEvent.record(by, "deleted", table, rows=table.row_count)
    table.delete()


def show_table(*, by: User, table: ParticipantTable) -> list[tuple[str, list[str]]]:
    """Return each participant's pseudonym and cells in the order of the columns, on record.

    Raises PermissionDenied to those who may not see identified data.
    """
    if not by.may(Permission.SEE_IDENTIFIED, table.project):
        raise PermissionDenied
    AuditEvent.record(by, "showed_values", table, rows=table.row_count)
    rows = table.rows.select_related("participant").order_by("participant__pseudonym")
    return [
        (row.participant.pseudonym, [row.values.get(column, "") for column in table.columns])
        for row in rows
    ]


def _reads(package: Package, name: str) -> bool:
    specification = package.spec
    used = {one.table for one in specification.transformations}
    return name in used | {one.table for one in specification.attachments}
