"""A BIDS package is a valid data set, by the judgement of others."""

import json
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import dcm2niix
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
from exports.states import State
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


REAL = {
    "Siemens, four directions": "dcm_qa_nih/In/20180918Si",
    "GE, one run": "dcm_qa_nih/In/20180918GE/mr_0004",
    "Philips field map and Siemens": "dcm_qa_enh/In",
    "proton density and T2": "dcm_qa_pdt2/In",
}


@pytest.mark.parametrize("name", REAL.values(), ids=REAL)
def test_real_studies_become_a_valid_data_set(name, owner, project, test_data, tmp_path):
    add_all(project, test_data / name)

    folder = unpacked(owner, project, tmp_path / "out")

    assert verdict(folder)["error"] == []
    images = [one for one in files(folder) if one.endswith(".nii.gz")]
    assert any(one.startswith("sub-") for one in images)
    assert all(nibabel.load(folder / one).shape for one in images)


@pytest.fixture
def study(project, tmp_path) -> None:
    """A participant with two alike series, a derived one, a localizer, an odd one, and a CT."""
    uid = new_uid()
    common = {"n": 2, "study_instance_uid": uid}
    make_mr_series(tmp_path / "a1", SeriesNumber=1, **common)
    make_mr_series(tmp_path / "a2", SeriesNumber=2, **common)
    make_mr_series(
        tmp_path / "a3", SeriesNumber=3, ImageType=["DERIVED", "SECONDARY", "MPR"], **common
    )
    make_mr_series(tmp_path / "a4", SeriesNumber=4, SeriesDescription="Scout", **common)
    make_mr_series(tmp_path / "a5", SeriesNumber=5, SeriesDescription="Sekvens 7", **common)
    make_mr_series(tmp_path / "a6", SeriesNumber=6, SeriesDescription="DTI 64", **common)
    make_ct_series(tmp_path / "a7", SeriesNumber=7, SeriesDescription="Thorax", **common)
    paths = [path for number in range(1, 8) for path in dicom_files(tmp_path / f"a{number}")]
    add_study(project, paths)


def test_series_are_named_numbered_set_aside_and_left_out_with_reasons(
    owner, project, study, tmp_path
):
    folder = unpacked(owner, project, tmp_path / "out", columns=["sex", "age"])

    top, top_aside = "sub-BICAM0001/ses-baseline", "sourcedata/sub-BICAM0001/ses-baseline"
    images = [one for one in files(folder) if one.endswith(".nii.gz")]
    assert images == [
        f"{top_aside}/0003_T1_MPRAGE.nii.gz",
        f"{top_aside}/0005_Sekvens_7.nii.gz",
        f"{top_aside}/0006_DTI_64.nii.gz",
        f"{top_aside}/0007_Thorax.nii.gz",
        f"{top}/anat/sub-BICAM0001_ses-baseline_run-1_T1w.nii.gz",
        f"{top}/anat/sub-BICAM0001_ses-baseline_run-2_T1w.nii.gz",
    ]
    manifest = json.loads((folder / "manifest.json").read_text())
    assert [(one["folder"], one["images"]) for one in manifest["left_out"]] == [
        (f"{top}/0004_Scout", 2)
    ]
    sidecar = json.loads((folder / top_aside / "0006_DTI_64.json").read_text())
    assert "gradients" in sidecar["NotInTheDataSetBecause"]
    table = (folder / "participants.tsv").read_text().splitlines()
    assert table[0] == "participant_id\tage\tsex"
    assert table[1].split("\t")[::2] == ["sub-BICAM0001", "F"]
    assert verdict(folder)["error"] == []


GRADIENTS = [(0.0, [0.0, 0.0, 0.0]), (1000.0, [1.0, 0.0, 0.0]), (1000.0, [0.0, 1.0, 0.0])]


def make_diffusion(folder: Path) -> list[Path]:
    """Write three volumes of three slices with the gradients of the standard (PS3.3 C.8.13.5.9)."""
    study, series = new_uid(), new_uid()
    paths = []
    for number, (strength, direction) in enumerate(GRADIENTS, start=1):
        paths += make_mr_series(
            folder / str(number),
            n=3,
            study_instance_uid=study,
            series_instance_uid=series,
            SeriesDescription="DTI 64",
            Manufacturer="SIEMENS",
            AcquisitionNumber=number,
            DiffusionBValue=strength,
            DiffusionGradientOrientation=direction,
            ImageOrientationPatient=[1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
        )
    for number, path in enumerate(paths, start=1):  # of the whole series, as scanners count
        image = pydicom.dcmread(path)
        image.InstanceNumber = number
        image.save_as(path)
    return paths


def test_gradients_of_a_diffusion_series_are_those_of_the_original(owner, project, tmp_path):
    paths = make_diffusion(tmp_path / "in")
    add_study(project, paths)
    (tmp_path / "hand").mkdir()
    command = [dcm2niix.bin, "-z", "n", "-f", "a", "-o", tmp_path / "hand"]
    subprocess.run([*command, tmp_path / "in"], check=True, capture_output=True)

    folder = unpacked(owner, project, tmp_path / "out")

    stem = folder / "sub-BICAM0001/ses-baseline/dwi/sub-BICAM0001_ses-baseline_dwi"
    assert (tmp_path / "hand/a.bval").read_text().split() == ["0", "1000", "1000"]
    for ending in (".bval", ".bvec"):
        original = tmp_path / f"hand/a{ending}"
        assert stem.with_suffix(ending).read_bytes() == original.read_bytes()
    assert verdict(folder)["error"] == []


def test_package_whose_ties_are_cut_names_nobody(owner, project, study, opened):
    asked = read_specification({"format": "bids", "ties": "cut"})
    package = request_package(by=owner, project=project, specification=asked, participants=None)

    tasks.build_package(package.pk)

    package.refresh_from_db()
    assert package.state == State.READY, package.reason
    whole = opened(package)
    names = " ".join(whole.namelist())
    assert "_T1w.nii.gz" in names
    assert "BICAM0001" not in names
    assert "BICAM0001" not in whole.read("participants.tsv").decode()


def test_what_a_person_decided_names_the_files(owner, project, study, tmp_path):
    rows = [
        Row(Kind("MR", "Sekvens 7"), "anat/FLAIR", acq="odd"),
        Row(Kind("MR", "T1 MPRAGE"), OUT),
    ]
    save_mapping(by=owner, project=project, rows=rows, reason="because", since=0)

    folder = unpacked(owner, project, tmp_path / "out", unmapped="leave_out")

    images = [one for one in files(folder) if one.endswith(".nii.gz")]
    name = "sub-BICAM0001_ses-baseline_acq-odd_FLAIR.nii.gz"
    assert images == [f"sub-BICAM0001/ses-baseline/anat/{name}"]
    assert "version 1" in (folder / "README.md").read_text()


def test_mapping_that_was_saved_later_changes_no_package_that_was_asked_for(
    owner, project, study, opened
):
    package = request_package(
        by=owner, project=project, specification=specification(), participants=None
    )
    row = Row(Kind("MR", "T1 MPRAGE"), "anat/T2w")
    save_mapping(by=owner, project=project, rows=[row], reason="because", since=0)

    tasks.build_package(package.pk)

    package.refresh_from_db()
    names = opened(package).namelist()
    assert any(name.endswith("_T1w.nii.gz") for name in names)
    assert not any(name.endswith("_T2w.nii.gz") for name in names)


def test_events_that_letters_and_digits_do_not_tell_apart_are_refused(owner, project, tmp_path):
    make_mr_series(tmp_path / "a", n=1)
    for name in ("6-month", "6month"):
        if not project.events.filter(name=name).exists():
            project.events.create(name=name, position=project.events.count() + 1)
        add_study(project, dicom_files(tmp_path / "a"), event=name)
    package = request_package(
        by=owner, project=project, specification=specification(), participants=None
    )

    tasks.build_package(package.pk)

    package.refresh_from_db()
    assert package.state == State.FAILED
    assert "two of the events have the same name" in package.reason


def test_two_builds_are_byte_identical_and_say_nothing_of_the_time_of_day(
    owner, project, study, opened
):
    packages = []
    for _ in range(2):
        asked = specification()
        one = request_package(by=owner, project=project, specification=asked, participants=None)
        tasks.build_package(one.pk)
        one.refresh_from_db()
        packages.append(one)

    first, second = (path_of(one).read_bytes() for one in packages)

    assert first == second
    whole = opened(packages[0])
    texts = [whole.read(name) for name in whole.namelist() if name.endswith(".json")]
    assert not any(b"AcquisitionTime" in text for text in texts)
