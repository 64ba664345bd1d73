"""No false alarms at the door: packages of real studies, in every format, are not held."""

import os
from pathlib import Path

import pytest

from exports.specification import Specification, read_specification
from exports.states import Format, State
from tests.exports.research_copies import add_study, dicom_files

# a worker's heartbeat has a connection of its own, which sees committed rows only
pytestmark = pytest.mark.django_db(transaction=True)

DATA = Path(os.environ.get("RDMA_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
SMALL = ("dcm_qa_12bit", "dcm_qa_agfa", "dcm_qa_enh")
OTHERS = ("dcm_qa_ct", "dcm_qa_nih", "dcm_qa_pdt2")
CHANGED = {
    "format": "dicom",
    "transformations": [{"do": "dash", "element": "SeriesDescription"}],
    "attachments": [
        {"kind": "dictionary"},
        {"kind": "series"},
        {"kind": "readme", "text": "Images of {project}."},
    ],
}
UNTIED = {"format": "dicom", "ties": "cut"}
WITH_TIMES = {"format": "nifti", "options": {"times": True, "devices": True}}
ASKED = {
    **{format_.name.lower(): {"format": format_.name.lower()} for format_ in Format},
    "changed": CHANGED,
    "untied": UNTIED,
    "with times": WITH_TIMES,
    "encrypted": {"format": "dicom", "is_encrypted": True, **CHANGED},
}


def test_clean_package_of_real_studies_is_not_held(project, build):
    _add(project, SMALL)

    package = build(project, _read("changed"))

    assert package.state == State.READY, _said(package)
    assert package.examination.position == package.examination.member_count > 0


@pytest.mark.slow
@pytest.mark.parametrize("asked", ASKED)
def test_clean_package_in_each_format_is_not_held(project, build, asked):
    _add(project, SMALL)

    package = build(project, _read(asked))

    assert package.state == State.READY, _said(package)


@pytest.mark.slow
@pytest.mark.parametrize("asked", ASKED)
def test_clean_package_of_all_other_real_studies_is_not_held(project, build, asked):
    _add(project, OTHERS)

    package = build(project, _read(asked))

    assert package.state == State.READY, _said(package)


def _add(project, folders):
    for number, folder in enumerate(folders, start=1):
        add_study(project, dicom_files(DATA / folder), number=number)


def _read(asked: str) -> Specification:
    return read_specification(ASKED[asked])


def _said(package) -> list[str]:
    return [package.reason, *package.findings.values_list("sentence", flat=True)]
