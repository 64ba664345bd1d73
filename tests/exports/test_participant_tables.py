"""Participant tables: read as spreadsheets write them, kept sealed, refused in sentences."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from exports.actions.tables import bring_table, delete_table
from exports.models import Package, ParticipantRow, ParticipantTable
from exports.participant_tables import MOST_BYTES, TableError, read_table
from exports.specification import Specification, Transformation
from exports.states import Format
from projects.models import AuditEvent
from projects.roles import Role
from tests.exports.research_copies import participant
from tests.factories import UserFactory

ROWS = b"participant,birth_date,sex\nBICAM_0001,1954-08-07,K\nBICAM_0002,1960-01-31,m\n"


@pytest.mark.parametrize(
    "content",
    [
        ROWS,
        b"\xef\xbb\xbf" + ROWS,
        ROWS.replace(b",", b";").replace(b"\n", b"\r\n"),
        ROWS.replace(b",", b"\t"),
        ROWS.decode().encode("utf-16"),
        b"Pseudonym , Birth Date,SEX\n\nBICAM_0001, 07.08.1954 ,f\nBICAM_0002,31.1.1960,M\n",
        b"who,birth_date,sex\nBICAM_0001,1954-08-07,F\nBICAM_0002,1960-01-31,M\n",
        b'sex,participant,birth_date\nF,"BICAM_0001",19540807\nM,BICAM_0002,19600131\n',
    ],
    ids=[
        "plain",
        "marked",
        "semicolons",
        "tabulators",
        "utf-16",
        "by hand",
        "first",
        "other order",
    ],
)
def test_a_table_is_read_however_a_spreadsheet_writes_it(content):
    read = read_table(content)

    assert set(read.columns) == {"birth_date", "sex"}
    assert read.rows == {
        "BICAM_0001": {"birth_date": "19540807", "sex": "F"},
        "BICAM_0002": {"birth_date": "19600131", "sex": "M"},
    }


def test_letters_of_an_old_spreadsheet_are_read():
    assert read_table("id,ward\nA1,Føde\n".encode("cp1252")).rows["A1"] == {"ward": "Føde"}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "no rows"),
        (b"participant,age\n", "no rows"),
        (b"participant,age,age\nA,1,2\n", "the same name"),
        (b"participant,,age\nA,1,2\n", "Column 2 has no name"),
        (b"participant,age\nA,1\nA,2\n", "Row 3 names a participant who has a row"),
        (b"participant,age\nA,1,2\n", "Row 2 has 3 cells"),
        (b"participant,age\n,1\n", "Row 2 names no participant"),
        (b"participant,age\nA,Kari\n", "Row 2, column age: no age"),
        (b"participant,sex\nA,Kari\n", "Row 2, column sex: none of F, M and O"),
        (b"participant,birth_date\nA,Kari\n", "Row 2, column birth_date: no date"),
        (b"participant,identifier\nA,97975432312\n", "no national identity number"),
        (b"participant,identifier\nA,X1\nB,x1\n", "Row 3 has the identifier of row 2 again"),
        (b'participant,age\nA,"1\n', "quotation mark"),
        (b"participant\0age\nA\0B\n", "no text"),
        (b"participant,x\nA," + b"y" * 300 + b"\n", "more than 256 letters"),
        (b"x" * (MOST_BYTES + 1), "larger than"),
    ],
)
def test_what_is_wrong_is_said_by_row_and_never_quoted(content, sentence):
    with pytest.raises(TableError) as refused:
        read_table(content)

    assert sentence in str(refused.value)
    assert "Kari" not in str(refused.value)


def test_all_problems_are_said_up_to_a_bound():
    content = b"participant,age\n" + b"".join(b"A%d,x\n" % number for number in range(100))

    with pytest.raises(TableError) as refused:
        read_table(content)

    assert len(refused.value.problems) == 31
    assert refused.value.problems[-1] == "And 70 more problems."


@pytest.fixture
def people(project):
    return [participant(project, number) for number in (1, 2)]


def test_rows_are_kept_sealed_and_the_audit_holds_numbers_alone(owner, project, people):
    table = bring_table(by=owner, project=project, name=" Visit 1 ", file=ROWS)

    assert (table.name, table.columns, table.row_count) == ("Visit 1", ["birth_date", "sex"], 2)
    row = ParticipantRow.objects.get(participant=people[0])
    assert row.values == {"birth_date": "19540807", "sex": "F"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT cells FROM exports_participantrow")
        stored = b"".join(bytes(cells) for (cells,) in cursor.fetchall())
    assert b"19540807" not in stored
    event = AuditEvent.objects.about(table).get()
    assert (event.verb, event.facts) == ("brought", {"rows": 2, "columns": 2})


def test_a_table_names_participants_of_the_project_alone(owner, project, people):
    content = b"participant,age\nBICAM_0001,7\nBICAM_0099,8\n"

    with pytest.raises(ValidationError, match="1 of 2 rows name a participant"):
        bring_table(by=owner, project=project, name="t", file=content)

    assert not ParticipantTable.objects.exists()


def test_an_identifier_cannot_be_the_pseudonym_of_somebody_else(owner, project, people):
    content = b"participant,identifier\nBICAM_0001,bicam_0002\n"

    with pytest.raises(ValidationError, match="pseudonym of another participant"):
        bring_table(by=owner, project=project, name="t", file=content)


def test_only_who_may_export_brings_and_deletes_tables(owner, project, people):
    reader = UserFactory()
    project.memberships.create(user=reader, role=Role.CONTROLLER)
    table = bring_table(by=owner, project=project, name="t", file=ROWS)

    with pytest.raises(PermissionDenied):
        bring_table(by=reader, project=project, name="u", file=ROWS)
    with pytest.raises(PermissionDenied):
        delete_table(by=reader, table=table)


def test_two_tables_of_a_project_cannot_have_one_name(owner, project, people):
    bring_table(by=owner, project=project, name="t", file=ROWS)

    with pytest.raises(ValidationError, match="table of this name"):
        bring_table(by=owner, project=project, name="t", file=ROWS)


def test_a_table_is_deleted_with_its_rows_unless_a_package_reads_it(owner, project, people):
    table = bring_table(by=owner, project=project, name="t", file=ROWS)
    specification = Specification(transformations=(Transformation(do="sex", table="t"),))
    package = Package.objects.create(
        project=project,
        format=Format.DICOM,
        requested_by=owner,
        specification=specification.as_data(),
    )

    with pytest.raises(ValidationError, match="is being built"):
        delete_table(by=owner, table=table)
    package.delete()
    delete_table(by=owner, table=table)

    assert not ParticipantRow.objects.exists()
