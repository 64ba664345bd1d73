"""A BIDS package is a valid data set, by the judgement of others."""

import json
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import nibabel
import pydicom
import pytest

from exports import tasks
from exports.actions.mappings import save_mapping
from exports.actions.packages import request_package
from exports.bids.kinds import Kind
from exports.bids.rows import OUT, Row
from exports.specification import Specification
from exports.specification.reading import read_specification
from exports.states import Format, State
from tests.datasets import make_ct_series, make_mr_series, new_uid
from tests.exports.conftest import path_of
from tests.exports.research_copies import add_study, dicom_files

VALIDATOR = Path(sys.executable).with_name("bids-validator-deno")


def specification(**options) -> Specification:
    return read_specification({"format": "bids", "options": options})


def unpacked(owner, project, folder: Path, **options) -> Path:
    """Build a BIDS package and unpack it."""
    asked = specification(**options)
    package = request_package(by=owner, project=project, specification=asked, participants=None)
    tasks.build_package(package.pk)
    package.refresh_from_db()
    assert package.state == State.READY, package.reason
    with ZipFile(path_of(package)) as zip_file:
        zip_file.extractall(folder)
    return folder


def verdict(folder: Path) -> dict[str, list[str]]:
    """Return the validator's codes by severity. It asks nobody: its schema is built in."""
    command = [VALIDATOR, folder, "--format", "json"]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    found: dict[str, list[str]] = {"error": [], "warning": []}
    for issue in json.loads(said.stdout)["issues"]["issues"]:
        words = f"{issue['code']} {issue.get('subCode', '')} {issue.get('location', '')}"
        found[issue["severity"]].append(words)
    return found


def files(folder: Path) -> list[str]:
    return sorted(one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file())


def add_all(project, folder: Path, *, number: int = 1) -> None:
    """Add every study below a folder to one participant."""
    by_study: dict[str, list[Path]] = {}
    for file in dicom_files(folder):
        uid = pydicom.dcmread(file, specific_tags=["StudyInstanceUID"]).StudyInstanceUID
        by_study.setdefault(uid, []).append(file)
    for one in by_study.values():
        add_study(project, one, number=number)


@pytest.mark.parametrize("name", ["dcm_qa_nih", "dcm_qa_enh", "dcm_qa_pdt2", "dcm_qa_12bit"])
def test_real_studies_become_a_valid_data_set(name, owner, project, test_data, tmp_path):
    add_all(project, test_data / name / "In")

    folder = unpacked(owner, project, tmp_path / "out")

    assert verdict(folder)["error"] == []
    images = [one for one in files(folder) if one.endswith(".nii.gz")]
    assert images
    assert all(nibabel.load(folder / one).shape for one in images)
