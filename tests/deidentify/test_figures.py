"""Numbers and codes: what is no number or code has no place in them, and hides nobody."""

import struct

import pytest

from deidentify.plan import compile_plan
from deidentify.rewrite import rewrite
from tests.deidentify.samples import identity, raw_file

BEFORE_PIXELS = struct.pack("<HH2s", 0x7FE0, 0x10, b"OW")


def element(tag, vr, value):
    return struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr, len(value)) + value


@pytest.mark.parametrize(
    ("tag", "vr", "value"),
    [
        (0x00200012, b"IS", b"Bjornstad "),
        (0x00180050, b"DS", b"13836033390 "),
        (0x00200012, b"IS", b"13836033390 "),
        (0x00200012, b"IS", b"138360 33390"),
        (0x00200012, b"IS", b"13.03.1960"),
        (0x00080008, b"CS", b"ORIGINAL\\BJORNSTAD"),
        (0x00180022, b"CS", b"FS\\BJORNSTAD"),
    ],
)
def test_numbers_and_codes_that_hold_a_name_or_a_number_of_the_patient_lose_it(
    tmp_path, tag, vr, value
):
    source = raw_file(
        tmp_path,
        lambda raw: raw.replace(BEFORE_PIXELS, element(tag, vr, value) + BEFORE_PIXELS),
    )
    target = source.with_name("target.dcm")

    rewrite(source, target, compile_plan(identity=identity()))

    raw = target.read_bytes()
    assert b"BJORNSTAD" not in raw.upper()
    assert b"33390" not in raw
    assert b"13.03.1960" not in raw


def test_numbers_stay_to_the_letter(tmp_path):
    numbers = element(0x00180050, b"DS", b"1.50\\-2e-3 ") + element(0x00200012, b"IS", b"007 ")
    source = raw_file(tmp_path, lambda raw: raw.replace(BEFORE_PIXELS, numbers + BEFORE_PIXELS))
    target = source.with_name("target.dcm")

    rewrite(source, target, compile_plan(identity=identity()))

    assert numbers in target.read_bytes()
