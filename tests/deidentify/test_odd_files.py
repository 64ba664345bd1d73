"""Files that are not as the standard wants them, but that real archives hold."""

import struct
import warnings

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from deidentify.errors import Refused
from deidentify.plan import compile_plan
from deidentify.rewrite import rewrite
from deidentify.rules import Rule
from tests.deidentify.samples import MR, PATIENT_NAME, brain, identity, raw_file, save

LONG = (b"OB", b"OW", b"UN", b"SQ", b"UT")
SOME_NAMES = (b"rnstad", b"\xc5se", b"Marie", b"13836033390")


def element(tag, vr, value, *, explicit=True):
    head = struct.pack("<HH", tag >> 16, tag & 0xFFFF)
    if not explicit:
        return head + struct.pack("<L", len(value)) + value
    if vr in LONG:
        return head + vr + struct.pack("<HL", 0, len(value)) + value
    return head + vr + struct.pack("<H", len(value)) + value


def before_name(*extra):
    """Put elements in front of Patient's Name."""
    return lambda raw: raw.replace(PATIENT_NAME, b"".join(extra) + PATIENT_NAME)


def output(tmp_path, change, plan=None):
    """Rewrite the sample with its bytes changed; the name is gone and the image is there."""
    target = tmp_path / "target.dcm"
    rewrite(raw_file(tmp_path, change), target, plan or compile_plan(identity=identity()))
    raw = target.read_bytes()
    assert not [name for name in SOME_NAMES if name in raw]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        after = dcmread(target)
        assert after.PatientName == "BICAM_01_0007"
        assert after.PixelData == brain().PixelData
        for _ in after.iterall():
            pass
    return after


# -- order ---------------------------------------------------------------------------------------


def test_elements_out_of_order_are_handled_where_they_stand(tmp_path):
    late = element(0x00080050, b"SH", b"ACC7741 ") + element(0x0008103E, b"LO", b"Bj\xf8rnstad T1")
    after = output(tmp_path, before_name(late, element(0x00080014, b"UI", b"1.2.3.4.9\0")))

    assert after.SeriesDescription == "T1"
    assert len(after.AccessionNumber) == 16
    assert after.InstanceCreatorUID.startswith("2.25.")


def test_a_name_that_stands_twice_goes_twice(tmp_path):
    name = element(0x00100010, b"PN", b"Bj\xf8rnstad^\xc5se Marie ")
    after = output(tmp_path, before_name(name, name))

    assert [e for e in after if e.tag == 0x00100010] == [after["PatientName"]]


def test_an_element_met_twice_is_cleaned_twice(tmp_path):
    twice = [element(0x00104000, b"LT", b"Bj\xf8rnstad knee ")] * 2

    after = output(tmp_path, before_name(*twice))

    assert "rnstad" not in str(after)


def test_a_private_element_in_front_of_its_creator_goes(tmp_path):
    block = element(0x0019100C, b"IS", b"1000") + element(0x00190010, b"LO", b"SIEMENS MR HEADER ")

    after = output(tmp_path, before_name(block))

    assert not [e for e in after if e.tag.is_private]


def test_a_character_set_named_too_late_lets_no_name_through(tmp_path):
    charset = element(0x00080005, b"CS", b"ISO_IR 100")
    comment = element(0x00104000, b"LT", "knee of Bjørnstad".encode("latin-1") + b" ")

    after = output(
        tmp_path,
        lambda raw: before_name(comment, charset)(raw.replace(charset, b"", 1)),
    )

    assert after.get("PatientComments", "") in ("", "knee of")


# -- lengths -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "vr", "value"),
    [
        (0x00081030, b"LO", b"Bj\xf8rnstad knee."),
        (0x00104000, b"LT", b"knee of Bj\xf8rnstad"),
        (0x00081155, b"UI", b"1.2.3.4.9"),
        (0x00080020, b"DA", b"2024.03.1"),
        (0x00101010, b"AS", b"64Y"),
        (0x00280010, b"US", b"\4\0\0"),
        (0x00181030, b"LO", b"T1 knee"),
    ],
)
def test_odd_lengths_are_read_as_they_are(tmp_path, tag, vr, value):
    assert len(value) % 2

    after = output(tmp_path, before_name(element(tag, vr, value)))

    if tag == 0x00181030:
        assert after.ProtocolName == "T1 knee"
    if tag == 0x00280010:
        assert "Rows" in after


def test_what_is_changed_becomes_even(tmp_path):
    output(tmp_path, before_name(element(0x00181030, b"LO", b"knee Bj\xf8rnstad")))

    raw = (tmp_path / "target.dcm").read_bytes()
    start = raw.index(struct.pack("<HH2s", 0x0018, 0x1030, b"LO"))
    (length,) = struct.unpack_from("<H", raw, start + 6)
    assert raw[start + 8 : start + 8 + length] == b"knee"


@pytest.mark.parametrize("group", [0x0008, 0x0010, 0x0018, 0x0020])
def test_group_lengths_go_with_what_they_counted(tmp_path, group):
    length = element(group << 16, b"UL", struct.pack("<L", 4711))

    after = output(tmp_path, before_name(length))

    assert group << 16 not in after


def test_a_length_that_reaches_too_far_is_refused(tmp_path):
    broken = struct.pack("<HH2sH", 0x0018, 0x1030, b"LO", 60000) + b"knee"

    with pytest.raises(Refused):
        output(tmp_path, before_name(broken))
    assert not (tmp_path / "target.dcm").exists()


# -- what has no place in a data set --------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "vr"),
    [
        (0x00000900, b"US"),
        (0x00001000, b"UI"),
        (0x00020016, b"AE"),
        (0x00041130, b"CS"),
        (0x00200031, b"OB"),
        (0x00310010, b"LO"),
        (0x40000010, b"LT"),
        (0x40004000, b"LT"),
        (0x50000022, b"LO"),
        (0x60004000, b"LT"),
        (0x60001500, b"LO"),
        (0x7F000010, b"OW"),
        (0xFFFCFFFC, b"OB"),
        (0x4FFE0001, b"SQ"),
        (0x88880010, b"LO"),
    ],
)
def test_groups_that_are_retired_or_out_of_place_go(tmp_path, tag, vr):
    value = b"" if vr == b"SQ" else b"Bj\xf8rnstad"

    after = output(tmp_path, before_name(element(tag, vr, value + b" " * (len(value) % 2))))

    assert tag not in after


def test_signatures_and_padding_behind_the_image_go(tmp_path):
    signature = element(0x04000120, b"OB", b"Bj\xf8rnstad! ")
    item = struct.pack("<HHL", 0xFFFE, 0xE000, len(signature)) + signature
    behind = element(0xFFFAFFFA, b"SQ", item) + element(0xFFFCFFFC, b"OB", b"Bj\xf8rnstad! ")

    after = output(tmp_path, lambda raw: raw + behind)

    assert max(element.tag for element in after) == 0x7FE00010


# -- values that are stored as something else -----------------------------------------------------


@pytest.mark.parametrize("vr", [b"OB", b"UN", b"UT", b"LT", b"SH"])
def test_a_text_is_cleaned_whatever_vr_it_is_stored_with(tmp_path, vr):
    stored = element(0x00180024, vr, b"ep2d Bj\xf8rnstad ")

    output(tmp_path, before_name(stored))


@pytest.mark.parametrize("vr", [b"UL", b"FD", b"AT"])
def test_a_text_that_is_stored_as_a_number_goes(tmp_path, vr):
    after = output(tmp_path, before_name(element(0x00180024, vr, b"Bj\xf8rnst ")))

    assert "SequenceName" not in after


def test_an_old_date_is_shifted_and_a_wrong_one_goes(tmp_path):
    plan = compile_plan(identity=identity())
    dates = [element(0x00080021, b"DA", b"2024.03.12"), element(0x00080022, b"DA", b"Bj\xf8rnst ")]

    after = output(tmp_path, before_name(*dates), plan)

    assert after.SeriesDate == plan.shift_date("20240312")
    assert after.AcquisitionDate == ""


# -- UIDs ----------------------------------------------------------------------------------------


UIDS = ["1.2.3.4.77", "1.3.6.1.4.1.9590.100.1.2.1", "2.25.329800735698586629295641978511506172918"]


@pytest.mark.parametrize("form", ["{}", "urn:oid:{}", "see {}, please", "({})", "uid={};"])
@pytest.mark.parametrize("uid", UIDS)
@pytest.mark.parametrize("tag", [0x00104000, 0x00204000, 0x0040A160])
def test_a_uid_in_a_text_follows_the_others(tmp_path, tag, uid, form):
    plan = compile_plan(identity=identity())
    vr = b"UT" if tag == 0x0040A160 else b"LT"
    text = form.format(uid).encode()
    stored = element(tag, vr, text + b" " * (len(text) % 2))
    reference = element(0x00081155, b"UI", uid.encode() + b"\0" * (len(uid) % 2))

    after = output(tmp_path, before_name(stored, reference), plan)

    assert after.ReferencedSOPInstanceUID == plan.new_uid(uid) != uid
    assert after[tag].value == form.format(plan.new_uid(uid))


@pytest.mark.parametrize(
    ("tag", "uid"),
    [
        (0x0008010C, "2.16.840.1.113883.6.96"),
        (0x0008010D, "1.2.840.10008.6.1.907"),
        (0x00080117, "1.2.840.10008.6.1.907"),
        (0x00080118, "1.2.840.10008.8.1.1"),
        (0x00200052, "1.2.840.10008.1.4.1.1"),
        (0x00081150, MR),
    ],
)
def test_uids_of_the_standard_stay(tmp_path, tag, uid):
    stored = element(tag, b"UI", uid.encode() + b"\0" * (len(uid) % 2))

    assert output(tmp_path, before_name(stored))[tag].value == uid


@pytest.mark.parametrize("profile", ["research", "basic"])
def test_a_vendors_own_class_stays_what_it_is(tmp_path, profile):
    vendors = "1.3.12.2.1107.5.9.1"
    reference = Dataset()
    reference.ReferencedSOPClassUID = vendors
    reference.ReferencedSOPInstanceUID = "1.2.3.4.77"
    dataset = brain(SOPClassUID=vendors, SourceImageSequence=[reference])
    source, target = save(dataset, tmp_path / "source.dcm"), tmp_path / "target.dcm"

    rewrite(source, target, compile_plan(profile, identity=identity()))

    after = dcmread(target)
    assert after.SOPClassUID == after.file_meta.MediaStorageSOPClassUID == vendors
    assert after.SourceImageSequence[0].ReferencedSOPClassUID == vendors
    assert after.SourceImageSequence[0].ReferencedSOPInstanceUID.startswith("2.25.")


def test_uids_are_the_same_in_every_plan_of_a_participant_and_in_no_other():
    first, again = (compile_plan(identity=identity()) for _ in range(2))
    basic = compile_plan("basic", identity=identity())
    other = compile_plan(identity=identity(secret=b"q" * 32))

    assert first.new_uid(UIDS[0]) == again.new_uid(UIDS[0]) == basic.new_uid(UIDS[0])
    assert first.new_uid(UIDS[0]) != other.new_uid(UIDS[0])


# -- dummies of the project's own -----------------------------------------------------------------


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian])
def test_a_rule_can_name_the_dummy(tmp_path, syntax):
    plan = compile_plan(identity=identity(), rules=[Rule("(0008,1030)", "dummy", "STUDY")])
    target = tmp_path / "target.dcm"

    rewrite(save(brain(), tmp_path / "source.dcm", syntax=syntax), target, plan)

    assert dcmread(target).StudyDescription == "STUDY"
