"""From rows and files to a package: layout, sums, identity of two builds."""

import json
import subprocess
from pathlib import Path

from exports.states import Format, State
from tests.datasets import make_mr_series
from tests.exports.conftest import path_of
from tests.exports.research_copies import add_study, dicom_files


def test_package_holds_folders_by_participant_event_modality_and_series(
    project, build, opened, tmp_path
):
    make_mr_series(tmp_path / "a", n=3, SeriesNumber=3, SeriesDescription="T1 MPRAGE")
    add_study(project, dicom_files(tmp_path / "a"))

    package = build(project)

    assert package.state == State.READY, package.reason
    assert opened(package).namelist() == [
        "BICAM_0001/baseline/MR/0003_T1_MPRAGE/0001.dcm",
        "BICAM_0001/baseline/MR/0003_T1_MPRAGE/0002.dcm",
        "BICAM_0001/baseline/MR/0003_T1_MPRAGE/0003.dcm",
        "manifest.json",
        "SHA256SUMS",
    ]


def test_package_is_whole_for_other_tools(project, build, tmp_path):
    make_mr_series(tmp_path / "a", n=3)
    add_study(project, dicom_files(tmp_path / "a"))

    package = build(project)

    path = path_of(package)
    subprocess.run(["unzip", "-tq", path], check=True, capture_output=True)
    subprocess.run(["unzip", "-q", path, "-d", tmp_path / "out"], check=True)
    sums = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    subprocess.run(sums, check=True, cwd=tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["counts"] == {
        "participants": 1,
        "studies": 1,
        "images": 3,
        "series_left_out": 0,
    }
