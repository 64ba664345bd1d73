"""Private elements that stay are cleaned by their true VR, however they are stored."""

import struct

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from deidentify.plan import compile_plan
from deidentify.rewrite import rewrite
from deidentify.rules import Rule
from tests.deidentify.samples import brain, identity, save
from tests.deidentify.siemens_headers import header, tags_of

PHILIPS = "Philips Imaging DD 001"
SYNTAXES = [ExplicitVRLittleEndian, ImplicitVRLittleEndian]
UID = "1.3.12.2.1107.5.2.32.35131.2024031210153048212300001"


def rewritten(dataset, tmp_path, *, syntax=ExplicitVRLittleEndian, rules=(), change=None):
    source = save(dataset, tmp_path / "source.dcm", syntax=syntax)
    if change:
        source.write_bytes(change(source.read_bytes()))
    plan = compile_plan(identity=identity(), rules=rules)
    rewrite(source, tmp_path / "target.dcm", plan)
    return dcmread(tmp_path / "target.dcm"), plan


def without_vr(tag, vr):
    """Store one element with a short VR as UN, as archives do that do not know it."""

    def change(data):
        head = struct.pack("<HH2s", tag >> 16, tag & 0xFFFF, vr)
        at = data.index(head)
        (length,) = struct.unpack_from("<H", data, at + 6)
        new = struct.pack("<HH2sHL", tag >> 16, tag & 0xFFFF, b"UN", 0, length)
        return data[:at] + new + data[at + 8 :]

    return change


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_text_is_cleaned_and_numbers_stay_in_either_syntax(tmp_path, syntax):
    dataset = brain()
    block = dataset.private_block(0x2001, PHILIPS, create=True)
    block.add_new(0x03, "FL", 1000.0)
    block.add_new(0x20, "LO", "SE for Åse Bjørnstad")
    block.add_new(0x22, "FL", [0.5, 1.5])

    output, _ = rewritten(dataset, tmp_path, syntax=syntax)

    kept = output.private_block(0x2001, PHILIPS)
    assert kept[0x03].value == 1000.0
    assert kept[0x22].value == [0.5, 1.5]
    assert kept[0x20].value == "SE for"


def test_text_that_lost_its_vr_is_cleaned_as_text(tmp_path):
    dataset = brain()
    dataset.private_block(0x2001, PHILIPS, create=True).add_new(0x20, "LO", "T1 for Åse Bjørnstad")

    output, _ = rewritten(dataset, tmp_path, change=without_vr(0x20011020, b"LO"))

    kept = output.private_block(0x2001, PHILIPS)[0x20]
    assert kept.VR in ("UN", "LO")
    assert bytes(kept.value if kept.VR == "UN" else kept.value.encode()).strip() == b"T1 for"


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_a_private_uid_follows_the_plan(tmp_path, syntax):
    dataset = brain()
    dataset.private_block(0x0029, "MMCPrivate", create=True).add_new(0xD5, "UI", UID)

    output, plan = rewritten(dataset, tmp_path, syntax=syntax)

    assert output.private_block(0x0029, "MMCPrivate")[0xD5].value == plan.new_uid(UID)


def test_text_where_numbers_belong_goes_from_an_element_without_vr(tmp_path):
    dataset = brain()
    block = dataset.private_block(0x0019, "SIEMENS MR HEADER", create=True)
    block.add_new(0x0C, "LO", "Gunnar Ås")
    block.add_new(0x0D, "LO", "DIRECTIONAL")

    output, _ = rewritten(dataset, tmp_path, change=without_vr(0x0019100C, b"LO"))

    assert not output.private_block(0x0019, "SIEMENS MR HEADER")[0x0C].value
    assert output.private_block(0x0019, "SIEMENS MR HEADER")[0x0D].value == "DIRECTIONAL"


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_private_sequences_are_entered_and_cleaned_inside(tmp_path, syntax):
    dataset = brain()
    item = Dataset()
    item.ReferencedSOPInstanceUID = UID
    item.PatientName = "Bjørnstad^Åse Marie"
    inner = item.private_block(0x2001, PHILIPS, create=True)
    inner.add_new(0x20, "LO", "SE for Åse Bjørnstad")
    inner.add_new(0x2D, "SS", 3)
    dataset.private_block(0x2001, PHILIPS, create=True).add_new(0x5F, "SQ", Sequence([item]))

    output, plan = rewritten(dataset, tmp_path, syntax=syntax)

    kept = output.private_block(0x2001, PHILIPS)[0x5F].value[0]
    assert kept.ReferencedSOPInstanceUID == plan.new_uid(UID)
    assert not kept.get("PatientName")
    assert kept.private_block(0x2001, PHILIPS)[0x20].value == "SE for"
    assert kept.private_block(0x2001, PHILIPS)[0x2D].value == 3


@pytest.mark.parametrize("undefined", [True, False])
def test_a_private_sequence_stored_as_un_is_entered(tmp_path, undefined):
    uid = UID.encode() + b"\0"
    inside = struct.pack("<HHL", 0x0008, 0x1155, len(uid)) + uid
    item = struct.pack("<HHL", 0xFFFE, 0xE000, len(inside)) + inside
    if undefined:
        item += struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)
    dataset = brain()
    dataset.private_block(0x2001, PHILIPS, create=True).add_new(0x5F, "UN", item)

    def change(data):
        head = struct.pack("<HH2sHL", 0x2001, 0x105F, b"UN", 0, len(item))
        new = struct.pack("<HH2sHL", 0x2001, 0x105F, b"UN", 0, 0xFFFFFFFF)
        return data.replace(head, new) if undefined else data

    output, plan = rewritten(dataset, tmp_path, change=change)

    raw = (tmp_path / "target.dcm").read_bytes()
    assert UID.encode() not in raw
    assert plan.new_uid(UID).encode() in raw
    assert output.private_block(0x2001, PHILIPS).private_creator == PHILIPS


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_a_header_in_another_block_is_cleaned_inside(tmp_path, syntax):
    blob = header(
        {
            "ReferencedImageSequence": ("UI", [UID.encode()]),
            "Comment": ("LO", ["Åse Bjørnstad".encode("latin-1") + b"\0"]),
            "B_value": ("IS", [b"1000\0"]),
        }
    )
    dataset = brain()
    dataset.private_block(0x0029, "AN UNKNOWN ONE", create=True).add_new(0x10, "LO", "x")
    dataset.private_block(0x0029, "SIEMENS CSA HEADER", create=True).add_new(0x10, "OB", blob)

    output, plan = rewritten(dataset, tmp_path, syntax=syntax)

    kept = output.private_block(0x0029, "SIEMENS CSA HEADER")
    tags = tags_of(kept[0x10].value)
    assert kept.block_start == 0x1100
    assert tags["ReferencedImageSequence"][1] == [plan.new_uid(UID).encode()]
    assert tags["Comment"][1] == [b"\0"]
    assert tags["B_value"][1] == [b"1000\0"]
    with pytest.raises(KeyError):
        output.private_block(0x0029, "AN UNKNOWN ONE")


def test_a_header_of_odd_length_is_written_with_an_even_one(tmp_path):
    blob = header({"Note": ("UI", [UID.encode()])}) + b"ab\0"
    dataset = brain()
    block = dataset.private_block(0x0029, "SIEMENS CSA HEADER", create=True)
    block.add_new(0x10, "OB", blob)
    block.add_new(0x18, "CS", "MR")

    output, plan = rewritten(dataset, tmp_path)

    new = output.private_block(0x0029, "SIEMENS CSA HEADER")[0x10].value
    assert len(new) % 2 == 0
    assert plan.new_uid(UID).encode() in new
    assert output.private_block(0x0029, "SIEMENS CSA HEADER")[0x18].value == "MR"


def test_a_rule_keeps_an_element_with_its_creator_in_whatever_block(tmp_path):
    dataset = brain()
    dataset.private_block(0x0019, "AN UNKNOWN ONE", create=True).add_new(0x01, "DS", "7")
    dataset.private_block(0x0019, "ACME PHYSICS", create=True).add_new(0x01, "DS", "8.5")
    dataset.private_block(0x0019, "SIEMENS MR HEADER", create=True).add_new(0x0C, "IS", "1000")
    rule = Rule(element='(0019,"ACME PHYSICS",01)', action="keep")

    output, _ = rewritten(dataset, tmp_path, rules=[rule])

    assert output[0x00190011].value == "ACME PHYSICS"
    assert output[0x00191101].value == 8.5
    assert output[0x00190012].value == "SIEMENS MR HEADER"
    assert output[0x0019120C].value == 1000
    assert 0x00190010 not in output
    assert 0x00191001 not in output


def test_an_element_whose_block_has_no_creator_goes(tmp_path):
    dataset = brain()
    dataset.add_new(0x0019130C, "IS", "1000")

    output, _ = rewritten(dataset, tmp_path)

    assert not [element for element in output if element.tag.is_private]


def test_two_creators_of_one_group_are_told_apart(tmp_path):
    dataset = brain()
    dataset.private_block(0x0019, "SIEMENS MR HEADER", create=True).add_new(0x0C, "IS", "1000")
    second = dataset.private_block(0x0019, "SOMEBODY ELSE", create=True)
    second.add_new(0x0C, "LO", "Bjørnstad")

    output, _ = rewritten(dataset, tmp_path)

    assert output[0x0019100C].value == 1000
    assert 0x0019110C not in output
    assert 0x00190011 not in output


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_the_times_that_pet_is_quantified_by_move_with_the_study(tmp_path, syntax):
    dataset = brain()
    ge = dataset.private_block(0x0009, "GEMS_PETD_01", create=True)
    ge.add_new(0x3B, "DT", "20240312093000.00")
    siemens = dataset.private_block(0x0071, "SIEMENS MED PT", create=True)
    siemens.add_new(0x22, "DT", "20240312101500.000000")

    output, plan = rewritten(dataset, tmp_path, syntax=syntax)

    day = plan.shift_date("20240312")
    assert output.private_block(0x0009, "GEMS_PETD_01")[0x3B].value == f"{day}093000.00"
    decay = output.private_block(0x0071, "SIEMENS MED PT")[0x22].value
    decay = decay.decode() if isinstance(decay, bytes) else decay  # pydicom does not know its VR
    assert decay.strip() == f"{day}101500.000000"


def test_a_private_uid_that_is_none_goes_and_the_file_stays(tmp_path):
    dataset = brain()
    ge = dataset.private_block(0x0009, "GEMS_PETD_01", create=True)
    ge.add_new(0x07, "UI", "1.2.3")
    ge.add_new(0x39, "DT", "20240312")

    output, plan = rewritten(
        dataset, tmp_path, change=lambda data: data.replace(b"1.2.3\0", b"Sorli\0")
    )

    kept = output.private_block(0x0009, "GEMS_PETD_01")
    assert not kept[0x07].value
    assert kept[0x39].value == plan.shift_date("20240312")


def test_a_private_age_above_the_limit_is_capped(tmp_path):
    dataset = brain()
    dataset.private_block(0x0051, "SIEMENS MR HEADER", create=True).add_new(0x12, "AS", "095Y")

    output, _ = rewritten(dataset, tmp_path)

    assert output.private_block(0x0051, "SIEMENS MR HEADER")[0x12].value == "090Y"


def test_numbers_whose_bytes_read_like_a_text_stay(tmp_path):
    values = [
        b"\xc2SeC[<\xfeC\xb2\\hD]?p\xc2ri\xe2\xc1\xf3\xeb\xe6\xc3",
        b"(\xba\xb7\xe8\xaf\xd0d@\xf0a\xc4H.N_\xc0",
        b"\xe5se \xc5se ",
    ]
    dataset = brain()
    block = dataset.private_block(0x2001, PHILIPS, create=True)
    for last, value in zip((0x22, 0x1A, 0x3B), values, strict=True):
        block.add_new(last, "FL", list(struct.unpack(f"<{len(value) // 4}f", value)))

    rewritten(dataset, tmp_path, syntax=ImplicitVRLittleEndian)

    raw = (tmp_path / "target.dcm").read_bytes()
    assert not [value for value in values if value not in raw]
