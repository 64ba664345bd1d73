"""Frames as a person sees them, of every kind of pixel data that comes along."""

import io
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import MPEG2MPML, RLELossless

from tests.datasets import ct, sr, us, write
from transfers import pictures
from transfers.decoding import NotDecoded, decode_apart
from transfers.greys import Contrast
from transfers.pictures import CannotBeShown, facts_of, render


def seen(path, frame=1, **options):
    return np.asarray(Image.open(io.BytesIO(render(Path(path), frame, **options))))


def grey(tmp_path, values, **attributes):
    """Write a CT of these stored values, without a window unless one is named."""
    image = ct(**attributes)
    image.Rows, image.Columns = values.shape
    image.PixelData = values.astype("<u2").tobytes()
    image.RescaleIntercept, image.RescaleSlope = 0, 1
    return write(image, tmp_path / "grey.dcm")


STEPS = np.arange(256, dtype=np.uint16).reshape(16, 16)


def test_the_headers_window_says_what_is_black_and_what_is_white(tmp_path):
    path = grey(tmp_path, STEPS, WindowCenter=100, WindowWidth=51)

    pixels = seen(path)

    assert pixels.flat[70] == 0
    assert pixels.flat[130] == 255
    assert 100 < pixels.flat[100] < 155


def test_the_whole_range_shows_what_the_window_hides(tmp_path):
    path = grey(tmp_path, STEPS, WindowCenter=100, WindowWidth=51)

    pixels = seen(path, contrast=Contrast.FULL)

    assert (pixels.flat[0], pixels.flat[60], pixels.flat[255]) == (0, 60, 255)


def test_faint_letters_beside_bright_bone_stand_out(tmp_path):
    values = np.zeros((64, 64), np.uint16)
    values[10:14, 10:30] = 3  # letters
    values[40:60, 40:60] = 4000
    path = grey(tmp_path, values)

    full, even = seen(path, contrast=Contrast.FULL), seen(path, contrast=Contrast.EVEN)

    assert int(full[11, 11]) - int(full[0, 0]) < 2
    assert int(even[11, 11]) - int(even[0, 0]) > 100


def test_monochrome1_is_shown_with_its_lowest_value_white(tmp_path):
    path = grey(tmp_path, STEPS)
    image = dcmread(path)
    image.PhotometricInterpretation = "MONOCHROME1"

    pixels = seen(write(image, path), contrast=Contrast.FULL)

    assert (pixels.flat[0], pixels.flat[255]) == (255, 0)


def test_a_window_shared_by_all_frames_counts(tmp_path):
    voi, shared = Dataset(), Dataset()
    voi.WindowCenter, voi.WindowWidth = 100, 51
    shared.FrameVOILUTSequence = Sequence([voi])

    path = grey(tmp_path, STEPS, SharedFunctionalGroupsSequence=Sequence([shared]))

    assert seen(path).flat[70] == 0


def test_a_lookup_table_takes_the_place_of_a_window(tmp_path):
    table = Dataset()
    table.LUTDescriptor = [256, 0, 16]
    table.LUTData = [65535 - 257 * value for value in range(256)]
    table["LUTDescriptor"].VR, table["LUTData"].VR = "US", "US"

    path = grey(tmp_path, STEPS, VOILUTSequence=Sequence([table]))

    assert (seen(path).flat[0], seen(path).flat[255]) == (255, 0)


def test_each_frame_is_the_frame_it_is_called(tmp_path):
    image = us(frames=3)
    stored = np.frombuffer(image.PixelData, np.uint8).reshape(3, 48, 64, 3)
    path = write(image, tmp_path / "us.dcm")

    assert facts_of(path).frame_count == 3
    for number in (1, 2, 3):
        assert np.array_equal(seen(path, number), stored[number - 1])


def test_a_compressed_frame_is_what_it_was(tmp_path):
    image = dcmread(write(us(frames=2), tmp_path / "us.dcm"))
    before = seen(tmp_path / "us.dcm", 2)
    image.compress(RLELossless)
    image.save_as(tmp_path / "compressed.dcm")

    assert np.array_equal(seen(tmp_path / "compressed.dcm", 2), before)


def test_a_frame_far_larger_than_its_header_says_is_decoded_apart(monkeypatch):
    monkeypatch.setattr(pictures, "MOST_PIXELS", 1000)
    apart = []

    def not_decoded(path, index):
        apart.append(index)
        raise NotDecoded

    monkeypatch.setattr(pictures, "decode_apart", not_decoded)

    with pytest.raises(CannotBeShown, match="cannot be decoded"):
        render(Path(get_testdata_file("JPEG2000.dcm")))

    assert apart == [0]


def assert_decodes(path):
    facts = facts_of(Path(path))
    assert seen(path).shape[:2] == (facts.rows, facts.columns)


@pytest.mark.parametrize(
    "name",
    [
        "JPEG2000.dcm",
        "SC_rgb_jpeg_dcmtk.dcm",  # baseline, YBR
        "examples_palette.dcm",
        "examples_ybr_color.dcm",
        "SC_ybr_full_422_uncompressed.dcm",
        "SC_rgb_rle_16bit.dcm",
        "MR_small_bigendian.dcm",
        "rtdose.dcm",
        "liver_1frame.dcm",  # one bit
    ],
)
def test_every_kind_of_pixel_data_is_shown(name):
    assert_decodes(get_testdata_file(name))


def test_lossless_jpeg_and_jpeg_ls_are_decoded_in_a_process_of_their_own():
    plain = seen(get_testdata_file("SC_rgb_rle.dcm"))

    assert np.array_equal(seen(get_testdata_file("SC_rgb_jpeg_gdcm.dcm")), plain)
    assert_decodes(get_testdata_file("MR_small_jpeg_ls_lossless.dcm"))


def test_the_portal_itself_never_loads_gdcm():
    program = (
        "import rdma, sys, pydicom.pixels.utils;"
        "print('gdcm' in sys.modules and sys.modules['gdcm'] is None, '_gdcm' in sys.modules)"
    )

    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert said.stdout.split() == ["True", "False"]


def test_a_frame_that_cannot_be_decoded_apart_ends_in_an_error_of_ours(tmp_path):
    broken = tmp_path / "broken.dcm"
    broken.write_bytes(Path(get_testdata_file("SC_rgb_jpeg_gdcm.dcm")).read_bytes()[:-2000])

    with pytest.raises(NotDecoded):
        decode_apart(broken, 0)
    with pytest.raises(CannotBeShown, match="cannot be decoded"):
        render(broken)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"NumberOfFrames": 2}, "no frame 9"),
        ({"Rows": 60000, "Columns": 60000}, "too large"),
    ],
)
def test_what_cannot_be_shown_is_told_in_a_sentence(tmp_path, change, sentence):
    image = us(frames=2)
    for keyword, value in change.items():
        setattr(image, keyword, value)

    with pytest.raises(CannotBeShown, match=sentence):
        render(write(image, tmp_path / "us.dcm"), 9)


def test_a_video_and_a_report_are_told_apart_from_pictures(tmp_path):
    video = write(us(), tmp_path / "video.dcm")
    header = dcmread(video)
    header.file_meta.TransferSyntaxUID = MPEG2MPML
    header["PixelData"].VR, header["PixelData"].is_undefined_length = "OB", True
    header.PixelData = b"\xfe\xff\x00\xe0\x00\x00\x00\x00\xfe\xff\x00\xe0\x02\x00\x00\x00\0\0"
    header.save_as(video)

    with pytest.raises(CannotBeShown, match="video"):
        render(video)
    with pytest.raises(CannotBeShown, match="no picture"):
        render(write(sr(), tmp_path / "report.dcm"))


def test_a_thumbnail_fits_its_box_and_keeps_its_form(tmp_path):
    path = write(us(), tmp_path / "us.dcm")

    assert seen(path, box=32).shape == (24, 32, 3)


def test_of_a_large_file_one_frame_is_read(tmp_path):
    image = us(frames=1)
    image.Rows, image.Columns, image.NumberOfFrames = 480, 640, 100
    image.PixelData = bytes(480 * 640 * 3 * 100)
    path = write(image, tmp_path / "large.dcm")
    render(path)
    tracemalloc.start()

    render(path, 100)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert path.stat().st_size > 90_000_000
    assert peak < 20_000_000
