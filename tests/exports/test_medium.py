"""A medium is opened by viewers we never see: DCMTK and pydicom stand in for them here."""

import hashlib
import re
import subprocess
from pathlib import Path
from zipfile import ZipFile

import pydicom
import pytest
from pydicom.fileset import FileSet
from pydicom.uid import ImplicitVRLittleEndian

from exports.building.scratch import scratch_folder
from exports.models import Package
from exports.specification import read_specification
from tests.datasets import make_ct_series, make_mr_series, make_sr, new_uid, sr, write
from tests.exports.conftest import path_of
from tests.exports.research_copies import add_image, add_study, dicom_files
from tests.exports.turns import build_in_turns

FILE_ID = re.compile(r"[A-Z0-9_]{1,8}(/[A-Z0-9_]{1,8}){0,7}")
MEDIUM = read_specification({"format": "medium"})


@pytest.fixture
def unpacked(build, project, tmp_path):
    """Build a medium of the project and lay it out as somebody does who copies it to a stick."""

    def unpacked(specification=MEDIUM) -> Path:
        package = build(project, specification)
        assert package.sha256, package.reason  # ready, or held: what a test plants is no matter
        target = tmp_path / "medium"
        with ZipFile(path_of(package)) as archive:
            archive.extractall(target)
        return target

    return unpacked


@pytest.fixture
def files_of():
    """Read a medium with pydicom, whose own temporary folder wants to be closed."""
    read = []

    def files_of(medium: Path) -> FileSet:
        read.append(FileSet(medium / "DICOMDIR"))
        return read[-1]

    yield files_of
    for files in read:
        files._stage["t"].cleanup()


def records(path: Path) -> list[str]:
    """Name the kinds of the records that dcmdump reads, in their order."""
    dumped = subprocess.run(["dcmdump", path], check=True, capture_output=True, text=True)
    assert not dumped.stderr
    return re.findall(r'"Directory Record" ([A-Z ]+?) #', dumped.stdout)


def test_directory_leads_to_every_file_and_changes_none(project, unpacked, files_of, tmp_path):
    study = new_uid()
    make_mr_series(tmp_path / "a", n=2, SeriesNumber=3, study_instance_uid=study)
    make_ct_series(tmp_path / "a", n=1, SeriesNumber=4, study_instance_uid=study)
    make_mr_series(tmp_path / "b", n=1)
    first = add_study(project, dicom_files(tmp_path / "a"))
    second = add_study(project, dicom_files(tmp_path / "b"), number=2)

    medium = unpacked()

    files = files_of(medium)
    assert sorted({one.PatientID for one in files}) == ["BICAM_0001", "BICAM_0002"]
    found = {hashlib.sha256(Path(one.path).read_bytes()).hexdigest() for one in files}
    digests = [*first.outcomes.all(), *second.outcomes.all()]
    assert found == {one.digest for one in digests}
    assert files.ID == "BICAM"
    assert (medium / files.descriptor_file_id).is_file()


def test_names_are_file_ids_of_the_standard(project, unpacked, tmp_path):
    make_mr_series(tmp_path / "a", n=2)
    add_study(project, dicom_files(tmp_path / "a"))

    medium = unpacked()

    names = [path.relative_to(medium).as_posix() for path in medium.rglob("IM*")]
    assert len(names) == 2
    assert all(FILE_ID.fullmatch(name) for name in names)


def test_dcmtk_makes_the_same_records_of_the_same_files(project, unpacked, tmp_path):
    study = new_uid()
    make_mr_series(tmp_path / "a", n=3, SeriesNumber=3, study_instance_uid=study)
    make_sr(tmp_path / "a" / "report", study_instance_uid=study, SeriesNumber=9)
    make_ct_series(tmp_path / "b", n=2)
    add_study(project, dicom_files(tmp_path / "a"))
    add_study(project, dicom_files(tmp_path / "b"), number=2)
    medium = unpacked()

    theirs = tmp_path / "DICOMDIR"
    command = ["dcmgpdir", "--quiet", "+D", theirs, "+id", medium, "+r", "DICOM"]
    subprocess.run(command, check=True, capture_output=True)

    command = ["dciodvfy", medium / "DICOMDIR"]
    checked = subprocess.run(command, check=False, capture_output=True, text=True)
    assert "BasicDirectory" in checked.stderr
    assert "Error" not in checked.stderr
    ours = records(medium / "DICOMDIR")
    assert sorted(ours) == sorted(records(theirs))
    assert ours.count("IMAGE") == 5
    assert ours.count("SR DOCUMENT") == 1


def test_three_files_under_one_uid_all_survive(project, unpacked, files_of, test_data):
    images = sorted((test_data / "dcm_qa_12bit" / "In").rglob("*.dcm"))
    # as they came: the engine tells them apart, and a run has each UID once
    copies = [add_image(add_study(project, []), image) for image in images]

    medium = unpacked()

    files = list(files_of(medium))
    assert len(files) == 3
    assert len({one.SOPInstanceUID for one in files}) == 1
    sums = {hashlib.sha256(Path(one.path).read_bytes()).hexdigest() for one in files}
    assert sums == {one.digest for one in copies}


def test_missing_keys_are_made_up_in_the_directory_alone(project, unpacked, files_of, tmp_path):
    make_mr_series(tmp_path / "a", n=1)
    (path,) = dicom_files(tmp_path / "a")
    image = pydicom.dcmread(path)
    for keyword in ("StudyDate", "StudyTime", "StudyID", "SeriesNumber", "InstanceNumber"):
        image[keyword].value = None
    del image.StudyDate
    image.PatientID = "BICAM_0001"
    image.save_as(path)
    outcome = add_image(add_study(project, []), path)

    medium = unpacked()

    (one,) = files_of(medium)
    assert (one.StudyDate, one.StudyTime, one.StudyID) == ("19000101", "000000", "1")
    assert (one.SeriesNumber, one.InstanceNumber) == (1, 1)
    assert hashlib.sha256(Path(one.path).read_bytes()).hexdigest() == outcome.digest


def test_names_in_other_letters_are_what_the_file_says(project, unpacked, files_of, tmp_path):
    make_mr_series(tmp_path / "a", n=1)
    (path,) = dicom_files(tmp_path / "a")
    image = pydicom.dcmread(path)
    image.SpecificCharacterSet = "ISO_IR 192"
    image.PatientID, image.StudyDescription = "BICAM_0001", "Kne høyre 膝"
    image.save_as(path)
    add_image(add_study(project, []), path)

    medium = unpacked()

    (one,) = files_of(medium)
    assert one.StudyDescription == "Kne høyre 膝"


def test_document_is_listed_with_its_title(project, unpacked, files_of, tmp_path):
    report = sr(PatientID="BICAM_0001", SpecificCharacterSet="ISO_IR 100")
    add_image(add_study(project, []), write(report, tmp_path / "report.dcm"))

    medium = unpacked()

    assert records(medium / "DICOMDIR")[-1] == "SR DOCUMENT"
    (one,) = files_of(medium)
    assert one.ConceptNameCodeSequence[0].CodeMeaning == "Diagnostic imaging report"


def test_readme_names_the_profile_only_if_every_file_follows_it(project, unpacked, tmp_path):
    make_mr_series(tmp_path / "a", n=1)
    add_study(project, dicom_files(tmp_path / "a"))
    (explicit,) = dicom_files(tmp_path / "a")
    implicit = pydicom.dcmread(explicit)
    implicit.PatientID = "BICAM_0002"

    told = (unpacked() / "README").read_text()
    write(implicit, tmp_path / "c.dcm", transfer_syntax=ImplicitVRLittleEndian)
    add_image(add_study(project, [], number=2), tmp_path / "c.dcm")
    told_then = (unpacked() / "README").read_text()

    assert "follows the general purpose profile STD-GEN" in told
    assert "1 file: Implicit VR Little Endian" in told_then
    assert "no general purpose profile" in told_then


def test_directory_and_files_say_the_same_after_the_ties_are_cut(
    project, unpacked, files_of, tmp_path
):
    make_mr_series(tmp_path / "a", n=2)
    run = add_study(project, dicom_files(tmp_path / "a"))
    study = run.outcomes.first().study_instance_uid

    medium = unpacked(MEDIUM.with_(ties="cut"))

    directory = (medium / "DICOMDIR").read_bytes()
    assert b"BICAM_0001" not in directory
    assert study.encode() not in directory
    for one in files_of(medium):
        header = pydicom.dcmread(one.path, stop_before_pixels=True)
        assert header.PatientID == one.PatientID
        assert header.SOPInstanceUID == one.SOPInstanceUID


@pytest.mark.parametrize("lost", [False, True], ids=["notes kept", "notes lost"])
def test_medium_built_in_many_short_turns_is_the_same(project, owner, build, tmp_path, lost):
    for number in (1, 2):
        make_mr_series(tmp_path / str(number), n=2, SeriesNumber=number)
        add_study(project, dicom_files(tmp_path / str(number)), number=number)
    undisturbed = build(project, MEDIUM)

    def lose(package: Package) -> None:
        notes = scratch_folder(package.pk) / "records.jsonl"
        if lost and notes.exists():
            notes.write_bytes(notes.read_bytes()[:-20])

    package = build_in_turns(owner, project, MEDIUM, between=lose)

    assert package.sha256 == undisturbed.sha256
