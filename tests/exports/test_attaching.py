"""Attached files, as they lie in a package."""

import csv
import io
from collections.abc import Callable
from zipfile import ZipFile

import pytest
from django.core.exceptions import PermissionDenied

from exports.actions.packages import request_package
from exports.actions.tables import bring_table
from exports.attaching import names
from exports.specification import read_specification
from exports.specification.attachment_kinds import PLACEHOLDERS
from projects.models import User
from tests.datasets import make_ct_series, make_mr_series
from tests.exports.conftest import path_of
from tests.exports.research_copies import add_study, dicom_files


def wanted(*attachments: dict, **parts: object):
    return read_specification({"attachments": list(attachments), **parts})


@pytest.fixture
def attached(build, project, owner) -> Callable[..., dict[str, str]]:
    """Build a package with attachments; give what lies at its top."""

    def attached(*attachments: dict, by: User = owner, **parts: object) -> dict[str, str]:
        package = build(project, wanted(*attachments, **parts), by=by)
        with ZipFile(path_of(package)) as archive:
            tops = [name for name in archive.namelist() if "/" not in name]
            return {name: archive.read(name).decode() for name in tops}

    return attached


@pytest.fixture
def two_people(project, tmp_path) -> None:
    """A participant with an MR and a CT examination, and one with an MR."""
    make_mr_series(tmp_path / "a", n=2, SeriesNumber=3, PatientSex="F")
    make_ct_series(tmp_path / "b", n=1, SeriesNumber=4, PatientSex="F")
    make_mr_series(tmp_path / "c", n=3, SeriesNumber=5, PatientSex="M")
    add_study(project, dicom_files(tmp_path / "a"))
    add_study(project, dicom_files(tmp_path / "b"), event="6month")
    add_study(project, dicom_files(tmp_path / "c"), number=2)


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_readme_has_what_only_the_package_knows_filled_in(two_people, attached):
    text = "{participants} people and {images} images of {project}.\nNot known: {secret} {images!r}"

    found = attached({"kind": "readme", "text": text})

    assert found["README.txt"] == (
        "2 people and 6 images of BICAM.\r\nNot known: {secret} {images!r}\r\n"
    )


def test_every_placeholder_is_filled_in(two_people, attached):
    text = "\n".join(f"{{{name}}}" for name in PLACEHOLDERS)

    found = attached({"kind": "readme", "text": text})

    lines = found["README.txt"].split()
    assert len(lines) >= len(PLACEHOLDERS)
    assert not any("{" in line for line in lines)


def test_demographics_have_a_row_for_each_participant_and_event(two_people, attached):
    found = attached({"kind": "demographics", "columns": ["PatientSex", "Modality"]})

    rows = read(found["demographics.csv"])
    assert list(rows[0]) == ["participant", "event", "PatientSex", "Modality"]
    assert [tuple(row.values()) for row in rows] == [
        ("BICAM_0001", "baseline", "F", "MR"),
        ("BICAM_0001", "6month", "F", "CT"),
        ("BICAM_0002", "baseline", "M", "MR"),
    ]


def test_demographics_take_columns_of_a_participant_table(two_people, attached, project, manager):
    table = b"participant;handedness\nBICAM_0001;left\n"
    bring_table(by=manager, project=project, name="Hands", file=table)

    found = attached(
        {"kind": "demographics", "columns": ["handedness", "PatientSex"], "table": "Hands"},
        by=manager,
    )

    cells = [(row["handedness"], row["PatientSex"]) for row in read(found["demographics.csv"])]
    assert cells == [("left", "F"), ("left", "F"), ("", "M")]


def test_true_birth_dates_go_out_only_for_those_who_may_see_them(two_people, project, owner):
    table = b"participant,fodselsdato\nBICAM_0001,1960-03-13\nBICAM_0002,1961-04-14\n"
    bring_table(by=owner, project=project, name="Births", file=table)
    asked = wanted({"kind": "demographics", "columns": ["fodselsdato"], "table": "Births"})

    with pytest.raises(PermissionDenied):
        request_package(by=owner, project=project, specification=asked, participants=None)


def test_list_of_series_says_where_each_lies_and_how_many_images_it_has(two_people, attached):
    found = attached({"kind": "series", "columns": ["EchoTime"]})

    rows = read(found["series.csv"])
    assert [(row["modality"], row["series_number"], row["images"]) for row in rows] == [
        *(("MR", "3", "2"), ("CT", "4", "1"), ("MR", "5", "3")),
    ]
    assert rows[0]["folder"].startswith("BICAM_0001/baseline/MR/0003")
    assert rows[0]["EchoTime"]


def test_dictionary_explains_every_element_and_says_no_value(two_people, attached):
    found = attached({"kind": "dictionary"})

    rows = {row["element"]: row for row in read(found["data_dictionary.csv"])}
    sex = rows["PatientSex"]
    assert (sex["tag"], sex["vr"], sex["meaning"]) == ("(0010,0040)", "CS", "Patient's Sex")
    assert (sex["images"], sex["different_values"]) == ("6", "2")
    assert rows["SOPInstanceUID"]["different_values"] == "6"
    assert rows["EchoTime"]["images"] == "5"
    assert "BICAM_0001" not in found["data_dictionary.csv"]


def test_attachments_tell_of_headers_as_they_go_out(two_people, attached):
    change = {"do": "set", "element": "PatientSex", "value": "O"}

    found = attached({"kind": "demographics", "columns": ["PatientSex"]}, transformations=[change])

    assert {row["PatientSex"] for row in read(found["demographics.csv"])} == {"O"}


def test_names_are_safe_and_meet_nothing_of_the_package():
    specification = wanted(
        {"kind": "readme", "text": "a", "name": "../../etc/passwd"},
        {"kind": "readme", "text": "b", "name": "con"},
        {"kind": "series", "name": "SERIES.csv"},
        {"kind": "series"},
        {"kind": "series", "name": "headers.csv"},
    )

    assert names(specification) == [
        *("etc_passwd.txt", "con_.txt", "SERIES.csv", "series_2.csv", "headers_2.csv"),
    ]
