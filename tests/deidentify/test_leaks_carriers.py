"""Every carrier, in every coding: what is planted is found, at its path and in its bytes."""

import gzip
import io
import zipfile
import zlib
from base64 import b64encode
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from deidentify.leaks import unpacking, values
from deidentify.leaks.folding import transliterations
from tests.deidentify.leak_cases import (
    NUMBER,
    ORIGINAL_UID,
    PRIVATE,
    Case,
    clean_dataset,
    source_dataset,
    with_private,
)

JUNK = b"\x01\x02\xf7\x00\x9c"


@pytest.fixture
def case(tmp_path):
    return Case(tmp_path)


def places(findings):
    return {(finding.kind, finding.path) for finding in findings}


def bytes_at(case, findings):
    raw = (case.folder / "target.dcm").read_bytes()
    return {raw[finding.start : finding.end] for finding in findings}


def zipped(content, name="notes.txt"):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("offset", [0, 1])
def test_utf_16_is_found_at_even_and_odd_places(case, order, offset):
    planted = "Kvamsdal".encode(order)
    target = with_private(clean_dataset(), JUNK[: 2 + offset] + planted + b"\0\0\0\0"[offset:])

    findings = case.examine(target)

    assert places(findings) == {("physician", PRIVATE)}
    assert bytes_at(case, findings) == {planted}


@pytest.mark.parametrize("width", [16, 76])
@pytest.mark.parametrize("break_", [b"\n", b"\r\n"])
def test_base64_is_found_across_line_breaks(case, width, break_):
    text = b"the study of Torunn Kvamsdal was made in Granvik, number 13836033390"
    whole = b64encode(text)
    lines = break_.join(whole[at : at + width] for at in range(0, len(whole), width))
    target = with_private(clean_dataset(), JUNK + lines + b"\0")

    findings = case.examine(target)

    assert {("physician", PRIVATE), ("identifier", PRIVATE)} <= places(findings)
    assert bytes_at(case, findings) == {lines.rstrip(b"=")}


def test_a_uid_in_base64_in_text_is_found(case):
    target = clean_dataset()
    target.ImageComments = "ref " + b64encode(ORIGINAL_UID.encode()).decode()

    assert ("uid", "(0020,4000)") in places(case.examine(target))


def test_hex_digits_of_a_uid_and_of_a_name_are_found(case):
    run = ORIGINAL_UID.encode().hex().upper().encode()
    target = with_private(clean_dataset(), JUNK + run + b" " + b"Kvamsdal".hex().encode())

    findings = case.examine(target)

    assert {("uid", PRIVATE), ("physician", PRIVATE)} <= places(findings)


@pytest.mark.parametrize(
    "pack",
    [
        gzip.compress,
        zlib.compress,
        lambda text: b"\x10\x27\x00\x00" + gzip.compress(text),
        lambda text: gzip.compress(zlib.compress(text)),
        lambda text: b64encode(gzip.compress(text)),
        zipped,
    ],
)
def test_what_is_packed_in_a_private_value_is_found_where_the_package_lies(case, pack):
    package = pack(b"protocol of Bjornstad, Ase Marie " + bytes(range(32)))
    target = with_private(clean_dataset(), JUNK + package + b"\0" * (len(package) % 2 + 1))

    findings = case.examine(target)

    assert ("name", PRIVATE) in places(findings)
    assert all(found in package for found in bytes_at(case, findings))


def locked(content):
    archive = bytearray(zipped(content))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        archive[archive.find(mark) + place] |= 1
    return bytes(archive)


def damaged(content):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("notes.txt", content)
    raw = bytearray(file.getvalue())
    raw[45:60] = b"\xff" * 15
    return bytes(raw)


def many(content):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(unpacking.MOST_STREAMS):
            archive.writestr(f"{number}.txt", "nothing")
        archive.writestr("last.txt", content)
    return file.getvalue()


def far_too_much(content):
    return zlib.compress(bytes(3000) + content)


def nested(content):
    return zlib.compress(b"".join(zlib.compress(bytes(900) + content) for _ in range(9)))


@pytest.mark.parametrize("pack", [locked, damaged, many, far_too_much, nested])
def test_what_cannot_be_unpacked_to_its_end_is_said(case, pack, monkeypatch):
    monkeypatch.setattr(values, "Allowance", partial(unpacking.Allowance, left=2048))

    findings = case.examine(with_private(clean_dataset(), pack(b"a letter about somebody")))

    assert places(findings) == {("unreadable", PRIVATE)}


def test_the_names_of_files_in_an_archive_are_found(case):
    target = with_private(clean_dataset(), zipped(b"nothing", name="Bjornstad_Ase.txt"))

    assert ("name", PRIVATE) in places(case.examine(target))


@pytest.mark.parametrize(
    "text",
    [
        b"&lt;Bj&#248;rnstad&gt;",
        b"seen by Bj&oslash;rnstad",
        b"name=Bj%C3%B8rnstad&x=1",
        b"Bj=F8rnstad in quoted-printable",
        b'{"name": "Bj\\u00f8rnstad"}',
    ],
)
def test_letters_written_as_escapes_are_found(case, text):
    target = with_private(clean_dataset(), text.decode(), "UT")

    assert places(case.examine(target)) == {("name", PRIVATE)}


def test_misread_norwegian_letters_are_found(case):
    target = clean_dataset()
    target.ImageComments = "kontroll, Bjørnstad".encode().decode("latin-1")

    assert places(case.examine(target)) == {("name", "(0020,4000)")}


@given(spelling=st.sampled_from(sorted(transliterations("bjørnstad"))), case_=st.integers(0, 3))
def test_every_spelling_of_a_name_is_found_in_every_case(tmp_path_factory, spelling, case_):
    case = Case(tmp_path_factory.mktemp("spelling"))
    target = clean_dataset()
    target.SpecificCharacterSet = "ISO_IR 192"
    written = (str.lower, str.upper, str.title, str.swapcase)[case_](spelling)
    target.ImageComments = f"kne, {written}; T2"

    assert ("name", "(0020,4000)") in places(case.examine(target))


@pytest.mark.parametrize("text", ["A. Lie", "A.Lie", "Lie, A.", "Ada Lie", "LIE^ADA", "A.M.L."])
def test_a_short_name_is_found_with_its_initials(tmp_path, text):
    source, target = source_dataset(), clean_dataset()
    source.PatientName = "Lie^Ada Mo"
    target.ImageComments = f"T1 {text}"

    assert places(Case(tmp_path, source).examine(target)) == {("name", "(0020,4000)")}


@pytest.mark.parametrize(
    ("vr", "value", "is_found"),
    [
        ("UL", 12345678, True),
        ("SL", 12345678, True),
        ("UV", 12345678, True),
        ("FD", 12345678.0, True),
        ("UL", [1, 2, 12345678], True),
        ("DS", "12345678.000", True),
        ("IS", "12345678", True),
        ("UL", 12345679, False),
        ("UL", list(range(12345670, 12345690)), False),
        ("DS", "12345678.5", False),
    ],
)
def test_an_identifier_is_found_where_it_is_a_number(tmp_path, vr, value, is_found):
    source = source_dataset()
    source.PatientID = "12345678"
    target = with_private(clean_dataset(), value, vr)

    found = places(Case(tmp_path, source).examine(target))

    assert found == ({("identifier", PRIVATE)} if is_found else set())


def test_a_birth_date_is_found_where_it_is_a_number(case):
    target = with_private(clean_dataset(), 19720315, "UL")

    assert places(case.examine(target)) == {("birth_date", PRIVATE)}


def test_a_short_identifier_is_not_sought_among_binary_numbers(tmp_path):
    source = source_dataset()
    source.PatientID = "512512"
    target = with_private(clean_dataset(), 512512, "UL")

    assert Case(tmp_path, source).examine(target) == []


def test_a_name_in_the_text_of_a_csa_header_is_found_in_its_bytes(case):
    header = b"SV10\x04\x03\x02\x01" + bytes(64) + b"tPatientName\0" + bytes(20)
    header += b'<ParamString."PatientName"> { "Bjornstad^Ase" }' + bytes(60)
    target = clean_dataset()
    target.add_new((0x0029, 0x0010), "LO", "SIEMENS CSA HEADER")
    target.add_new((0x0029, 0x1020), "OB", header)

    findings = case.examine(target)

    assert ("name", '(0029,"SIEMENS CSA HEADER",20)') in places(findings)
    assert bytes_at(case, findings) == {b"Bjornstad"}


def test_overlay_and_icon_bytes_are_searched(case):
    icon = Dataset()
    icon.Rows = icon.Columns = 8
    icon.BitsAllocated = 8
    icon.PixelData = b"\0\0Kvamsdal\0\0".ljust(64, b"\0")
    target = clean_dataset()
    target.IconImageSequence = Sequence([icon])
    target.add_new((0x6000, 0x3000), "OW", b"\0\0 Kvamsdal\0\0".ljust(32, b"\0"))

    findings = case.examine(target)

    assert places(findings) == {
        ("physician", "(0088,0200)[0](7FE0,0010)"),
        ("physician", "(6000,3000)"),
    }


def test_a_uid_below_the_root_of_dicom_that_nobody_registered_is_an_original_one(tmp_path):
    source, target = source_dataset(), clean_dataset()
    source.StudyInstanceUID = "1.2.840.10008.77.20200315.4711.1"
    target.ImageComments = "of 1.2.840.10008.77.20200315.4711.1"

    assert places(Case(tmp_path, source).examine(target)) == {("uid", "(0020,4000)")}


def test_an_instance_where_a_class_belongs_is_an_original_uid(tmp_path):
    source, target = source_dataset(), clean_dataset()
    uid = "1.2.826.0.1.3680043.99.20200315102233.7"
    source.RelatedGeneralSOPClassUID = [uid, "1.2.840.10008.5.1.4.1.1.4"]
    target.ImageComments = f"{uid} and 1.2.840.10008.5.1.4.1.1.4"

    assert places(Case(tmp_path, source).examine(target)) == {("uid", "(0020,4000)")}


def test_references_of_a_long_sequence_are_found_with_their_item(tmp_path):
    source, target = source_dataset(), clean_dataset()
    for made, root in ((source, "1.2.826.0.1.3680043.99.8"), (target, "2.25.8")):
        items = []
        for number in range(30):
            item = Dataset()
            item.ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.4"
            item.ReferencedSOPInstanceUID = f"{root}.{number}"
            items.append(item)
        made.ReferencedImageSequence = Sequence(items)
    case = Case(tmp_path, source)

    clean = case.examine(target)
    target.ReferencedImageSequence[17].ReferencedSOPInstanceUID = "1.2.826.0.1.3680043.99.8.3"
    findings = case.examine(target)

    assert clean == []
    assert places(findings) == {("uid", "(0008,1140)[17](0008,1155)")}
    assert bytes_at(case, findings) == {b"1.2.826.0.1.3680043.99.8.3"}


@pytest.mark.parametrize("name", ["Bjornstad_Ase/1.dcm", f"x/{NUMBER}.dcm", "a/kvamsdal 1.dcm"])
def test_a_folder_that_names_somebody_is_found(case, name):
    path = case.save(clean_dataset())

    findings = case.check().examine(case.source, path, name=name)

    assert {finding.path for finding in findings} == {"file name"}
