"""NIfTI packages: what is left out and why, what is asked for, the same names every time."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from zipfile import ZipFile

import dcm2niix
import nibabel
import pydicom
import pytest

from exports import tasks
from exports.actions.packages import request_package
from exports.converting.running import Converter
from exports.converting.wishes import Wishes
from exports.models import Package
from exports.specification.reading import read_specification
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
    assert [set(one) for one in package.contents["left_out"]] == [{"images", "reason"}]
    assert any(one["path"].endswith(".nii") for one in manifest["members"])


def test_images_that_a_full_disk_has_no_room_for_are_waited_for_and_not_left_out(
    project, build, opened: Callable[..., ZipFile], tmp_path, monkeypatch
):
    make_mr_series(tmp_path / "mr", n=3)
    add_study(project, dicom_files(tmp_path / "mr"))
    full = tmp_path / "dcm2niix"  # room for 4096 bytes a file: the sidecar, and not the image
    full.write_text(f"#!/bin/sh\ntrap '' XFSZ\nulimit -f 8\nexec {dcm2niix.bin} \"$@\"\n")
    full.chmod(0o755)

    with monkeypatch.context() as patched:
        patched.setattr("dcm2niix.bin", str(full))
        package = build(project, Format.NIFTI)
    waiting = (package.state, package.reason)
    Package.objects.update(not_before=None)
    tasks.build_package(package.pk)
    package.refresh_from_db()

    sentence = "The disk is full. It goes on from here as soon as there is room."
    assert waiting == (State.BUILDING, sentence)
    assert (package.state, package.left_out_count) == (State.READY, 0)
    assert any(name.endswith(".nii") for name in opened(package).namelist())


def contents(owner, project, opened, folder: Path, **parts) -> list[Path]:
    """Build a NIfTI package to a specification and return its unpacked files but for its sums."""
    asked = read_specification({"format": "nifti", **parts})
    package = request_package(by=owner, project=project, specification=asked, participants=None)
    tasks.build_package(package.pk)
    package.refresh_from_db()
    assert package.state == State.READY, package.reason
    with opened(package) as zip_file:
        zip_file.extractall(folder)
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.parent != folder)


@pytest.fixture
def timed(project, tmp_path) -> None:
    """Two series whose headers tell the time of day, the scanner and a comment."""
    for number in (1, 2):
        make_mr_series(
            tmp_path / str(number),
            n=3,
            SeriesNumber=number,
            AcquisitionTime="110432.975",
            DeviceSerialNumber="45160",
            study_instance_uid="1.2.3",
        )
    add_study(project, dicom_files(tmp_path / "1") + dicom_files(tmp_path / "2"))


def test_time_of_day_and_scanner_are_in_no_file_unless_they_were_asked_for(
    owner, project, opened, timed, tmp_path
):
    usual = contents(owner, project, opened, tmp_path / "usual")
    asked = {"times": True, "devices": True}
    whole = contents(owner, project, opened, tmp_path / "whole", options=asked)

    assert [path.suffix for path in usual] == [".json", ".nii"] * 2
    assert not any(b"110432" in path.read_bytes() for path in usual)
    assert not any({"AcquisitionTime", "DeviceSerialNumber"} & set(facts(path)) for path in usual)
    assert all(b"110432" in path.read_bytes() for path in whole if path.suffix == ".nii")
    assert facts(whole[0])["DeviceSerialNumber"] == "45160"


def facts(path: Path) -> dict[str, object]:
    return json.loads(path.read_text()) if path.suffix == ".json" else {}


def test_images_are_compressed_and_stand_alone_where_that_was_asked_for(
    owner, project, opened, timed, tmp_path
):
    plain = contents(owner, project, opened, tmp_path / "plain")
    options = {"compress": True, "sidecar": False}
    packed = contents(owner, project, opened, tmp_path / "packed", options=options)

    assert [path.name for path in packed] == ["0001_T1_MPRAGE.nii.gz", "0002_T1_MPRAGE.nii.gz"]
    assert nibabel.load(packed[0]).get_fdata().sum() == nibabel.load(plain[1]).get_fdata().sum()
    assert packed[0].read_bytes()[3:8] == bytes(5)  # no name and no time in the gzip header


def test_series_that_share_a_folder_keep_names_of_their_own(
    owner, project, opened, timed, tmp_path
):
    found = contents(owner, project, opened, tmp_path / "out", folders="{participant}")

    names = [path.relative_to(tmp_path / "out").as_posix() for path in found]
    assert [name for name in names if name.endswith(".nii")] == [
        "BICAM_0001/0001_T1_MPRAGE.nii",
        "BICAM_0001/0002_T1_MPRAGE.nii",
    ]


def test_conversion_ends_at_once_when_nobody_wants_it_any_more(tmp_path, monkeypatch):
    sleeper = tmp_path / "dcm2niix"
    sleeper.write_text("#!/bin/sh\nexec sleep 600\n")
    sleeper.chmod(0o755)
    monkeypatch.setattr("dcm2niix.bin", str(sleeper))
    converter, said = Converter(Wishes().flags), []

    def run() -> None:
        said.append(converter.run(tmp_path, tmp_path, home=tmp_path, size=0))

    thread = Thread(target=run)
    thread.start()
    while not converter._running:
        thread.join(0.01)
    converter.stop()
    thread.join(10)

    assert said == ["dcm2niix broke off."]
    assert converter.run(tmp_path, tmp_path, home=tmp_path, size=0) == "The conversion was stopped."


def test_conversion_that_takes_too_long_or_too_much_memory_is_ended(tmp_path, monkeypatch):
    greedy = tmp_path / "dcm2niix"
    greedy.write_text(f"#!{sys.executable}\nbytearray(4 << 30)\n")
    greedy.chmod(0o755)
    monkeypatch.setattr("dcm2niix.bin", str(greedy))
    monkeypatch.setattr("exports.converting.running.MEMORY", 512 << 20)

    reason = Converter([]).run(tmp_path, tmp_path, home=tmp_path, size=0)

    assert reason == "dcm2niix ended with status 1."
    greedy.write_text("#!/bin/sh\nexec sleep 600\n")
    monkeypatch.setattr("exports.converting.running.TIME_LIMIT", 0.2)
    assert Converter([]).run(tmp_path, tmp_path, home=tmp_path, size=0).endswith("an hour.")
