"""NIfTI of de-identified studies equals what dcm2niix made of the originals."""

import json
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import nibabel
import numpy as np
import pydicom
import pytest

from exports.states import Format, State
from tests.datasets import make_mr_series, make_sr
from tests.exports.conftest import path_of
from tests.exports.research_copies import add_image, add_study, dicom_files

STUDIES = ["dcm_qa_nih", "dcm_qa_enh", "dcm_qa_12bit", "dcm_qa_pdt2"]


@pytest.mark.parametrize("name", STUDIES)
def test_every_reference_is_among_the_images_of_the_package(
    name, project, build, test_data, tmp_path
):
    by_study: dict[str, list[Path]] = {}
    for file in dicom_files(test_data / name / "In"):
        uid = pydicom.dcmread(file, specific_tags=["StudyInstanceUID"]).StudyInstanceUID
        by_study.setdefault(uid, []).append(file)
    for files in by_study.values():
        add_study(project, files)

    package = build(project, Format.NIFTI)

    assert package.state == State.READY, package.reason
    images = unpacked_images(package, tmp_path)
    references = sorted((test_data / name / "Ref").glob("*.nii"))
    assert references
    missing = [path.name for path in references if not is_among(nibabel.load(path), images)]
    assert missing == []


def unpacked_images(package, folder: Path) -> list[nibabel.Nifti1Image]:
    with ZipFile(path_of(package)) as zip_file:
        names = [name for name in zip_file.namelist() if name.endswith(".nii")]
        zip_file.extractall(folder / "out")
    assert all((folder / "out" / name).with_suffix(".json").exists() for name in names)
    return [nibabel.load(folder / "out" / name) for name in names]


def is_among(reference: nibabel.Nifti1Image, images: list[nibabel.Nifti1Image]) -> bool:
    """Tell whether one of the images has the same voxels, geometry and timing."""
    return any(
        image.shape == reference.shape
        and image.get_data_dtype() == reference.get_data_dtype()
        and image.header.get_zooms() == reference.header.get_zooms()
        and np.array_equal(image.affine, reference.affine)
        and np.array_equal(image.dataobj.get_unscaled(), reference.dataobj.get_unscaled())
        and image.dataobj.slope == reference.dataobj.slope
        and image.dataobj.inter == reference.dataobj.inter
        for image in images
    )


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
