"""Headers alone: the table as Python's csv reads it."""

import csv
import io
from zipfile import ZipFile

import pydicom
import pytest

from exports.specification import read_specification
from tests.datasets import make_ct_series, make_mr_series
from tests.exports.conftest import path_of
from tests.exports.research_copies import add_image, add_study, dicom_files
from tests.exports.turns import build_in_turns


def wanted(*columns: str, rows: str = "image", **parts: object):
    options = {"rows": rows, "columns": columns}
    return read_specification({"format": "headers", "options": options, **parts})


@pytest.fixture
def table(build, project):
    """Build a table of the project's headers and read its rows."""

    def table(specification) -> list[dict[str, str]]:
        with ZipFile(path_of(build(project, specification))) as archive:
            assert "headers.csv" in archive.namelist()
            return list(csv.DictReader(io.StringIO(archive.read("headers.csv").decode())))

    return table


def test_every_image_has_a_row_and_every_element_a_column(project, table, tmp_path):
    make_mr_series(tmp_path / "a", n=2)
    make_ct_series(tmp_path / "b", n=1)
    run = add_study(project, [*dicom_files(tmp_path / "a"), *dicom_files(tmp_path / "b")])

    rows = table(wanted())

    assert {row["SOPInstanceUID"] for row in rows} == set(
        run.outcomes.values_list("sop_instance_uid", flat=True)
    )
    assert {row["PatientID"] for row in rows} == {"BICAM_0001"}
    assert {bool(row["EchoTime"]) for row in rows if row["Modality"] == "CT"} == {False}
    assert {row["EchoTime"] for row in rows if row["Modality"] == "MR"} != {""}
    assert "DeidentificationMethodCodeSequence.CodeValue" in rows[0]
    assert "DeidentificationMethodCodeSequence" not in rows[0]


def test_chosen_columns_come_in_the_order_in_which_they_were_chosen(project, table, tmp_path):
    make_mr_series(tmp_path / "a", n=1)
    add_study(project, dicom_files(tmp_path / "a"))

    (row,) = table(wanted("SeriesDescription", "(0008,0060)", "PatientWeight"))

    assert list(row) == ["folder", "file", "SeriesDescription", "Modality", "PatientWeight"]
    assert row["folder"].startswith("BICAM_0001/baseline/MR/")
    assert row["file"] == "0001.dcm"
    assert row["Modality"] == "MR"


def test_row_of_a_series_holds_its_values_side_by_side(project, table, tmp_path):
    make_mr_series(tmp_path / "a", n=3)
    add_study(project, dicom_files(tmp_path / "a"))

    (row,) = table(wanted("InstanceNumber", "Modality", rows="series"))

    assert row["images"] == "3"
    assert row["InstanceNumber"] == "1 | 2 | 3"
    assert row["Modality"] == "MR"


def test_private_elements_are_named_by_their_creator(project, table, tmp_path):
    make_mr_series(tmp_path / "a", n=1)
    (path,) = dicom_files(tmp_path / "a")
    image = pydicom.dcmread(path)
    image.PatientID = "BICAM_0001"
    image.private_block(0x0019, "OUR SCANNER", create=True).add_new(0x0C, "IS", "1000")
    image.save_as(path)
    add_image(add_study(project, []), path)

    (row,) = table(wanted())
    (chosen,) = table(wanted('(0019,"OUR SCANNER",0C)'))

    assert row['(0019,"OUR SCANNER",0C)'] == "1000"
    assert chosen['(0019,"OUR SCANNER",0C)'] == "1000"
    assert not [name for name in row if name.startswith("(0019,00")]


def test_no_cell_starts_a_formula_and_numbers_stay_numbers(project, table, tmp_path):
    make_mr_series(tmp_path / "a", n=1)
    (path,) = dicom_files(tmp_path / "a")
    image = pydicom.dcmread(path)
    image.PatientID = "BICAM_0001"
    image.SeriesDescription = "=1+1"
    image.ImagePositionPatient = [-120.5, 3.0, 4.0]
    image.save_as(path)
    add_image(add_study(project, []), path)

    (row,) = table(wanted("SeriesDescription", "ImagePositionPatient"))

    assert row["SeriesDescription"] == "'=1+1"
    assert row["ImagePositionPatient"] == "-120.5\\3.0\\4.0"


@pytest.mark.parametrize("rows", ["image", "series"])
def test_table_made_in_many_short_turns_is_the_same(project, owner, build, tmp_path, rows):
    for number in (1, 2, 3):
        make_mr_series(tmp_path / str(number), n=2, SeriesNumber=number)
        add_study(project, dicom_files(tmp_path / str(number)), number=number)
    specification = wanted(rows=rows)
    undisturbed = build(project, specification)

    package = build_in_turns(owner, project, specification)

    assert package.sha256 == undisturbed.sha256
