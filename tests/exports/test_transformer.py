"""Transformations through the whole room: from a specification and tables to files in a package."""

from io import BytesIO

import pydicom
import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from deidentify.inventory import SeriesInventory
from exports import tasks
from exports.actions.downloads import record_download
from exports.actions.packages import request_package
from exports.actions.tables import bring_table
from exports.arranged import Image
from exports.models import Package, ParticipantTable
from exports.presets import PRESETS
from exports.specification import Attachment, Specification, Transformation, read_specification
from exports.states import Format, State
from exports.transforming import Transformer
from exports.transforming.rights import may_take, tells_of_persons
from projects import keyring
from projects.models import Participant
from projects.storage import storage
from tests.datasets import make_mr_series
from tests.exports.conftest import path_of
from tests.exports.research_copies import add_study, dicom_files

TABLE = (
    b"participant,birth_date,sex,identifier\n"
    b"BICAM_0001,1954-08-07,F,NEW-1\nBICAM_0002,1960-01-31,M,NEW-2\n"
)


def asked(*transformations: Transformation, **parts: object) -> Specification:
    return Specification(transformations=transformations, **parts)


@pytest.fixture
def two_people(project, owner, tmp_path):
    """Two participants with an MR each of 12 March 2026, and a table about them."""
    for number in (1, 2):
        make_mr_series(tmp_path / str(number), n=2, StudyDate="20260312")
        run = add_study(project, dicom_files(tmp_path / str(number)), number=number)
        person = run.transfer.participant
        secret = keyring.wrap(bytes(32), project.key)  # as add_study made it
        Participant.objects.filter(pk=person.pk).update(wrapped_secret=secret)
    bring_table(by=owner, project=project, name="visit", file=TABLE)
    return project


def headers(opened, package):
    """Return the headers in a package by the names of their files."""
    assert package.state == State.READY, package.reason
    with opened(package) as archive:
        names = [name for name in archive.namelist() if name.endswith(".dcm")]
        return {name: pydicom.dcmread(BytesIO(archive.read(name))) for name in names}


def test_files_in_the_package_are_changed_and_those_in_the_storage_are_not(
    two_people, build, opened
):
    before = {key: path_bytes(key) for key in storage().list("research")}

    found = headers(
        opened,
        build(
            two_people,
            asked(Transformation(do="set", element="SeriesDescription", value="T1 weighted")),
        ),
    )

    assert {image.SeriesDescription for image in found.values()} == {"T1 weighted"}
    assert {key: path_bytes(key) for key in storage().list("research")} == before


def path_bytes(key: str) -> bytes:
    with storage().fetch(key) as path:
        return path.read_bytes()


def test_new_identifiers_stand_in_files_and_folders(two_people, build, opened):
    deed = Transformation(do="identifiers", table="visit", column="identifier")

    package = build(two_people, asked(deed))

    found = headers(opened, package)
    assert {name.split("/")[0] for name in found} == {"NEW-1", "NEW-2"}
    assert {image.PatientID for image in found.values()} == {"NEW-1", "NEW-2"}
    assert b"BICAM_000" not in path_of(package).read_bytes()


def test_the_same_specification_and_tables_give_the_same_bytes(two_people, build):
    deeds = (
        Transformation(do="identifiers", table="visit", column="identifier"),
        Transformation(do="shift", value="-42"),
    )

    first, second = build(two_people, asked(*deeds)), build(two_people, asked(*deeds))

    assert first.state == second.state == State.READY, first.reason
    assert path_of(first).read_bytes() == path_of(second).read_bytes()


def test_every_format_holds_the_changed_headers(two_people, build, opened):
    deed = Transformation(do="set", element="ProtocolName", value="chosen")

    package = build(two_people, asked(deed, format=Format.NIFTI))

    assert package.state == State.READY, package.reason
    with opened(package) as archive:
        sidecars = [archive.read(name) for name in archive.namelist() if name.endswith(".json")]
    assert any(b'"chosen"' in sidecar for sidecar in sidecars)


def test_true_dates_are_for_those_who_may_see_identified_data(
    two_people, owner, manager, build, opened
):
    specification = asked(Transformation(do="shift_back"))

    with pytest.raises(PermissionDenied):
        request_package(
            by=owner, project=two_people, specification=specification, participants=None
        )
    package = request_package(
        by=manager, project=two_people, specification=specification, participants=None
    )

    assert package.state == State.WAITING
    assert may_take(manager, package)
    assert not may_take(owner, package)
    with pytest.raises(PermissionDenied):
        record_download(by=owner, package=package)


TELLING = (
    *({"transformations": [{"do": do, "table": "t"}]} for do in ("birth_date", "age", "sex")),
    {"transformations": [{"do": "shift_back"}]},
    {"transformations": [{"do": "identifiers", "table": "t", "column": "fnr"}]},
    *(
        {"attachments": [{"kind": "demographics", "columns": [name], "table": "t"}]}
        for name in ("fødselsdato", "fnr", "handedness")
    ),
    {"attachments": [{"kind": "demographics", "columns": ["(0010,0030)"]}]},
    {"attachments": [{"kind": "series", "columns": ["PatientBirthDate"]}]},
)
SILENT = (
    {"transformations": [{"do": "identifiers", "table": "t"}]},
    {"transformations": [{"do": "identifiers", "table": "t", "column": "identifier"}]},
    {"attachments": [{"kind": "demographics", "columns": ["PatientSex", "PatientAge"]}]},
    {
        "transformations": [{"do": "year_of_birth"}],
        "attachments": [{"kind": "demographics", "columns": ["PatientBirthDate"]}],
    },
    *(preset.specification.as_data() for preset in PRESETS.values()),
)


@pytest.mark.parametrize(
    ("parts", "tells"), [*((one, True) for one in TELLING), *((one, False) for one in SILENT)]
)
def test_whatever_a_table_says_of_people_is_for_those_who_may_see_identified_data(parts, tells):
    assert tells_of_persons(read_specification(parts)) == tells


def test_dates_given_back_are_those_of_the_originals(two_people, tmp_path):
    package = Package(
        project=two_people,
        format=Format.DICOM,
        specification=asked(Transformation(do="shift_back")).as_data(),
    )
    run = two_people.transfers.first().runs.first()
    image = image_of(run)

    with storage().fetch(image.key) as source:
        assert Transformer(package).apply(source, tmp_path / "after.dcm", image)

    after = pydicom.dcmread(tmp_path / "after.dcm")
    assert after.StudyDate == "20260312"
    assert after.LongitudinalTemporalInformationModified == "UNMODIFIED"
    codes = {item.CodeValue for item in after.DeidentificationMethodCodeSequence}
    assert "113106" in codes
    assert "113107" not in codes


def image_of(run) -> Image:
    outcome = run.outcomes.first()
    return Image(
        outcome=outcome.pk,
        key=outcome.key,
        digest=outcome.digest,
        size=outcome.size,
        folder="",
        name="",
        is_native=True,
        participant=run.transfer.participant.pseudonym,
        event=run.transfer.event.name,
        run=run.pk,
        study=1,
        series=1,
    )


def test_a_severed_coupling_gives_no_dates_back(two_people, manager):
    person = two_people.participants.first()
    person.wrapped_secret = None
    person.save()

    with pytest.raises(ValidationError, match="coupling of 1 of 2 participants is severed"):
        request_package(
            by=manager,
            project=two_people,
            specification=asked(Transformation(do="shift_back")),
            participants=None,
        )


def test_a_table_that_lacks_somebody_is_refused_before_anything_is_built(
    two_people, owner, manager
):
    bring_table(by=owner, project=two_people, name="half", file=b"participant,sex\nBICAM_0001,F\n")

    with pytest.raises(ValidationError, match="no row for 1 of 2 participants"):
        request_package(
            by=manager,
            project=two_people,
            specification=asked(Transformation(do="sex", table="half", column="sex")),
            participants=None,
        )


def test_a_table_of_an_attachment_that_is_missing_is_refused_before_anything_is_built(
    two_people, manager
):
    attached = Attachment(kind="demographics", columns=("sex",), table="gone")

    with pytest.raises(ValidationError, match="no participant table of the name"):
        request_package(
            by=manager,
            project=two_people,
            specification=asked(attachments=(attached,)),
            participants=None,
        )


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        ("A1", "", "for 1 of 2 participants, no identifier"),
        ("A1", "97975432312", "no national identity number"),
        ("A1", "Kåre", "at most 64 letters"),
        ("A1", "--", "at most 64 letters"),
        ("A1", "a1", "for 2 of 2 participants, an identifier that another one has"),
        ("A/1", "A 1", "the name of a folder"),
        ("bicam-0002", "A1", "pseudonym of another"),
    ],
)
def test_new_identifiers_of_any_column_are_each_ones_own_and_usable(
    two_people, owner, manager, first, second, sentence
):
    rows = f"participant,code\nBICAM_0001,{first}\nBICAM_0002,{second}\n"
    bring_table(by=owner, project=two_people, name="codes", file=rows.encode())

    with pytest.raises(ValidationError) as refused:
        request_package(
            by=manager,
            project=two_people,
            specification=asked(Transformation(do="identifiers", table="codes", column="code")),
            participants=None,
        )

    (said,) = refused.value.messages
    assert sentence in said
    assert not any(value and value in said for value in (first, second))


def test_a_package_fails_in_a_sentence_when_its_table_is_gone(two_people, manager, build):
    specification = asked(Transformation(do="sex", table="visit", column="sex"))
    package = request_package(
        by=manager, project=two_people, specification=specification, participants=None
    )
    ParticipantTable.objects.all().delete()

    tasks.build_package(package.pk)

    package.refresh_from_db()
    assert package.state == State.FAILED
    assert "no participant table" in package.reason


def test_the_preview_lists_a_header_before_and_after(two_people):
    package = Package(
        project=two_people,
        format=Format.DICOM,
        specification=asked(
            Transformation(do="set", element="SeriesDescription", value="after"),
            Transformation(do="remove", element="ProtocolName"),
        ).as_data(),
    )
    image = image_of(two_people.transfers.first().runs.first())

    with storage().fetch(image.key) as source:
        changes = Transformer(package).sample(source, image)

    by_keyword = {change.keyword: change for change in changes}
    assert (by_keyword["SeriesDescription"].before, by_keyword["SeriesDescription"].after) == (
        "T1 MPRAGE",
        "after",
    )
    assert by_keyword["ProtocolName"].after is None
    assert not by_keyword["Modality"].is_changed
    assert by_keyword["Modality"].path == "(0008,0060)"


def test_the_preview_names_elements_as_the_review_does(two_people, tmp_path):
    image = pydicom.dcmread(make_mr_series(tmp_path / "mr", n=1)[0])
    item = pydicom.Dataset()
    item.CodeMeaning = "Knee"
    image.ProcedureCodeSequence = [pydicom.Dataset(), item]
    image.private_block(0x0051, "SIEMENS MR HEADER", create=True).add_new(0x1F, "LO", "of Olga")
    image.save_as(tmp_path / "a.dcm")
    deeds = (
        Transformation(do="set", element='(0051,"SIEMENS MR HEADER",1F)', value="after"),
        Transformation(do="set", element="ProcedureCodeSequence.CodeMeaning", value="Hip"),
    )
    package = Package(
        project=two_people, format=Format.DICOM, specification=asked(*deeds).as_data()
    )
    chosen = image_of(two_people.transfers.first().runs.first())
    inventory = SeriesInventory()
    inventory.add(tmp_path / "a.dcm")

    changes = Transformer(package).sample(tmp_path / "a.dcm", chosen)

    changed = {one.path: (one.before, one.after) for one in changes if one.is_changed}
    assert changed['(0051,"SIEMENS MR HEADER",1F)'] == ("of Olga", "after")
    assert changed["(0008,1032)(0008,0104)"] == ("Knee", "Hip")
    assert {one.path for one in changes} == {row.path for row in inventory.rows()}
