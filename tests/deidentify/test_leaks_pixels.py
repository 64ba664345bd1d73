"""Pixels are compared with the source's; comments inside compressed frames are searched."""

import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import MPEG4HP41, JPEGBaseline8Bit

from tests.deidentify.leak_cases import Case, clean_dataset, source_dataset


@pytest.fixture
def case(tmp_path):
    return Case(tmp_path)


def places(findings):
    return {(finding.kind, finding.path) for finding in findings}


def test_changed_pixels_are_found(case):
    target = clean_dataset()
    target.PixelData = bytes(64)

    (finding,) = case.examine(target)

    assert (finding.kind, finding.path) == ("pixels", "(7FE0,0010)")


def test_native_pixels_are_compared_and_not_searched(tmp_path):
    source, target = source_dataset(), clean_dataset()
    source.PixelData = target.PixelData = b" Bjornstad ".ljust(64, b"\0")

    assert Case(tmp_path, source).examine(target) == []


def compressed(dataset, comment):
    segment = b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment
    frame = b"\xff\xd8" + segment + b"\xff\xda\x00\x02" + bytes(range(200)) + b"\xff\xd9"
    dataset.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    dataset.PixelData = encapsulate([frame])
    dataset["PixelData"].VR = "OB"
    return dataset


def test_a_comment_inside_a_compressed_frame_is_searched(tmp_path):
    case = Case(tmp_path, compressed(source_dataset(), b"made for Bjornstad"))

    findings = case.examine(compressed(clean_dataset(), b"made for Bjornstad"))

    assert places(findings) == {("name", "(7FE0,0010)")}


def test_a_compressed_frame_may_lose_its_comment(tmp_path):
    case = Case(tmp_path, compressed(source_dataset(), b"made for Bjornstad"))

    assert case.examine(compressed(clean_dataset(), b"")) == []


def test_a_comment_between_the_scans_of_a_progressive_image_is_searched(tmp_path):
    case = Case(tmp_path, between_scans(source_dataset(), b"Ase"))

    clean = case.examine(between_scans(clean_dataset(), b"Ase"))
    findings = case.examine(between_scans(clean_dataset(), b"v/ Lie, Bjornstad"))

    assert clean == []
    assert places(findings) == {("name", "(7FE0,0010)")}


def between_scans(dataset, comment):
    segment = b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment
    scan = b"\xff\xda\x00\x02" + bytes(range(200)) + b"\xff\x00\xff\xd0"
    dataset.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    dataset.PixelData = encapsulate([b"\xff\xd8" + scan + segment + scan + b"\xff\xd9"])
    dataset["PixelData"].VR = "OB"
    return dataset


@pytest.mark.parametrize(
    ("user_data", "is_found"),
    [
        (b"Kvamsdal", True),
        (b"KVAMSDAL", True),
        ("Bj\xf8rnstad".encode("latin-1"), True),
        (b"13836033390", True),
        (b"kVaMsDaL", False),
        (b"Marie", False),
    ],
)
def test_in_a_video_counts_what_chance_does_not_make(tmp_path, user_data, is_found):
    unit = b"\x00\x00\x01\x06\x05\x20" + bytes(range(16)) + b"\x00" + user_data + b"\x00\x80"
    made = source_dataset(), clean_dataset()
    for dataset in made:
        dataset.file_meta.TransferSyntaxUID = MPEG4HP41
        dataset.PixelData = encapsulate([bytes(range(256)) * 9 + unit + bytes(range(256))])
        dataset["PixelData"].VR = "OB"

    findings = Case(tmp_path, made[0]).examine(made[1])

    assert {finding.path for finding in findings} == ({"(7FE0,0010)"} if is_found else set())
