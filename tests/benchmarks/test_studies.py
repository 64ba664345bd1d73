"""The generated studies are what the bench says of them; no memory of values helps with them."""

import struct
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.pixels import pixel_array

from benchmarks import csa
from benchmarks.kinds import FRAMES, KINDS
from benchmarks.studies import write_study

SLICES = sorted(set(KINDS) - {"multiframe"})
REFERENCE = 0x00081155
STUDY_LEVEL = {"ReferencedPerformedProcedureStepSequence"}
SHAPES = {
    "ct": (512, 512),
    "mr": (256, 256),
    "compressed": (512, 512),
    "ultrasound": (768, 1024, 3),
}


def study(kind: str, place: Path, *, images: int = 3, seed: int = 1) -> list[Dataset]:
    write_study(kind, place / "study", images=images, seed=seed)
    return [dcmread(path) for path in sorted((place / "study").iterdir())]


def images_referred_to(image: Dataset) -> Iterator[str]:
    for element in image:
        if element.VR == "SQ" and element.keyword not in STUDY_LEVEL:
            for item in element.value:
                yield from images_referred_to(item)
        elif element.tag == REFERENCE:
            yield element.value


@pytest.mark.parametrize("kind", SLICES)
def test_a_study_re_reads_with_pixels_of_its_kind(kind: str, tmp_path: Path):
    images = study(kind, tmp_path)

    assert {pixel_array(image).shape for image in images} == {SHAPES[kind]}
    assert len({image.StudyInstanceUID for image in images}) == 1
    assert len({image.SeriesInstanceUID for image in images}) == 1


@pytest.mark.parametrize("kind", SLICES)
def test_no_uid_of_an_image_stands_in_two_files(kind: str, tmp_path: Path):
    images = study(kind, tmp_path)

    uids = Counter(image.SOPInstanceUID for image in images)
    uids.update(uid for image in images for uid in images_referred_to(image))

    assert len(uids) >= len(images)
    assert max(uids.values()) == 1


@pytest.mark.parametrize("kind", SLICES)
def test_the_same_seed_gives_the_same_bytes_and_another_gives_others(kind: str, tmp_path: Path):
    for name, seed in (("first", 1), ("again", 1), ("other", 2)):
        write_study(kind, tmp_path / name, images=1, seed=seed)

    first, again, other = (
        next((tmp_path / name).iterdir()).read_bytes() for name in ("first", "again", "other")
    )
    assert first == again
    assert first != other


def test_a_ct_image_has_about_a_hundred_and_ten_elements_six_of_them_sequences(tmp_path: Path):
    (image,) = study("ct", tmp_path, images=1)

    assert 105 <= len(image) <= 120
    assert sum(element.VR == "SQ" for element in image) == 6


def test_an_mr_image_refers_to_sixty_images_and_carries_csa_headers(tmp_path: Path):
    images = study("mr", tmp_path, images=2)

    first, second = images
    assert len(list(images_referred_to(first))) == 60
    assert first[0x0029, 0x1010].value != second[0x0029, 0x1010].value
    assert first[0x0029, 0x1020].value == second[0x0029, 0x1020].value
    assert 10_000 < len(first[0x0029, 0x1010].value) + len(first[0x0029, 0x1020].value) < 60_000


def test_a_csa_header_reads_by_its_own_layout_to_the_last_byte():
    header = csa.image_header(3, -3.75)

    (number,) = struct.unpack_from("<I", header, 8)
    tags, position = {}, 16
    for _ in range(number):
        name, _, vr, _, items, mark = struct.unpack_from("<64si4s3i", header, position)
        position += 84
        values = []
        for _ in range(items):
            (length,) = struct.unpack_from("<i", header, position)
            values.append(header[position + 16 : position + 16 + length].rstrip(b"\0"))
            position += 16 + length + -length % 4
        assert mark == 77
        tags[name.rstrip(b"\0")] = (vr.rstrip(b"\0"), values)

    assert header[:4] == b"SV10"
    assert position == len(header)
    assert tags[b"SliceLocation"] == (b"DS", [b"-3.75000000", *[b""] * 5])


def test_a_compressed_ct_is_much_smaller_than_a_plain_one(tmp_path: Path):
    (image,) = study("compressed", tmp_path, images=1)

    assert image.file_meta.TransferSyntaxUID.is_compressed
    assert len(image.PixelData) < 512 * 512 * 2 / 2


def test_a_multi_frame_image_has_40_mb_and_functional_groups_for_every_frame(tmp_path: Path):
    (image,) = study("multiframe", tmp_path, images=1)

    references = list(images_referred_to(image))
    assert len(image.PixelData) == FRAMES * 256 * 256 * 2 > 40e6
    assert len(image.PerFrameFunctionalGroupsSequence) == FRAMES
    assert len(set(references)) == len(references) == FRAMES
