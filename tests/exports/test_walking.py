"""The walk over a header: all that files can be, and that everything else stays as it was."""

from pathlib import Path

import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from exports.errors import CannotTransform
from exports.specification import Transformation
from exports.walking.writing import set_elements
from tests.datasets import mr, sr, write
from tests.exports.headers import changed, differing, read

SETS = Transformation(do="set", element="SeriesDescription", value="T1 after")


def nested() -> Dataset:
    item, inner = Dataset(), Dataset()
    inner.CodeValue, inner.CodingSchemeDesignator, inner.CodeMeaning = "T-A0100", "SRT", "Brain"
    item.ProcedureCodeSequence = [inner]
    item.StudyID = "A 1"
    return item


@pytest.mark.parametrize(
    "syntax",
    [
        ExplicitVRLittleEndian,
        ImplicitVRLittleEndian,
        ExplicitVRBigEndian,
        DeflatedExplicitVRLittleEndian,
    ],
)
def test_only_the_named_element_changes_in_every_transfer_syntax(syntax, tmp_path):
    source = write(mr(), tmp_path / "a.dcm", transfer_syntax=syntax)

    after = read(changed(source, SETS))

    assert after.SeriesDescription == "T1 after"
    before = read(source)
    assert set(differing(before, after)) - {"PixelData"} == {"SeriesDescription"}
    assert (after.pixel_array == before.pixel_array).all()


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
@pytest.mark.parametrize("is_open", [True, False])
def test_an_element_is_changed_inside_sequences_of_either_kind(syntax, is_open, tmp_path):
    dataset = mr()
    dataset.RequestAttributesSequence = Sequence([nested(), nested()])
    dataset["RequestAttributesSequence"].is_undefined_length = is_open
    for item in dataset.RequestAttributesSequence:
        item.is_undefined_length_sequence_item = is_open
        item["ProcedureCodeSequence"].is_undefined_length = is_open
    source = write(dataset, tmp_path / "a.dcm", transfer_syntax=syntax)
    way = "RequestAttributesSequence.ProcedureCodeSequence.CodeMeaning"

    after = read(changed(source, Transformation(do="set", element=way, value="A longer meaning")))

    meanings = [
        item.ProcedureCodeSequence[0].CodeMeaning for item in after.RequestAttributesSequence
    ]
    assert meanings == ["A longer meaning"] * 2
    assert [item.StudyID for item in after.RequestAttributesSequence] == ["A 1"] * 2
    assert differing(read(source), after) == ["RequestAttributesSequence"]


def test_what_is_missing_is_put_in_at_its_place(tmp_path):
    source = write(mr(), tmp_path / "a.dcm")

    path = changed(
        source,
        Transformation(do="set", element="PatientComments", value="none"),
        Transformation(do="set", element="AcquisitionComments", value="none"),
    )

    after = read(path)
    assert after.PatientComments == after.AcquisitionComments == "none"
    tags = list(after.keys())
    assert tags == sorted(tags)


def test_a_private_element_is_found_by_its_creator_and_in_no_other_block(tmp_path):
    dataset = mr()
    for block, creator in ((0x10, "ACME A"), (0x11, "ACME B")):
        dataset.add_new((0x0029, block), "LO", creator)
        dataset.add_new((0x0029, block << 8 | 0x08), "LO", f"of {creator}")
    source = write(dataset, tmp_path / "a.dcm")

    after = read(changed(source, Transformation(do="remove", element='(0029,"ACME B",08)')))

    assert (0x0029, 0x1008) in after
    assert (0x0029, 0x1108) not in after


def test_letters_that_no_set_was_declared_for_turn_the_file_into_utf_8(tmp_path):
    dataset = mr()
    del dataset.SpecificCharacterSet
    source = write(dataset, tmp_path / "a.dcm")

    after = read(
        changed(source, Transformation(do="set", element="PatientName", value="Bjørk^Åse"))
    )

    assert after.SpecificCharacterSet == "ISO_IR 192"
    assert str(after.PatientName) == "Bjørk^Åse"


def test_letters_that_the_declared_set_has_are_written_in_it(tmp_path):
    source = write(mr(), tmp_path / "a.dcm")

    path = changed(source, Transformation(do="set", element="SeriesDescription", value="på lår"))

    assert read(path).SpecificCharacterSet == "ISO_IR 100"
    assert "på lår".encode("latin-1") in path.read_bytes()


def test_letters_that_the_declared_set_lacks_are_refused_without_being_told(tmp_path):
    source = write(mr(), tmp_path / "a.dcm")

    with pytest.raises(CannotTransform, match="SeriesDescription has letters") as refused:
        changed(source, Transformation(do="set", element="SeriesDescription", value="Łódź"))

    assert "Łódź" not in str(refused.value)


def test_a_file_without_pixels_is_changed_like_any_other(tmp_path):
    source = write(sr(), tmp_path / "a.dcm")

    assert read(changed(source, SETS)).SeriesDescription == "T1 after"


@pytest.mark.parametrize(
    "name", ["JPEG2000.dcm", "MR_small_RLE.dcm", "JPGExtended.dcm", "SC_rgb_jpeg_dcmtk.dcm"]
)
def test_compressed_frames_pass_byte_for_byte(name, tmp_path):
    source = Path(get_testdata_file(name))

    path = changed(source, SETS, target=tmp_path / "after.dcm")

    before, after = read(source), read(path)
    assert after.SeriesDescription == "T1 after"
    assert after.PixelData == before.PixelData
    assert after.file_meta == before.file_meta


@pytest.mark.parametrize("name", ["", "MR_small_RLE.dcm"], ids=["native", "compressed"])
def test_what_follows_the_pixels_is_changed_as_well(name, tmp_path):
    dataset = pydicom.dcmread(get_testdata_file(name)) if name else mr()
    dataset.add_new((0x7FE1, 0x0010), "LO", "ACME")
    dataset.add_new((0x7FE1, 0x1001), "LO", "of BICAM_0001")
    syntax = dataset.file_meta.TransferSyntaxUID if name else ExplicitVRLittleEndian
    source = write(dataset, tmp_path / "a.dcm", transfer_syntax=syntax)

    after = read(changed(source, Transformation(do="identifiers", table="t", column="identifier")))

    assert after[0x7FE1, 0x1001].value == "of NEW-77"
    assert after.PixelData == read(source).PixelData


def test_an_end_of_an_item_where_none_began_is_refused(tmp_path):
    source = write(mr(), tmp_path / "a.dcm")
    data = source.read_bytes()
    place = data.index(b"\x10\x00\x10\x00PN")
    source.write_bytes(data[:place] + b"\xfe\xff\x0d\xe0\0\0\0\0" + data[place:])

    with pytest.raises(CannotTransform, match="cannot be read"):
        changed(source, Transformation(do="shift", value="-42"))


def test_a_header_that_says_too_much_of_its_length_is_refused(tmp_path):
    source = write(mr(), tmp_path / "a.dcm")
    data = bytearray(source.read_bytes())
    place = data.index(b"\x08\x00\x3e\x10LO") + 6
    data[place : place + 2] = b"\xff\xff"
    source.write_bytes(data)

    with pytest.raises(CannotTransform, match="cannot be read"):
        changed(source, SETS)


def test_what_is_no_dicom_is_refused_in_a_sentence(tmp_path):
    (tmp_path / "a.dcm").write_bytes(b"no image" * 100)

    with pytest.raises(CannotTransform, match="cannot be read"):
        changed(tmp_path / "a.dcm", SETS)


def test_elements_are_set_by_name_for_a_receiver_that_demands_them(tmp_path):
    source = write(mr(), tmp_path / "a.dcm")

    set_elements(source, tmp_path / "b.dcm", {"PatientBirthDate": "19000101"})

    assert differing(read(source), read(tmp_path / "b.dcm")) == ["PatientBirthDate"]


def test_setting_what_stands_there_already_copies_the_file(tmp_path):
    source = write(mr(PatientBirthDate="19000101"), tmp_path / "a.dcm")

    set_elements(source, tmp_path / "b.dcm", {"PatientBirthDate": "19000101"})

    assert (tmp_path / "b.dcm").read_bytes() == source.read_bytes()


@pytest.mark.parametrize("folder", ["dcm_qa_nih", "dcm_qa_enh", "dcm_qa_pdt2", "dcm_qa_ct"])
def test_real_headers_keep_all_that_is_not_named(folder, test_data, tmp_path):
    files = sorted(path for path in (test_data / folder / "In").rglob("*.dcm"))[::40]

    for source in files:
        after = read(changed(source, SETS, target=tmp_path / "after.dcm"))

        assert set(differing(read(source), after)) <= {"SeriesDescription", "SpecificCharacterSet"}
    assert files


texts = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=60).filter(
    lambda text: "\\" not in text and text == text.strip()
)


@given(description=texts, comment=texts, is_implicit=st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_is_written_reads_back_and_nothing_else_changes(
    description, comment, is_implicit, tmp_path
):
    syntax = ImplicitVRLittleEndian if is_implicit else ExplicitVRLittleEndian
    source = write(mr(), tmp_path / "a.dcm", transfer_syntax=syntax)

    path = changed(
        source,
        Transformation(do="set", element="SeriesDescription", value=description),
        Transformation(do="set", element="ImageComments", value=comment),
    )

    before, after = pydicom.dcmread(source), pydicom.dcmread(path)
    assert (after.SeriesDescription or "") == description
    assert (after.ImageComments or "") == comment
    assert set(differing(before, after)) <= {"SeriesDescription", "ImageComments"}
