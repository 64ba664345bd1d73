"""Packages whose ties are cut: nothing of the research copy is in them, nor of another such one."""

import json
import pickle
import re
import subprocess
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import dcm2niix
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from deidentify.identity import Identity
from deidentify.plan import compile_plan
from deidentify.rewrite import rewrite as deidentify
from exports.building import turn
from exports.building.scratch import scratch_folder
from exports.errors import CannotTransform
from exports.specification import Attachment, Specification, Transformation
from exports.states import Format, State
from exports.untying import Drawn, Pseudonyms, cut_ties, what_stays_linkable
from exports.walking.edits import Level
from exports.walking.writing import rewrite
from tests.datasets import make_mr_series, mr, write
from tests.exports.conftest import path_of
from tests.exports.research_copies import add_study, dicom_files
from transfers.models import Outcome

EVERYBODY = Pseudonyms(["BICAM_0001", "BICAM_0002", "P_12"])
CUT = Specification(ties="cut")
OF_THE_STANDARD = re.compile(r"1\.2\.840\.10008\.")
TIES = (
    *("PatientID", "PatientName", "AccessionNumber", "StudyID", "DeviceSerialNumber"),
    *("StationName", "InstitutionName", "ClinicalTrialProtocolID", "ClinicalTrialSubjectID"),
)


def ties_of(data: Dataset) -> set[str]:
    """Return the UIDs, dates and identifiers of a data set, at every depth."""
    found = set()
    for element in data.iterall():
        if element.VR in ("UI", "DA", "DT") or element.keyword in TIES:
            values = element.value if isinstance(element.value, MultiValue) else [element.value]
            found |= {str(value) for value in values if value}
    return {value for value in found if len(value) > 4 and not OF_THE_STANDARD.match(value)}


def stands_in(tie: str, data: bytes) -> bool:
    """Whether a tie stands in some bytes, and not by chance among the digits of a drawn UID."""
    literal = re.escape(tie.encode())
    return re.search(rb"(?<!\d)" + literal + rb"(?!\d)", data) is not None


def cut(source: Path, target: Path, drawn: Drawn, *, keeps_intervals: bool = False) -> Dataset:
    level = Level()
    cut_ties(level, "BICAM_0001", 1, drawn, everybody=EVERYBODY, keeps_intervals=keeps_intervals)
    assert rewrite(source, target, level)
    return pydicom.dcmread(target)


def research_copy(source: Path, target: Path) -> Path:
    identity = Identity(project="BICAM", pseudonym="BICAM_0001", secret=bytes(32))
    deidentify(source, target, compile_plan(identity=identity), apart=target.name)
    return target


@pytest.fixture
def two_people(project, tmp_path):
    """Two participants, one of them with two studies."""
    for number, event in ((1, "baseline"), (1, "6month"), (2, "baseline")):
        folder = tmp_path / f"{number}{event}"
        make_mr_series(
            folder, n=2, StudyDate="20250103", SeriesDate="20250103",
            DeviceSerialNumber="4711-0815", ImageComments="of the second visit",
        )  # fmt: skip
        add_study(project, dicom_files(folder), number=number, event=event)
    return project


def images_in(path: Path) -> dict[str, Dataset]:
    with ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.endswith(".dcm")]
        return {name: pydicom.dcmread(BytesIO(archive.read(name))) for name in names}


def test_two_packages_share_nothing_with_each_other_nor_with_the_research_copy(two_people, build):
    plain, first, second = build(two_people), build(two_people, CUT), build(two_people, CUT)
    assert [one.state for one in (plain, first, second)] == [State.READY] * 3, first.reason

    before = set().union(*(ties_of(image) for image in images_in(path_of(plain)).values()))
    ties = [
        set().union(*(ties_of(image) for image in images_in(path_of(one)).values()))
        for one in (first, second)
    ]

    before.discard("BICAM")  # the manifest says whose package it is
    assert len(before) > 10
    assert min(len(one) for one in ties) > 10
    assert not ties[0] & ties[1]
    for package in (first, second):
        with ZipFile(path_of(package)) as archive:
            whole = b"".join(archive.read(name) for name in archive.namelist())
            names = "\n".join(archive.namelist())
        assert [tie for tie in before if stands_in(tie, whole)] == []
        assert b"BICAM_000" not in whole
        assert "BICAM_000" not in names


@pytest.mark.parametrize("form", sorted(set(Format) - {Format.DICOM}))
def test_no_format_says_who_it_was_when_ties_are_cut(form, two_people, build):
    attached = tuple(Attachment(kind=kind) for kind in ("series", "dictionary"))
    plain = build(two_people)
    before = set().union(*(ties_of(image) for image in images_in(path_of(plain)).values()))
    before.discard("BICAM")

    package = build(two_people, Specification(format=form, ties="cut", attachments=attached))

    assert package.state == State.READY, package.reason
    with ZipFile(path_of(package)) as archive:
        names = "\n".join(archive.namelist())
        whole = b"".join(archive.read(name) for name in archive.namelist())
    assert [tie for tie in before if stands_in(tie, whole) or tie in names] == []
    assert b"BICAM_000" not in whole
    assert "BICAM_000" not in names


def test_references_inside_the_package_still_lead_to_its_images(tmp_path):
    first, second = mr(patient_id="BICAM_0001"), mr(patient_id="BICAM_0001")
    item = Dataset()
    item.ReferencedSOPClassUID = first.SOPClassUID
    item.ReferencedSOPInstanceUID = first.SOPInstanceUID
    second.ReferencedImageSequence = [item]
    second.FrameOfReferenceUID = first.FrameOfReferenceUID
    drawn = Drawn()

    target, referring = (
        cut(write(one, tmp_path / "a.dcm"), tmp_path / f"{number}.dcm", drawn)
        for number, one in enumerate((first, second))
    )

    reference = referring.ReferencedImageSequence[0]
    assert reference.ReferencedSOPInstanceUID == target.SOPInstanceUID != first.SOPInstanceUID
    assert reference.ReferencedSOPClassUID == first.SOPClassUID
    assert referring.FrameOfReferenceUID == target.FrameOfReferenceUID
    assert target.FrameOfReferenceUID != first.FrameOfReferenceUID


def test_the_manifest_names_no_plan_no_pseudonym_and_no_sum_of_the_research_copy(two_people, build):
    package = build(two_people, CUT)

    with ZipFile(path_of(package)) as archive:
        text = archive.read("manifest.json").decode()
    digests = Outcome.objects.filter(run__transfer__project=two_people).values_list(
        "digest", flat=True
    )

    assert json.loads(text)["specification"]["ties"] == "cut"
    assert len(digests) == 6
    assert not [digest for digest in digests if digest in text]
    assert "d" * 64 not in text  # the plan's digest


def test_what_lies_in_the_scratch_folder_leads_nowhere(two_people, build, monkeypatch):
    seen = {}

    def stop_before_publishing(package, archive):
        for path in scratch_folder(package.pk).iterdir():
            if path.is_file() and path.suffix != ".part":
                seen[path.name] = path.read_text()
        raise CannotTransform("stopped by the test")

    monkeypatch.setattr(turn, "publish", stop_before_publishing)
    package = build(two_people, CUT)

    assert package.state == State.FAILED
    assert seen
    for text in seen.values():
        assert "BICAM_000" not in text
        assert "research/" not in text


def test_dates_go_unless_the_intervals_are_to_stay(tmp_path):
    drawn = Drawn()
    files = [
        write(mr(StudyDate=day, patient_id="BICAM_0001"), tmp_path / f"{day}.dcm")
        for day in ("20250103", "20250110")
    ]

    gone = [cut(path, tmp_path / "a", drawn) for path in files]
    kept = [cut(path, tmp_path / "a", drawn, keeps_intervals=True) for path in files]

    assert [image.StudyDate for image in gone] == ["", ""]
    first, second = (int(pydicom.valuerep.DA(image.StudyDate).toordinal()) for image in kept)
    assert second - first == 7
    assert "20250103" not in (kept[0].StudyDate, kept[1].StudyDate)
    assert kept[0].PatientBirthDate == ""


def test_times_are_cut_to_the_hour_and_texts_go_but_for_those_about_the_scan(tmp_path):
    dataset = mr(
        patient_id="BICAM_0001",
        SeriesDescription="T1 BICAM_0001 12.03.2026",
        ImageComments="seen by Odd Strand",
        DeviceSerialNumber="4711",
        OperatorsName="Strand^Odd",
        ReceiveCoilName="Head_32",
    )

    after = cut(write(dataset, tmp_path / "a.dcm"), tmp_path / "b.dcm", drawn := Drawn())

    assert after.StudyTime == "070000"
    assert after.SeriesDescription == f"T1 {drawn.participant('BICAM_0001')}"
    assert after.ReceiveCoilName == "Head_32"
    for keyword in ("ImageComments", "DeviceSerialNumber", "OperatorsName", "InstitutionName"):
        assert not after.get(keyword)
    assert after.Modality == "MR"


@pytest.mark.parametrize(
    ("said", "who"),
    [
        ("T1 bicam_0001", "BICAM_0001"),
        ("T1 BICAM-0001", "BICAM_0001"),
        ("T1 Bicam0001MR", "BICAM_0001"),
        ("T1 bicam 0002", "BICAM_0002"),
        ("T1 p12", "P_12"),
    ],
)
def test_a_pseudonym_goes_in_every_spelling_whosever_it_is(tmp_path, said, who):
    source = write(mr(SeriesDescription=said), tmp_path / "a.dcm")

    after = cut(source, tmp_path / "b.dcm", drawn := Drawn())

    assert after.SeriesDescription.removesuffix("MR") == f"T1 {drawn.participant(who)}"


def test_what_is_no_pseudonym_stays_and_a_text_that_gets_too_long_goes(tmp_path):
    dataset = mr(SeriesDescription="ep123 of BICAM", SequenceName="tof p_12 fast")

    after = cut(write(dataset, tmp_path / "a.dcm"), tmp_path / "b.dcm", Drawn())

    assert after.SeriesDescription == "ep123 of BICAM"
    assert not after.get("SequenceName")


def test_private_elements_stay_only_where_they_are_known_to_hold_numbers(tmp_path):
    dataset = mr()
    dataset.add_new((0x0019, 0x10), "LO", "SIEMENS MR HEADER")
    dataset.add_new((0x0019, 0x100C), "IS", "1000")
    dataset.add_new((0x0029, 0x10), "LO", "SOMEBODY ELSE")
    dataset.add_new((0x0029, 0x1001), "LO", "Strand^Odd")

    after = cut(write(dataset, tmp_path / "a.dcm"), tmp_path / "b.dcm", Drawn())

    assert after[0x0019, 0x100C].value == 1000
    assert (0x0029, 0x0010) not in after
    assert (0x0029, 0x1001) not in after


@pytest.mark.parametrize("folder", ["dcm_qa_nih", "dcm_qa_enh", "dcm_qa_12bit", "dcm_qa_pdt2"])
def test_real_series_lose_their_ties_and_no_voxel(folder, test_data, tmp_path):
    """Mosaics, enhanced multi-frame, one SOP Instance UID three times, scaled values."""
    drawn, copies, cuts = Drawn(), tmp_path / "copies", tmp_path / "cuts"
    copies.mkdir()
    cuts.mkdir()
    sources = sorted(path for path in (test_data / folder / "In").rglob("*.dcm"))
    for number, source in enumerate(sources[:: max(len(sources) // 30, 1)]):
        copy = research_copy(source, copies / f"{number:04}.dcm")
        after = cut(copy, cuts / copy.name, drawn)
        data = (cuts / copy.name).read_bytes()
        assert [tie for tie in ties_of(pydicom.dcmread(copy)) if stands_in(tie, data)] == []
        assert after.file_meta.MediaStorageSOPInstanceUID == after.SOPInstanceUID

    before, after_cut = (voxels(folder, tmp_path) for folder in (copies, cuts))

    assert before
    assert after_cut == before


TEXTS, BEHIND_THEM = 148, 252
"""Where NIfTI-1 has texts: dcm2niix writes the time of day and Image Comments there."""


def voxels(folder: Path, scratch: Path) -> list[bytes]:
    """Return geometry, timing, voxels and directions of all that dcm2niix makes of a folder."""
    target = scratch / f"{folder.name}-nifti"
    target.mkdir()
    command = [dcm2niix.bin, "-g", "i", "-d", "0", "-b", "n", "-z", "n", "-f", "%s_%p"]
    # A few slices of each series leave gaps, which dcm2niix tells by its status.
    subprocess.run([*command, "-o", target, folder], check=False, capture_output=True)
    images = (path.read_bytes() for path in target.glob("*.nii"))
    directions = (path.read_bytes() for path in target.glob("*.bv*"))
    return sorted([data[40:TEXTS] + data[BEHIND_THEM:] for data in images]) + sorted(directions)


def test_a_drawing_cannot_be_kept_and_is_never_the_same():
    one, other = Drawn(), Drawn()

    assert one.uid(b"1.2.3") == one.uid(b"1.2.3") != other.uid(b"1.2.3")
    assert one.participant("A") != other.participant("A")
    with pytest.raises(TypeError):
        pickle.dumps(one)
    with pytest.raises(CannotTransform):
        other.unseal(one.seal("line"))
    assert one.unseal(one.seal("linje æ")) == "linje æ"


def test_the_page_says_what_can_still_be_linked():
    intervals = Specification(ties="cut", keeps_intervals=True, format=Format.NIFTI)
    by_table = Specification(ties="cut", transformations=(Transformation(do="sex", table="t"),))

    assert what_stays_linkable(Specification()) == []
    assert "pixels" in what_stays_linkable(CUT)[0]
    assert len(what_stays_linkable(intervals)) == len(what_stays_linkable(CUT)) + 2
    assert any("table" in sentence for sentence in what_stays_linkable(by_table)[-1:])
