"""NIfTI packages: what is left out and why, what is asked for, the same names every time."""

import json
from collections.abc import Callable
from zipfile import ZipFile

import pydicom

from exports.states import Format, State
from tests.datasets import make_mr_series, make_sr
from tests.exports.research_copies import add_image, add_study, dicom_files


def test_series_without_pixels_is_left_out_with_a_reason(
    project, build, opened: Callable[..., ZipFile], tmp_path
):
    make_mr_series(tmp_path / "mr", n=3)
    make_sr(tmp_path / "sr", SeriesNumber=9)
    add_study(project, dicom_files(tmp_path / "mr") + dicom_files(tmp_path / "sr"))

    package = build(project, Format.NIFTI)

    manifest = json.loads(opened(package).read("manifest.json"))
    assert [(one["images"], one["reason"]) for one in manifest["left_out"]] == [
        (1, "It holds no images.")
    ]
    assert package.left_out_count == 1
    assert (package.done_count, package.total_count) == (4, 4)
    assert "dcm2niix" in manifest["converter"]


def test_series_that_dcm2niix_cannot_read_is_left_out_and_the_rest_is_there(
    project, build, opened: Callable[..., ZipFile], tmp_path
):
    make_mr_series(tmp_path / "good", n=3, SeriesNumber=1)
    make_mr_series(tmp_path / "bad", n=1, SeriesNumber=2)
    add_study(project, dicom_files(tmp_path / "good"))
    run = add_study(project, [], number=2)
    (bad,) = dicom_files(tmp_path / "bad")
    header = pydicom.dcmread(bad)
    header.BitsAllocated = 24  # no such images exist
    header.save_as(bad)
    add_image(run, bad)

    package = build(project, Format.NIFTI)

    manifest = json.loads(opened(package).read("manifest.json"))
    assert package.state == State.READY
    assert [one["folder"].split("/")[0] for one in manifest["left_out"]] == ["BICAM_0002"]
    assert any(one["path"].endswith(".nii") for one in manifest["members"])
