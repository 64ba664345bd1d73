"""Overlays among the pixel values: the drawing goes, the picture stays; or the file is refused."""

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
)

from deidentify.errors import Refused
from deidentify.leaks.check import LeakCheck
from deidentify.leaks.terms import SearchTerms
from deidentify.plan import compile_plan
from deidentify.rewrite import rewrite
from deidentify.rules import Rule
from tests.deidentify.samples import brain, identity, save

ROWS, COLUMNS = 300, 400


def drawn(*positions: int, **elements: object) -> Dataset:
    """An image of 12 bits with random overlays in the bits at `positions`."""
    random = np.random.default_rng(7)
    values = random.integers(0, 1 << 12, (ROWS, COLUMNS), dtype=np.uint16)
    for position in positions:
        values |= random.integers(0, 2, values.shape, dtype=np.uint16) << np.uint16(position)
    dataset = brain(Rows=ROWS, Columns=COLUMNS, BitsStored=12, HighBit=11, **elements)
    dataset.PixelData = values.tobytes()
    for number, position in enumerate(positions):
        group = 0x6000 + 2 * number
        dataset.add_new((group, 0x0010), "US", ROWS)
        dataset.add_new((group, 0x0011), "US", COLUMNS)
        dataset.add_new((group, 0x0040), "CS", "G")
        dataset.add_new((group, 0x0050), "SS", [1, 1])
        dataset.add_new((group, 0x0100), "US", 16)
        dataset.add_new((group, 0x0102), "US", position)
    return dataset


def rewritten(dataset, folder, *, syntax=ExplicitVRLittleEndian, **options):
    source, target = save(dataset, folder / "source.dcm", syntax=syntax), folder / "target.dcm"
    rewrite(source, target, compile_plan(identity=identity(), **options))
    return dcmread(target), (source, target)


def values_of(dataset):
    return np.frombuffer(dataset.PixelData, "<u2")


@pytest.mark.parametrize("digest", [True, False])
@pytest.mark.parametrize("positions", [(12,), (15, 13)])
@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_overlay_bits_go_and_the_values_stay(tmp_path, syntax, positions, digest):
    dataset = drawn(*positions)
    source, target = save(dataset, tmp_path / "s.dcm", syntax=syntax), tmp_path / "t.dcm"

    rewrite(source, target, compile_plan(identity=identity()), digest=digest)

    output = dcmread(target)
    assert (values_of(output) == values_of(dataset) & 0x0FFF).all()
    assert (values_of(dataset) & 0xF000).any()
    assert not [element.tag for element in output if element.tag.group >= 0x6000 < 0x7FE0][1:]


def test_values_that_came_as_big_endian_lose_the_same_bits(tmp_path):
    dataset = drawn(14)
    kept = values_of(dataset) & 0x0FFF
    swapped = Dataset(dataset)
    swapped.PixelData = values_of(dataset).byteswap().tobytes()

    output, _ = rewritten(swapped, tmp_path, syntax=ExplicitVRBigEndian)

    assert (values_of(output) == kept).all()


def test_bits_of_the_values_themselves_stay_whatever_an_overlay_claims(tmp_path):
    dataset = drawn(3)

    output, _ = rewritten(dataset, tmp_path)

    assert output.PixelData == dataset.PixelData


def test_a_rule_keeps_overlays_and_with_them_their_bits(tmp_path):
    rules = [
        Rule(element=f"(6000,{last})", action="keep")
        for last in ("0010", "0011", "0040", "0050", "0100", "0102")
    ]
    dataset = drawn(12)

    output, _ = rewritten(dataset, tmp_path, rules=rules)

    assert output.PixelData == dataset.PixelData
    assert output[0x6000, 0x0102].value == 12


def test_graphics_compressed_with_the_picture_are_refused(tmp_path):
    dataset = drawn(12)
    dataset.PixelData = encapsulate([b"\xff\x4f\xff\x51" + bytes(60)])
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True

    with pytest.raises(Refused) as refused:
        rewritten(dataset, tmp_path, syntax=JPEG2000Lossless)

    assert refused.value.code == "embedded-graphics"


def test_the_leak_check_agrees_and_sees_bits_that_stayed(tmp_path):
    _, (source, target) = rewritten(drawn(12), tmp_path)
    terms = SearchTerms()
    terms.read(source)
    check = LeakCheck(terms)

    clean = [leak.kind for leak in check.examine(source, target) if "7FE0" in leak.path]
    output = dcmread(target)
    output.PixelData = drawn(12).PixelData
    output.save_as(target)
    left = [leak.kind for leak in check.examine(source, target) if "7FE0" in leak.path]

    assert clean == []
    assert left == ["pixels"]
