"""What the fuzzer found, each as a file of its own."""

import struct
import zlib

import pytest
from pydicom import dcmread

from deidentify.errors import Refused
from deidentify.header import read_header
from deidentify.inventory import SeriesInventory
from deidentify.plan import compile_plan
from deidentify.rewrite import rewrite
from tests.deidentify.samples import PATIENT_NAME, identity, raw_file

NAME = "Bjørnstad".encode("latin-1")


def rewritten(tmp_path, change, **kwargs):
    source = raw_file(tmp_path, change)
    target = tmp_path / "target.dcm"
    written = rewrite(source, target, compile_plan(identity=identity(), **kwargs))
    return written, dcmread(target), target.read_bytes()


def short(tag, vr, value):
    return struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr, len(value)) + value


def long(tag, vr, value):
    return struct.pack("<HH2sHL", tag >> 16, tag & 0xFFFF, vr, 0, len(value)) + value


def put(element):
    """Put an element before the patient's name."""
    return lambda raw: raw.replace(PATIENT_NAME, element + PATIENT_NAME, 1)


@pytest.mark.parametrize(
    "element",
    [
        short(0x00089459, b"FL", NAME + b" "),  # Recommended Display Frame Rate in Float
        short(0x00082142, b"AT", NAME + b" "),
        long(0x00080304, b"UV", NAME + b"!"),
    ],
)
def test_letters_where_numbers_belong_do_not_stay(tmp_path, element):
    _, output, raw = rewritten(tmp_path, put(element))

    assert NAME not in raw
    assert all(found.VR for found in output)  # pydicom decodes each as it is asked for


@pytest.mark.parametrize("vr", [b"IS", b"LO", b"DA"])
def test_an_instance_uid_stored_as_something_else_is_refused(tmp_path, vr):
    uid = b"\x08\0\x18\0"

    with pytest.raises(Refused) as refused:
        rewritten(tmp_path, lambda raw: raw.replace(uid + b"UI", uid + vr))

    assert refused.value.code == "bad-uid"


def test_retained_uids_are_uids(tmp_path):
    element = short(0x00081195, b"UI", NAME + b" ")

    _, output, raw = rewritten(tmp_path, put(element), options=["retain-uids"])

    assert NAME not in raw
    assert output[0x00081195].value == ""


def test_a_made_up_length_asks_the_inventory_for_no_memory(tmp_path):
    element = struct.pack("<HH2sHL", 0x0008, 0x2111, b"UT", 0, 0xFFFFFFF0)
    source = raw_file(tmp_path, put(element))
    inventory = SeriesInventory()

    inventory.add(source)

    assert inventory.unreadable == 1


def deflated(tmp_path, syntax):
    """The sample under another transfer syntax, its data set deflated."""
    source = raw_file(tmp_path, lambda raw: raw)
    raw = source.read_bytes()
    start = raw.index(b"\x08\0\x05\0")
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    meta = raw[:start].replace(b"UI\x14\x001.2.840.10008.1.2.1\0", syntax)
    body = packer.compress(raw[start:]) + packer.flush()
    source.write_bytes(meta + body)
    return source


@pytest.mark.parametrize(
    ("packed", "plain"),
    [
        (b"1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.1"),
        (b"1.2.840.10008.1.2.4.95", "1.2.840.10008.1.2.4.94"),
        (b"1.2.840.10008.1.2.4.205", "1.2.840.10008.1.2.4.204"),
    ],
)
def test_every_deflated_syntax_is_inflated_once(tmp_path, packed, plain):
    named = packed + b"\0" * (len(packed) % 2)
    source = deflated(tmp_path, b"UI" + struct.pack("<H", len(named)) + named)
    target = tmp_path / "target.dcm"

    rewrite(source, target, compile_plan(identity=identity()))

    output = dcmread(target)
    assert output.file_meta.TransferSyntaxUID == plain
    assert output.PatientID == "BICAM_01_0007"
    assert output.PixelData == bytes(range(32))
    assert read_header(source).sop_instance_uid == "1.2.3.4.1"


def test_what_only_begins_like_a_well_known_uid_is_refused(tmp_path):
    element = short(0x00081150, b"UI", b"1.2.840.10008.5.1.4.1.1.4\0" + NAME + b" ")

    with pytest.raises(Refused) as refused:
        rewritten(tmp_path, put(element))

    assert refused.value.code == "bad-uid"


@pytest.mark.parametrize(
    "element",
    [
        long(0x00080102, b"OB", NAME + b" "),  # Coding Scheme Designator
        short(0x00080102, b"US", NAME + b" "),
        long(0x00080220, b"UN", b"\1\2 " + NAME),
        long(0x00280020, b"OB", NAME + b" "),  # no more in the dictionary than its tag
    ],
)
def test_letters_stored_as_bytes_where_letters_belong_are_searched(tmp_path, element):
    _, output, raw = rewritten(tmp_path, put(element))

    assert NAME not in raw
    assert output.PatientIdentityRemoved == "YES"


@pytest.mark.parametrize("value", [b"1.2.37.4.", b"\0\0\0\x00840.10008.5", b"1..2", b".1.2.3 "])
def test_retained_uids_that_are_none_become_empty(tmp_path, value):
    element = short(0x00081167, b"UI", value + b"\0" * (len(value) & 1))

    _, _, raw = rewritten(tmp_path, put(element), options=["retain-uids"])

    assert value not in raw


@pytest.mark.parametrize("vr", [b"UI", b"LO"])
def test_a_character_set_stored_as_something_else_is_refused(tmp_path, vr):
    source = raw_file(tmp_path, lambda raw: raw.replace(b"\x08\0\x05\0CS", b"\x08\0\x05\0" + vr, 1))

    with pytest.raises(Refused) as refused:
        rewrite(source, tmp_path / "out.dcm", compile_plan(identity=identity()))

    assert refused.value.code == "unreadable"
