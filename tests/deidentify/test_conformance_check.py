"""What breaks the standard in an output is found, what its source broke already is not."""

import struct
import warnings
from collections import defaultdict
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_files
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
)

from deidentify.conformance import ConformanceCheck
from deidentify.conformance.waivers import waiver_of
from deidentify.errors import Refused
from deidentify.plan import compile_plan
from deidentify.rewrite import rewrite
from deidentify.verify import main
from tests.datasets import ct, mr, sr, write
from tests.deidentify.samples import identity, real_files
from tests.services.dicom3tools import dciodvfy

PLANS = {
    "research": compile_plan(identity=identity()),
    "basic": compile_plan("basic", identity=identity()),
    "basic, safe private": compile_plan(
        "basic", identity=identity(), options=["retain-safe-private"]
    ),
    "mmiv-2019": compile_plan("mmiv-2019", identity=identity()),
}
PER_FOLDER = 5
SLICE_THICKNESS = struct.pack("<HH2sH", 0x0018, 0x0050, b"DS", 4)
MODALITY = struct.pack("<HH2sH", 0x0008, 0x0060, b"CS", 2) + b"CT"


def image(**attributes):
    """A CT slice that refers to another, and names the trial it belongs to."""
    other = Dataset()
    other.ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    other.ReferencedSOPInstanceUID = "2.25.4711"
    return ct(
        ReferencedImageSequence=[other],
        ClinicalTrialSponsorName="Helse",
        ClinicalTrialProtocolID="BICAM",
        ClinicalTrialProtocolName="",
        ClinicalTrialSiteID="",
        ClinicalTrialSiteName="",
        ClinicalTrialSubjectID="BICAM_1",
        AcquisitionNumber=None,
        Laterality="",
        PositionReferenceIndicator="",
        **attributes,
    )


def report():
    """A structured report, whose texts are required under a condition."""
    return sr()


def without(keyword):
    def damage(dataset):
        del dataset[keyword]

    return damage


def having(keyword, value, vr=""):
    """Set an element without anybody looking at the value."""

    def damage(dataset):
        tag = Tag(keyword)
        vr_of = vr or (dataset[tag].VR if tag in dataset else "")
        dataset[tag] = DataElement(tag, vr_of, value, already_converted=not isinstance(value, list))

    return damage


def without_reference(dataset):
    del dataset.ReferencedImageSequence[0].ReferencedSOPInstanceUID


def without_text(dataset):
    del dataset.ContentSequence[1].TextValue


def without_code(dataset):
    dataset.ConceptNameCodeSequence[0].CodeMeaning = ""


DAMAGES = {
    "a required attribute removed": (image, without("Rows"), "(0028,0010)"),
    "a required attribute emptied": (image, having("Modality", ""), "(0008,0060)"),
    "an attribute that may be empty removed": (image, without("StudyDate"), "(0008,0020)"),
    "a required attribute of an item removed": (
        image,
        without_reference,
        "(0008,1140)[0](0008,1155)",
    ),
    "a required attribute of a deeper item emptied": (
        report,
        without_code,
        "(0040,A043)[0](0008,0104)",
    ),
    "one of a module that stays": (image, without("ClinicalTrialSponsorName"), "(0012,0010)"),
    "one required under a condition": (report, without_text, "(0040,A730)[1](0040,A160)"),
    "a day that is none": (image, having("StudyDate", "20240231"), "(0008,0020)"),
    "a month that is none": (image, having("StudyDate", "20241301"), "(0008,0020)"),
    "an hour that is none": (image, having("StudyTime", "250000"), "(0008,0030)"),
    "a number that is none": (image, having("KVP", "much"), "(0018,0060)"),
    "a whole number that is none": (image, having("SeriesNumber", "1.5"), "(0020,0011)"),
    "a name of six parts": (
        image,
        lambda dataset: setattr(dataset, "ReferringPhysicianName", "a^b^c^d^e^f"),
        "(0008,0090)",
    ),
    "an age that is none": (image, having("PatientAge", "64", "AS"), "(0010,1010)"),
    "small letters in a code": (image, having("Modality", "ct"), "(0008,0060)"),
    "a UID with a leading zero": (image, having("FrameOfReferenceUID", "2.25.01"), "(0020,0052)"),
    "a text that is too long": (image, having("AccessionNumber", "7" * 17), "(0008,0050)"),
    "one value where two belong": (image, having("PixelSpacing", "1"), "(0028,0030)"),
    "two values where one belongs": (image, having("KVP", "1\\2"), "(0018,0060)"),
    "two numbers where one belongs": (image, having("Rows", [1, 2]), "(0028,0010)"),
    "a sex that is none": (image, having("PatientSex", "X"), "(0010,0040)"),
    "a control character": (image, having("StudyID", "1\x07"), "(0020,0010)"),
    "a character set nobody knows": (
        image,
        having("SpecificCharacterSet", "LATIN1"),
        "(0008,0005)",
    ),
}


def conforming(check, source, target):
    return [(finding.kind, finding.path) for finding in check.examine(source, target)]


@pytest.mark.parametrize("name", DAMAGES)
@pytest.mark.parametrize("syntax", [None, ImplicitVRLittleEndian])
def test_new_damage_is_found_at_its_place_and_what_the_source_had_is_not(tmp_path, name, syntax):
    make, damage, path = DAMAGES[name]
    syntax = {"transfer_syntax": syntax} if syntax else {}
    dataset = make()
    source = write(dataset, tmp_path / "source.dcm", **syntax)
    damage(dataset)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        target = write(dataset, tmp_path / "target.dcm", **syntax)
    check = ConformanceCheck(outputs={})

    assert check.examine(source, source) == []
    assert ("conformance", path) in conforming(check, source, target)
    assert {where for _, where in conforming(check, source, target)} == {path}
    assert check.examine(target, target) == []


def patched(path, old, new):
    """Change the bytes of a file, of which `old` stands there once."""
    data = path.read_bytes()
    assert data.count(old) == 1
    copy = path.with_name("patched.dcm")
    copy.write_bytes(data.replace(old, new))
    return copy


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        (
            SLICE_THICKNESS + b"1.0 ",
            struct.pack("<HH2sH", 0x0018, 0x0050, b"DS", 3) + b"1.0",
            "(0018,0050)",
        ),
        (SLICE_THICKNESS, struct.pack("<HH2sH", 0x0008, 0x0050, b"SH", 4), "(0008,0050)"),
        (MODALITY, MODALITY + MODALITY, "(0008,0060)"),
        (b"\x18\x00\x50\x00DS", b"\x18\x00\x50\x00SH", "(0018,0050)"),
        (b"UI\x04\x002.2", b"UI\x04\x002.3", "file meta (0002,0003)"),
    ],
    ids=[
        "odd length",
        "out of order",
        "twice",
        "a VR that cannot be",
        "another instance in the meta",
    ],
)
def test_broken_bytes_are_found(tmp_path, old, new, path):
    dataset = image(SOPInstanceUID="2.2")
    source = write(dataset, tmp_path / "source.dcm")
    data = source.read_bytes()
    if path.startswith("file meta"):
        at = data.index(old)
        target = tmp_path / "patched.dcm"
        target.write_bytes(data[:at] + new + data[at + len(new) :])
    else:
        target = patched(source, old, new)

    found = conforming(ConformanceCheck(outputs={}), source, target)

    assert ("conformance", path) in found


def test_letters_that_the_declared_set_lacks_are_found(tmp_path):
    dataset = image(SpecificCharacterSet="ISO_IR 192", StudyDescription="kne")
    source = write(dataset, tmp_path / "source.dcm")
    target = patched(source, b"kne ", b"kn\xe5 ")

    found = ConformanceCheck(outputs={}).examine(source, target)

    assert [finding.path for finding in found] == ["(0008,1030)"]
    assert "character set" in found[0].sentence


@pytest.mark.parametrize("charset", ["ISO_IR 192", "ISO_IR 100", ["", "ISO 2022 IR 100"]])
def test_letters_of_the_declared_set_are_no_finding(tmp_path, charset):
    plain = write(image(SpecificCharacterSet=charset), tmp_path / "source.dcm")
    target = write(
        image(SpecificCharacterSet=charset, StudyDescription="Blåbærveien"), tmp_path / "ours.dcm"
    )

    assert ConformanceCheck(outputs={}).examine(plain, target) == []


def test_an_output_that_is_cut_off_is_not_passed(tmp_path):
    source = write(image(), tmp_path / "source.dcm")
    target = tmp_path / "target.dcm"
    target.write_bytes(source.read_bytes()[:700])

    found = ConformanceCheck(outputs={}).examine(source, target)

    assert [finding.path for finding in found] == ["file"]


def test_a_verdict_on_an_output_that_cannot_be_judged_carries_to_no_other(tmp_path):
    marks = []
    for number in ("1", "2"):
        source = write(image(InstanceNumber=number), tmp_path / f"{number}.dcm")
        target = tmp_path / f"{number}.cut"
        target.write_bytes(source.read_bytes()[:-100])
        (finding,) = ConformanceCheck(outputs={}).examine(source, target)
        marks.append(finding.fingerprint)

    assert len(set(marks)) == 2


def test_a_finding_names_the_attribute_and_never_the_value(tmp_path):
    dataset = image()
    source = write(dataset, tmp_path / "source.dcm")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset.AccessionNumber = "Bjornstad 1954 8841"
        target = write(dataset, tmp_path / "target.dcm")

    (found,) = ConformanceCheck(outputs={}).examine(source, target)

    assert "AccessionNumber" in found.sentence
    assert "jornstad" not in repr(found)


def test_a_verdict_carries_to_the_same_fault_of_the_same_kind_of_image_alone(tmp_path):
    marks = set()
    for number, make in enumerate([image, image, mr]):
        dataset = make()
        source = write(dataset, tmp_path / f"{number}.dcm")
        del dataset.StudyDate
        (found,) = ConformanceCheck(outputs={}).examine(
            source, write(dataset, tmp_path / f"{number}-ours.dcm")
        )
        marks.add(found.fingerprint)

    assert len(marks) == 2


@pytest.mark.parametrize(
    "syntax", [ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian]
)
def test_sources_in_other_encodings_are_compared_alike(tmp_path, syntax):
    dataset = image()
    del dataset.SliceThickness  # wrong from the beginning
    source = write(dataset, tmp_path / "source.dcm", transfer_syntax=syntax)
    target = tmp_path / "target.dcm"
    rewrite(source, target, PLANS["research"])
    ours = dcmread(target)
    del ours.Columns
    ours.save_as(tmp_path / "damaged.dcm")
    check = ConformanceCheck(outputs={})

    assert check.examine(source, target) == []
    assert conforming(check, source, tmp_path / "damaged.dcm") == [("conformance", "(0028,0011)")]


def sample():
    """Some files of every folder of the real studies, and pydicom's own."""
    seen = defaultdict(int)
    for path in real_files():
        seen[path.parent] += 1
        if seen[path.parent] <= PER_FOLDER:
            yield path
    yield from (Path(path) for path in get_testdata_files() if "dicomdirtests" not in path)


@pytest.mark.parametrize("name", PLANS)
def test_no_real_image_gains_a_finding(tmp_path, name):
    plan = PLANS[name]
    studies = defaultdict(list)
    for number, path in enumerate(sample()):
        try:
            written = rewrite(path, tmp_path / f"{number}.dcm", plan, digest=False)
        except Refused:
            continue
        studies[written.study_instance_uid].append((path, tmp_path / f"{number}.dcm"))

    found = []
    for pairs in studies.values():
        check = ConformanceCheck(outputs={}, waives=waiver_of(plan.profile.name))
        for source, target in pairs:
            found += [(source.name, one) for one in check.examine(source, target)]
        for source, target in pairs if check.agreement.is_broken else ():
            found += [(source.name, one) for one in check.compare(source, target)]
    assert found == []
    assert sum(len(pairs) for pairs in studies.values()) >= 90


def test_the_old_installations_holes_are_waived_for_its_profile_alone(tmp_path):
    source = write(mr(), tmp_path / "source.dcm")
    target = tmp_path / "target.dcm"
    rewrite(source, target, PLANS["mmiv-2019"])

    strict = ConformanceCheck(outputs={}).examine(source, target)
    waived = ConformanceCheck(outputs={}, waives=waiver_of("mmiv-2019")).examine(source, target)

    assert "(0012,0010)" in [one.path for one in strict]
    assert waived == []


def test_what_dciodvfy_sees_when_an_attribute_is_taken_away_is_seen_here_too(tmp_path):
    """One attribute after the other, of an output."""
    source = write(image(), tmp_path / "source.dcm")
    base = tmp_path / "base.dcm"
    rewrite(source, base, PLANS["research"])
    damaged = {}
    for tag in dcmread(base).keys() - {0x7FE00010}:
        dataset = dcmread(base)
        del dataset[tag]
        damaged[tag] = tmp_path / f"{tag}.dcm"
        dataset.save_as(damaged[tag], enforce_file_format=False)
    check = ConformanceCheck(outputs={})

    errors = dciodvfy([base, *damaged.values()])

    seen = {tag for tag, path in damaged.items() if errors[path] - errors[base]}
    found = {tag for tag, path in damaged.items() if check.examine(base, path)}
    assert len(seen) >= 20
    assert seen - found == set()


def test_the_folder_check_tells_of_it(tmp_path, capsys):
    source, target = tmp_path / "source", tmp_path / "target"
    dataset = image()
    path = write(dataset, source / "1.dcm")
    target.mkdir()
    rewrite(path, target / "1.dcm", PLANS["research"])
    assert main([str(source), str(target)]) == 0
    ours = dcmread(target / "1.dcm")
    del ours.Columns
    ours.save_as(target / "1.dcm")

    status = main([str(source), str(target)])

    assert status == 1
    assert "conformance" in capsys.readouterr().out
