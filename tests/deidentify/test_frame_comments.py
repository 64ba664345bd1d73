"""Comments in compressed frames: names go, the picture and every length stay."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, generate_fragments, generate_frames
from pydicom.uid import JPEG2000Lossless, JPEGBaseline8Bit, JPEGLSLossless, RLELossless

from deidentify.errors import Refused
from deidentify.leaks.check import LeakCheck
from deidentify.leaks.terms import SearchTerms
from deidentify.plan import compile_plan
from deidentify.rewrite import rewrite
from tests.deidentify.samples import brain, identity, save

NAME = "Bjørnstad^Åse".encode()
PICTURE = np.arange(64 * 64, dtype=np.uint8).reshape(64, 64)


def plan():
    return compile_plan(identity=identity())


def segment(marker: int, payload: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(payload) + 2).to_bytes(2, "big") + payload


def jpeg(*segments: bytes) -> bytes:
    """A baseline JPEG with segments of one's own behind its JFIF header."""
    stream = io.BytesIO()
    Image.fromarray(PICTURE).save(stream, "JPEG", quality=90)
    made = stream.getvalue()
    return made[:20] + b"".join(segments) + made[20:]


def codestream() -> bytes:
    stream = io.BytesIO()
    Image.fromarray(PICTURE).save(stream, "JPEG2000", no_jp2=True)
    return stream.getvalue()


def jpeg_2000(*segments: bytes) -> bytes:
    """A codestream with segments of one's own behind SIZ."""
    made = codestream()
    assert made.startswith(b"\xff\x4f\xff\x51")
    behind = 4 + int.from_bytes(made[4:6], "big")
    return made[:behind] + b"".join(segments) + made[behind:]


def box(kind: bytes, content: bytes) -> bytes:
    return (len(content) + 8).to_bytes(4, "big") + kind + content


def boxed(*boxes: bytes) -> bytes:
    """A JP2 file with boxes of one's own before the codestream, in which a name stands."""
    return boxed_alone(*boxes, inside=jpeg_2000(segment(0x64, b"\0\1" + NAME)))


def boxed_alone(*boxes: bytes, inside: bytes = b"") -> bytes:
    stream = io.BytesIO()
    Image.fromarray(PICTURE).save(stream, "JPEG2000", no_jp2=False)
    made = stream.getvalue()
    start = made.index(b"jp2c") - 4
    return made[:start] + b"".join(boxes) + box(b"jp2c", inside or jpeg_2000())


def picture(frames: list[bytes], syntax: str, *, fragments: int = 1) -> Dataset:
    dataset = brain(Rows=64, Columns=64, BitsAllocated=8, BitsStored=8, HighBit=7)
    dataset.NumberOfFrames = len(frames)
    dataset.PixelData = encapsulate(frames, fragments_per_frame=fragments)
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    dataset.file_syntax = syntax
    return dataset


def rewritten(dataset: Dataset, folder: Path) -> tuple[Dataset, bytes]:
    source = save(dataset, folder / "source.dcm", syntax=dataset.file_syntax)
    target = folder / "target.dcm"
    rewrite(source, target, plan())
    terms = SearchTerms()
    terms.read(source)
    pixels = [leak for leak in LeakCheck(terms).examine(source, target) if "7FE0" in leak.path]
    assert pixels == []
    return dcmread(target), target.read_bytes()


@pytest.mark.parametrize(
    "frame",
    [
        jpeg(segment(0xFE, b"Patient: " + NAME)),
        jpeg(segment(0xE1, b"Exif\0\0" + NAME)),
        jpeg(segment(0xED, b"Photoshop 3.0\0" + NAME)),
        jpeg(segment(0xE0, b"JFXX\0\x10" + NAME)),
        jpeg(segment(0xFE, b"Kakadu-v7.2 " + NAME)),
        jpeg(b"\xff\xff" + segment(0xFE, NAME)),
        jpeg(segment(0xE2, bytes(9000)), segment(0xFE, NAME)),
    ],
    ids=["COM", "Exif", "Photoshop", "thumbnail", "behind an encoder", "fill bytes", "far behind"],
)
def test_names_in_jpeg_segments_go_and_the_picture_stays(tmp_path, frame):
    output, raw = rewritten(picture([frame, jpeg()], JPEGBaseline8Bit), tmp_path)

    frames = list(generate_frames(output.PixelData, number_of_frames=2))
    assert b"rnstad" not in raw
    assert [len(one) for one in frames] == [len(frame) + len(frame) % 2, len(jpeg())]
    shown = [np.asarray(Image.open(io.BytesIO(one))) for one in frames]
    assert (shown[0] == shown[1]).all()


@pytest.mark.parametrize(
    "frame",
    [
        jpeg_2000(segment(0x64, b"\0\1" + NAME)),
        jpeg_2000(segment(0x64, b"\0\0" + NAME)),
        boxed(box(b"xml ", b"<name>" + NAME + b"</name>")),
        boxed(box(b"uuid", bytes(16) + NAME)),
        boxed((1).to_bytes(4, "big") + b"asoc" + (16 + len(NAME)).to_bytes(8, "big") + NAME),
    ],
    ids=["text", "binary", "xml box", "uuid box", "long box"],
)
def test_names_in_jpeg_2000_go_and_the_picture_stays(tmp_path, frame):
    output, raw = rewritten(picture([frame], JPEG2000Lossless), tmp_path)

    assert b"rnstad" not in raw
    assert (output.pixel_array == PICTURE).all()


def test_names_in_boxes_around_jpeg_xl_go_and_the_codestream_stays(tmp_path):
    stream = box(b"jxlc", b"\xff\x0a" + bytes(range(30)))
    start = box(b"JXL ", b"\r\n\x87\n") + box(b"ftyp", b"jxl \0\0\0\0jxl ")
    frame = start + box(b"Exif", bytes(4) + NAME) + box(b"xml ", NAME) + stream

    output, raw = rewritten(picture([frame], JPEG2000Lossless), tmp_path)

    (kept,) = generate_frames(output.PixelData, number_of_frames=1)
    assert b"rnstad" not in raw
    assert kept.startswith(start)
    assert kept.rstrip(b"\0").endswith(stream)


def test_a_comment_in_the_header_of_a_tile_part_goes(tmp_path):
    made = codestream()
    tile = made.index(b"\xff\x90")
    comment = segment(0x64, b"\0\1" + NAME)
    size = int.from_bytes(made[tile + 6 : tile + 10], "big") + len(comment)
    header = made[tile : tile + 6] + size.to_bytes(4, "big") + made[tile + 10 : tile + 12]

    output, raw = rewritten(
        picture([made[:tile] + header + comment + made[tile + 12 :]], JPEG2000Lossless), tmp_path
    )

    assert b"rnstad" not in raw
    assert (output.pixel_array == PICTURE).all()


@pytest.mark.parametrize(
    ("frame", "syntax"),
    [
        (jpeg() + NAME, JPEGBaseline8Bit),
        (jpeg() + bytes(40) + NAME + bytes(40), JPEGBaseline8Bit),
        (codestream() + NAME, JPEG2000Lossless),
        (boxed() + box(b"uuid", NAME), JPEG2000Lossless),
        (boxed() + NAME, JPEG2000Lossless),
    ],
    ids=["JPEG", "JPEG, far behind", "codestream", "box behind", "JP2"],
)
def test_what_follows_the_end_of_an_image_goes(tmp_path, frame, syntax):
    output, raw = rewritten(picture([frame], syntax), tmp_path)

    assert b"rnstad" not in raw
    (kept,) = generate_frames(output.PixelData, number_of_frames=1)
    assert len(kept) == len(frame) + len(frame) % 2
    shown = np.asarray(Image.open(io.BytesIO(kept)))
    assert (shown == np.asarray(Image.open(io.BytesIO(frame)))).all()


def test_a_jpeg_without_an_end_stays_as_it_is(tmp_path):
    source = picture([jpeg()[:-2] + b"\x12\x34"], JPEGBaseline8Bit)

    output, _ = rewritten(source, tmp_path)

    assert output.PixelData == source.PixelData


def test_a_comment_that_two_fragments_share_goes_from_both(tmp_path):
    frame = jpeg_2000(segment(0x64, b"\0\1" + NAME * 400))
    halves = picture([frame], JPEG2000Lossless, fragments=2)

    output, raw = rewritten_alone(halves, tmp_path)

    assert len(list(generate_fragments(output.PixelData))) == 3
    assert b"rnstad" not in raw
    assert (output.pixel_array == PICTURE).all()


def rewritten_alone(dataset: Dataset, folder: Path) -> tuple[Dataset, bytes]:
    source = save(dataset, folder / "source.dcm", syntax=dataset.file_syntax)
    target = folder / "target.dcm"
    rewrite(source, target, plan())
    return dcmread(target), target.read_bytes()


@pytest.mark.parametrize(
    ("frame", "syntax"),
    [
        (jpeg(), JPEGBaseline8Bit),
        (jpeg(segment(0xEE, b"Adobe\0\x64\0\0\0\0\0")), JPEGBaseline8Bit),
        (jpeg(segment(0xFE, b"CREATOR: gd-jpeg v1.0 (using IJG JPEG v80)\n")), JPEGBaseline8Bit),
        (jpeg_2000(segment(0x64, b"\0\1Kakadu-v7.9.1")), JPEG2000Lossless),
        (b"\xff\xd8" + segment(0xE8, b"mrfx\1") + b"\xff\xd9", JPEGLSLossless),
        (jpeg(segment(0xE1, b"II\0\1\2\3"), segment(0xFE, b"\0\1")), JPEGBaseline8Bit),
        (boxed_alone(box(b"uuid", b"\xe9A\x15\xb3" * 4 + b"\1")), JPEG2000Lossless),
        (b"\1\0\0\0" + bytes(60) + NAME, RLELossless),
        (b"\0\0\1\xb3" + NAME, "1.2.840.10008.1.2.4.100"),
    ],
    ids=[
        "JFIF",
        "Adobe",
        "IJG",
        "Kakadu",
        "JPEG-LS transform",
        "no text",
        "a kind of box",
        "RLE",
        "MPEG-2",
    ],
)
def test_what_decoding_needs_and_encoders_notes_stay_byte_for_byte(tmp_path, frame, syntax):
    source = picture([frame], syntax)

    output, _ = rewritten_alone(source, tmp_path)

    assert output.PixelData == source.PixelData


def test_a_thumbnail_in_the_jfif_header_goes(tmp_path):
    header = segment(0xE0, b"JFIF\0\1\2\0\0\1\0\1\1\1" + b"ABC")
    frame = b"\xff\xd8" + header + jpeg()[20:]

    output, _ = rewritten(picture([frame], JPEGBaseline8Bit), tmp_path)

    (kept,) = generate_frames(output.PixelData, number_of_frames=1)
    assert kept[:20] == frame[:20]
    assert kept[20:23] == bytes(3)


def test_rewriting_again_finds_nothing_more_to_overwrite(tmp_path):
    first, _ = rewritten(picture([boxed(box(b"xml ", NAME))], JPEG2000Lossless), tmp_path)
    (tmp_path / "target.dcm").rename(tmp_path / "once.dcm")

    written = rewrite(tmp_path / "once.dcm", tmp_path / "twice.dcm", plan())

    assert "B" not in written.changed
    assert dcmread(tmp_path / "twice.dcm").PixelData == first.PixelData


def nested(kind: bytes, depth: int) -> bytes:
    inner = b""
    for _ in range(depth):
        inner = box(kind, inner)
    return inner


@pytest.mark.parametrize(
    "frame",
    [
        boxed(nested(b"jp2h", 3000) + box(b"uuid", NAME)),
        boxed(box(b"jp2c", b"\xff\x4f") * 3000 + box(b"uuid", NAME)),
        boxed(*[box(b"jp2h", nested(b"jp2h", 2) + box(b"lbl ", NAME))]),
    ],
    ids=["headers in headers", "many codestreams", "label in a header"],
)
def test_boxes_in_no_order_are_followed_to_their_end(tmp_path, frame):
    _, raw = rewritten_alone(picture([frame], JPEG2000Lossless), tmp_path)

    assert b"rnstad" not in raw


def test_a_frame_in_thousands_of_fragments_is_read_in_time(tmp_path):
    frame = jpeg_2000(*[segment(0x64, b"\0\1" + NAME)] * 2000)
    source = picture([frame], JPEG2000Lossless, fragments=len(frame) // 8)

    output, raw = rewritten_alone(source, tmp_path)

    assert b"rnstad" not in raw
    assert (output.pixel_array == PICTURE).all()


def test_a_frame_of_endless_markers_is_refused(tmp_path):
    frame = b"\xff\xd8" + b"\xff" * 100_000

    with pytest.raises(Refused) as refused:
        rewritten_alone(picture([frame], JPEGBaseline8Bit), tmp_path)

    assert "PixelData" in refused.value.sentence
