"""Rewriting one file: what is written and what stays."""

import hashlib
import struct
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from deidentify.known import Known
from deidentify.plan import compile_plan
from deidentify.rewrite import rewrite
from deidentify.rules import Rule
from tests.deidentify.samples import PATIENT_NAME, brain, identity, raw_file, save

NAMES = (b"bj\xf8rnstad", b"\xc5se", b"s\xf8rli", b"13836033390", b"acc7741", b"fjordheim")


def plan(profile="research", **kwargs):
    return compile_plan(profile, identity=identity(), **kwargs)


def rewritten(dataset, tmp_path, made=None, *, syntax=ExplicitVRLittleEndian, **kwargs):
    source = save(dataset, tmp_path / "source.dcm", syntax=syntax)
    target = tmp_path / "target.dcm"
    written = rewrite(source, target, made or plan(), **kwargs)
    return written, dcmread(target), target.read_bytes()


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
@pytest.mark.parametrize("profile", ["research", "basic", "mmiv-2019"])
def test_the_patient_is_gone_and_the_participant_is_there(tmp_path, syntax, profile):
    written, output, raw = rewritten(brain(), tmp_path, plan(profile), syntax=syntax)

    assert not [name for name in NAMES if name in raw.lower()]
    assert output.PatientID == output.PatientName == "BICAM_01_0007"
    assert output.InstitutionName == output.ClinicalTrialProtocolID == "BICAM"
    assert output.ClinicalTrialSubjectID == "BICAM_01_0007"
    assert output.ClinicalTrialTimePointID == "baseline"
    assert output.PatientIdentityRemoved == "YES"
    assert output.PixelData == brain().PixelData
    assert output.file_meta.MediaStorageSOPInstanceUID == output.SOPInstanceUID
    assert output.file_meta.TransferSyntaxUID == syntax
    assert written.sop_instance_uid == output.SOPInstanceUID
    assert written.study_instance_uid == output.StudyInstanceUID
    assert written.digest == hashlib.sha256(raw).hexdigest()
    assert written.size == len(raw)


def test_method_codes_name_what_was_carried_out_and_nothing_else(tmp_path):
    _, research, _ = rewritten(brain(), tmp_path)
    _, basic, _ = rewritten(brain(), tmp_path, plan("basic"))

    codes = [item.CodeValue for item in research.DeidentificationMethodCodeSequence]
    assert codes == ["113100", "113105", "113107", "113108", "113109", "113111"]
    assert [item.CodeValue for item in basic.DeidentificationMethodCodeSequence] == ["113100"]
    assert research.LongitudinalTemporalInformationModified == "MODIFIED"
    assert basic.LongitudinalTemporalInformationModified == "REMOVED"


def test_dates_move_by_the_participants_shift_and_times_stay(tmp_path):
    made = plan()

    _, output, _ = rewritten(brain(AcquisitionDateTime="20240312101501.25+0100"), tmp_path, made)

    assert output.StudyDate == made.shift_date("20240312") != "20240312"
    assert output.AcquisitionDateTime == output.StudyDate + "101501.25+0100"
    assert output.StudyTime == "101500"
    assert output.PatientBirthDate == ""
    assert output.PatientAge == "064Y"


def test_study_id_and_accession_number_are_digests_of_the_study(tmp_path):
    _, first, _ = rewritten(brain(), tmp_path)
    bare = brain(SOPInstanceUID="1.2.3.4.9")
    del bare.AccessionNumber, bare.StudyID
    _, second, _ = rewritten(bare, tmp_path)
    _, other, _ = rewritten(brain(StudyInstanceUID="1.2.3.4.5"), tmp_path)

    assert len(first.StudyID) == len(first.AccessionNumber) == 16
    assert (first.StudyID, first.AccessionNumber) == (second.StudyID, second.AccessionNumber)
    assert first.StudyID != first.AccessionNumber
    assert other.StudyID != first.StudyID


def test_references_follow_and_well_known_uids_stay(tmp_path):
    reference = Dataset()
    reference.ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.4"
    reference.ReferencedSOPInstanceUID = "1.2.3.4.77"
    made = plan()

    _, output, _ = rewritten(brain(ReferencedImageSequence=[reference]), tmp_path, made)

    assert output.ReferencedImageSequence[0].ReferencedSOPInstanceUID == made.new_uid("1.2.3.4.77")
    assert output.ReferencedImageSequence[0].ReferencedSOPClassUID == output.SOPClassUID


def nested(depth, **leaf):
    item = Dataset()
    for keyword, value in leaf.items():
        setattr(item, keyword, value)
    for _ in range(depth):
        outer = Dataset()
        outer.ReferencedSeriesSequence = [item]
        item = outer
    return item.ReferencedSeriesSequence


@pytest.mark.parametrize("undefined", [True, False])
@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_sequences_are_entered_to_any_depth(tmp_path, undefined, syntax):
    sequence = nested(
        6, SeriesInstanceUID="1.2.3.4.88", PatientName="Bjørnstad^Åse", ImageComments="Åse, knee"
    )
    inner = sequence
    while inner is not None:
        inner.is_undefined_length = undefined
        for item in inner:
            item.is_undefined_length_sequence_item = undefined
        inner = inner[0].get("ReferencedSeriesSequence")

    made = plan()
    _, output, raw = rewritten(
        brain(ReferencedSeriesSequence=sequence), tmp_path, made, syntax=syntax
    )

    item = output
    while "ReferencedSeriesSequence" in item:
        item = item.ReferencedSeriesSequence[0]
    assert item.SeriesInstanceUID == made.new_uid("1.2.3.4.88")
    assert item.ImageComments == "knee"
    assert not [name for name in NAMES if name in raw.lower()]


def test_a_sequence_stored_as_un_is_entered_as_implicit_vr(tmp_path):
    uid = b"1.2.3.4.99"
    name = "Bjørnstad^Åse".encode("latin-1") + b" "
    item = struct.pack("<HHL", 8, 0x1155, len(uid)) + uid
    item += struct.pack("<HHL", 0x10, 0x10, len(name)) + name
    content = struct.pack("<HHL", 0xFFFE, 0xE000, len(item)) + item
    stored = struct.pack("<HH2sHL", 0x0008, 0x1140, b"UN", 0, len(content)) + content
    source = raw_file(tmp_path, lambda raw: raw.replace(PATIENT_NAME, stored + PATIENT_NAME))
    target = tmp_path / "target.dcm"
    made = plan()

    rewrite(source, target, made)

    raw = target.read_bytes()
    assert uid not in raw
    assert made.new_uid(uid.decode()).encode() in raw
    assert b"rnstad" not in raw
    assert dcmread(target).ReferencedImageSequence[0].ReferencedSOPInstanceUID.startswith("2.25.")
    assert dcmread(target).PixelData == brain().PixelData


def test_private_elements_stay_by_creator_whatever_their_block(tmp_path):
    dataset = brain()
    safe = dataset.private_block(0x0019, "SIEMENS MR HEADER", create=True)
    unknown = dataset.private_block(0x0019, "SOMEBODY ELSE", create=True)
    unknown.add_new(0x0C, "LO", "Bjørnstad")
    moved = dataset.private_block(0x0051, "AN UNKNOWN ONE", create=True)
    moved.add_new(0x01, "LO", "value")
    second = dataset.private_block(0x0051, "SIEMENS MR HEADER", create=True)
    second.add_new(0x0F, "LO", "HEA;HEP Bjørnstad")
    safe.add_new(0x0C, "IS", "1000")
    safe.add_new(0x7F, "LO", "not on the list")

    _, output, raw = rewritten(dataset, tmp_path)

    assert output.private_block(0x0019, "SIEMENS MR HEADER")[0x0C].value == 1000
    assert output.private_block(0x0051, "SIEMENS MR HEADER")[0x0F].value == "HEA;HEP"
    assert b"SOMEBODY" not in raw
    assert b"UNKNOWN" not in raw
    assert b"not on the list" not in raw
    tags = [element.tag for element in output]
    assert tags == sorted(tags)


def test_basic_keeps_no_private_element(tmp_path):
    dataset = brain()
    dataset.private_block(0x0019, "SIEMENS MR HEADER", create=True).add_new(0x0C, "IS", "1000")

    _, output, _ = rewritten(dataset, tmp_path, plan("basic"))

    assert not [element for element in output if element.tag.is_private]


def test_texts_no_table_lists_are_cleaned_at_any_depth(tmp_path):
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator = "T-A0100", "SRT"
    code.CodeMeaning = "Brain of Åse Bjørnstad"
    dataset = brain(AnatomicRegionSequence=[code], SequenceName="ep2d Bjørnstad")

    _, output, _ = rewritten(dataset, tmp_path)

    assert output.AnatomicRegionSequence[0].CodeMeaning == "Brain of"
    assert output.SequenceName == "ep2d"


def test_what_siblings_told_is_searched_too(tmp_path):
    known = Known()
    known.read(save(brain(PerformingPhysicianName="Nordmo^Kari"), tmp_path / "sibling.dcm"))
    known.add("identifier", "PROSJEKT-88")
    dataset = brain(StudyDescription="MR hjerne Nordmo PROSJEKT-88")

    _, alone, _ = rewritten(dataset, tmp_path)
    _, together, _ = rewritten(dataset, tmp_path, known=known)

    assert alone.StudyDescription == "MR hjerne Nordmo PROSJEKT-88"
    assert together.StudyDescription == "MR hjerne"


def test_the_order_of_files_does_not_matter(tmp_path):
    first = save(brain(OperatorsName="Nordmo^Kari"), tmp_path / "1.dcm")
    second = save(brain(StudyDescription="Nordmo hjerne"), tmp_path / "2.dcm")
    forward, backward = plan(), plan()

    digests = [rewrite(p, tmp_path / "o.dcm", forward).digest for p in (first, second, first)]
    reverse = [rewrite(p, tmp_path / "o.dcm", backward).digest for p in (second, first)]

    assert digests[:2] == reverse[::-1]
    assert digests[0] == digests[2]


def test_preamble_meta_group_lengths_padding_and_trailing_bytes_do_not_go_along(tmp_path):
    dataset = brain()
    dataset.add_new(0x00100000, "UL", 4)
    dataset.add_new(0xFFFCFFFC, "OB", b"Bjoernstad")
    source = save(dataset, tmp_path / "source.dcm")
    again = dcmread(source)
    again.file_meta.SourceApplicationEntityTitle = "BJORNSTAD"
    again.file_meta.PrivateInformationCreatorUID = "1.2.3.4.111"
    again.file_meta.PrivateInformation = b"Bjoernstad"
    again.preamble = b"Bjoernstad".ljust(128, b"!")
    again.save_as(source, enforce_file_format=True)
    source.write_bytes(source.read_bytes() + b"Bjoernstad")
    target = tmp_path / "target.dcm"

    rewrite(source, target, plan())

    raw = target.read_bytes()
    assert b"bj" not in raw.lower()
    assert b"1.2.3.4.111" not in raw
    assert raw[:128] == bytes(128)
    output = dcmread(target)
    assert (0x00100000) not in output
    assert output.PixelData == dataset.PixelData


def test_instances_kept_apart_get_another_uid_but_stay_in_their_series(tmp_path):
    _, first, _ = rewritten(brain(), tmp_path)
    _, second, _ = rewritten(brain(), tmp_path, apart="other content")

    assert first.SOPInstanceUID != second.SOPInstanceUID
    assert second.file_meta.MediaStorageSOPInstanceUID == second.SOPInstanceUID
    assert first.SeriesInstanceUID == second.SeriesInstanceUID


@pytest.mark.parametrize(
    "name", ["MR_small_bigendian.dcm", "image_dfl.dcm", "SC_rgb_small_odd_big_endian.dcm"]
)
def test_what_cannot_be_streamed_is_normalised_and_takes_the_same_way(tmp_path, name):
    source = get_testdata_file(name)
    target = tmp_path / "target.dcm"

    rewrite(Path(source), target, plan())

    output = dcmread(target)
    assert output.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert output.PatientID == "BICAM_01_0007"
    assert (output.pixel_array == dcmread(source).pixel_array).all()


@pytest.mark.parametrize("syntax", [ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian])
def test_other_encodings_lose_the_patient_too(tmp_path, syntax):
    source = tmp_path / "source.dcm"
    dataset = brain()
    dataset.PixelData = b""
    save(dataset, source, syntax=syntax)
    target = tmp_path / "target.dcm"

    rewrite(source, target, plan())

    assert not [name for name in NAMES if name in target.read_bytes().lower()]


def test_a_projects_rule_wins(tmp_path):
    rules = [
        Rule("(0008,1030)", "replace", "resting state"),
        Rule("(0018,1030)", "remove"),
        Rule("(0008,0070)", "empty"),
        Rule("(0008,1140)(0008,1155)", "keep"),
    ]
    reference = Dataset()
    reference.ReferencedSOPInstanceUID = "1.2.3.4.77"
    dataset = brain(ProtocolName="protocol", ReferencedImageSequence=[reference])

    _, output, _ = rewritten(dataset, tmp_path, plan(rules=rules))

    assert output.StudyDescription == "resting state"
    assert "ProtocolName" not in output
    assert output.Manufacturer == ""
    assert output.ReferencedImageSequence[0].ReferencedSOPInstanceUID == "1.2.3.4.77"


# -- bad input -----------------------------------------------------------------------------------
