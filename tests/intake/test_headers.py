import hashlib
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.data import get_charset_files
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from intake.errors import KeptAside
from intake.headers import read_header
from intake.structure import walk
from tests.datasets import BAD_FILES, make_mr_series, mr, new_uid, sr, write

SYNTAXES = [
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
]


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda syntax: syntax.name)
def test_the_same_header_is_read_in_every_encoding(tmp_path: Path, syntax: str):
    dataset = mr(PatientName="Fjell^Turid Åse", InstanceNumber=7)
    path = write(dataset, tmp_path / "a.dcm", transfer_syntax=syntax)

    header = read_header(path)

    assert header.transfer_syntax_uid == syntax
    assert header.sop_instance_uid == dataset.SOPInstanceUID
    assert header.study_instance_uid == dataset.StudyInstanceUID
    assert header.text("PatientName") == "Fjell^Turid Åse"
    assert header.text("ImageType") == "ORIGINAL\\PRIMARY\\M\\ND"
    assert header.number("InstanceNumber") == 7


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_file_is_refused_with_its_reason(tmp_path: Path, kind: str):
    build, code = BAD_FILES[kind]
    (good,) = make_mr_series(tmp_path, n=1)
    bad = tmp_path / "bad"
    build(good, bad)

    with pytest.raises(KeptAside) as refusal:
        read_header(bad)

    assert refusal.value.code == code


@pytest.mark.parametrize("cut", range(0, 700, 7))
def test_a_file_cut_anywhere_is_refused(tmp_path: Path, cut: int):
    (good,) = make_mr_series(tmp_path, n=1)
    bad = tmp_path / "bad"
    bad.write_bytes(good.read_bytes()[: -1 - cut * 4])

    with pytest.raises(KeptAside):
        read_header(bad)


def test_the_digest_covers_the_data_set_and_not_the_file_meta_information(tmp_path: Path):
    (path,) = make_mr_series(tmp_path, n=1)
    content = path.read_bytes()
    start = 144 + int.from_bytes(content[140:144], "little")
    other = tmp_path / "other"
    other.write_bytes(b"\x01" * 128 + content[128:])

    header, again = read_header(path), read_header(other)

    assert header.digest == hashlib.sha256(content[start:]).hexdigest() == again.digest


def test_bytes_above_127_without_a_character_set_are_latin_1(tmp_path: Path):
    (path,) = make_mr_series(tmp_path, n=1, PatientName="Bjørk^Åse")
    content = path.read_bytes().replace(b"ISO_IR 100", b" " * 10)
    path.write_bytes(content)

    assert read_header(path).text("PatientName") == "Bjørk^Åse"


@pytest.mark.parametrize("name", ["chrH31", "chrH32", "chrI2", "chrRuss", "chrGreek"])
def test_a_name_in_other_character_sets_is_read_as_pydicom_reads_it(name: str):
    (path,) = get_charset_files(f"{name}.dcm")

    expected = str(dcmread(path).PatientName)

    assert read_header(Path(path)).text("PatientName") == expected


def test_a_number_that_is_none_is_left_out(tmp_path: Path):
    (path,) = make_mr_series(tmp_path, n=1, SeriesNumber=1)
    content = path.read_bytes()
    at = content.index(b"\x20\x00\x11\x00IS\x02\x00")
    path.write_bytes(content[: at + 8] + b"x1" + content[at + 10 :])

    assert read_header(path).number("SeriesNumber") is None


def test_zeros_after_the_data_set_are_padding(tmp_path: Path):
    (path,) = make_mr_series(tmp_path, n=1)
    path.write_bytes(path.read_bytes() + b"\0" * 40)

    assert read_header(path).text("Modality") == "MR"


def test_sequences_of_undefined_length_are_stepped_over_to_their_end(tmp_path: Path):
    dataset = sr()
    dataset["ContentSequence"].is_undefined_length = True
    for item in dataset.ContentSequence:
        item.is_undefined_length_sequence_item = True
    path = write(dataset, tmp_path / "sr.dcm")

    assert read_header(path).text("SeriesDescription") == "Report"


def test_a_length_of_4_gb_costs_no_memory():
    element = b"\x08\x00\x08\x00CS\x02\x00A " + b"\x09\x00\x01\x00OB\0\0" + b"\xfe\xff\xff\xff"

    with pytest.raises(KeptAside) as refusal:
        walk(element, 0, is_implicit=False, is_big_endian=False, wanted={0x00080008})

    assert refusal.value.code == "truncated"


def test_a_copy_whose_uid_was_counted_up_in_its_meta_alone_is_read(tmp_path: Path):
    uid = "1.2.826.0.1.3680043.8.498.77.8"
    path = write(mr(SOPInstanceUID=uid), tmp_path / "a.dcm")
    path.write_bytes(path.read_bytes().replace(b"498.77.8", b"498.77.3", 1))

    assert read_header(path).sop_instance_uid == uid


def test_an_instance_number_of_another_root_in_the_meta_is_a_disagreement(tmp_path: Path):
    path = write(mr(SOPInstanceUID=new_uid()), tmp_path / "a.dcm")
    content = path.read_bytes()
    path.write_bytes(content.replace(b"2.25.", b"2.26.", 1))

    with pytest.raises(KeptAside) as refusal:
        read_header(path)

    assert refusal.value.code == "meta_disagrees"


def test_every_real_dicom_file_with_uids_is_read(test_data: Path):
    files = [path for path in test_data.rglob("*.dcm") if path.is_file()]

    read = [read_header(path) for path in files]

    assert len(read) == len(files) > 100
