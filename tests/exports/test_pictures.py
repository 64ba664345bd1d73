"""Pictures of every kind of pixel data, opened with Pillow."""

import io
import json
import resource
from zipfile import ZipFile

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from exports.formats.pictures import draw, wish_of
from exports.specification import read_specification
from tests.datasets import ct, make_ct_series, make_mr_series, make_sr, make_us_series, write
from tests.exports.conftest import path_of
from tests.exports.research_copies import add_image, add_study, dicom_files
from tests.exports.turns import build_in_turns
from transfers.pictures import read_header

RAMP = np.arange(256, dtype=np.uint16).reshape(16, 16) * 16


def wanted(**options: object):
    return read_specification({"format": "pictures", "options": options})


@pytest.fixture
def drawn(build, project):
    """Build pictures of the project; give what lies in the package by name, and the manifest."""

    def drawn(**options: object) -> tuple[dict[str, bytes], dict]:
        with ZipFile(path_of(build(project, wanted(**options)))) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        manifest = json.loads(members["manifest.json"])
        return {name: data for name, data in members.items() if "/" in name}, manifest

    return drawn


@pytest.fixture
def grey(project, tmp_path):
    """Put one CT image of given stored values into the project."""

    def grey(values=RAMP, **attributes: object) -> None:
        image = ct(PatientID="BICAM_0001")
        image.Rows, image.Columns = values.shape
        image.PixelData = values.tobytes()
        image.PixelRepresentation = int(values.dtype.kind == "i")
        for keyword, value in attributes.items():
            setattr(image, keyword, value)
        add_image(add_study(project, []), write(image, tmp_path / "grey.dcm"))

    return grey


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


def test_every_image_becomes_a_picture_in_the_folder_of_its_series(project, drawn, tmp_path):
    make_mr_series(tmp_path / "a", n=3, SeriesNumber=3)
    add_study(project, dicom_files(tmp_path / "a"))

    pictures, _ = drawn()

    top = "BICAM_0001/baseline/MR/0003_T1_MPRAGE"
    assert list(pictures) == [f"{top}/0001.png", f"{top}/0002.png", f"{top}/0003.png"]
    first = dcmread(dicom_files(tmp_path / "a")[0])
    shapes = {pixels(data).shape for data in pictures.values()}
    assert shapes == {(first.Rows, first.Columns)}


def test_window_of_the_header_counts_in_eight_and_in_sixteen_bits(grey, drawn):
    grey(WindowCenter=2048, WindowWidth=2001, RescaleSlope=1, RescaleIntercept=0)

    (eight,) = map(pixels, drawn()[0].values())
    (sixteen,) = map(pixels, drawn(depth="16")[0].values())

    assert (eight.dtype, sixteen.dtype) == (np.uint8, np.uint16)
    outside = RAMP < 1000
    assert eight[outside].max() == 0
    assert (sixteen.min(), sixteen.max()) == (0, 65535)
    assert len(np.unique(sixteen)) > 100
    assert np.abs(eight.astype(int) - sixteen // 257).max() <= 1


def test_stored_values_come_out_as_they_are(grey, drawn):
    grey(RAMP.astype(np.int16) - 1024, BitsStored=16, HighBit=15)

    (found,) = map(pixels, drawn(contrast="stored")[0].values())

    assert (found.astype(int) - 32768 == RAMP.astype(int) - 1024).all()


def test_monochrome1_is_turned_over(grey, drawn):
    grey(PhotometricInterpretation="MONOCHROME1")

    (found,) = map(pixels, drawn(contrast="full")[0].values())

    assert (found.flat[0], found.flat[255]) == (255, 0)


@pytest.mark.parametrize(
    ("function", "at_center"),
    [("LINEAR", 128), ("LINEAR_EXACT", 127), ("SIGMOID", 127)],
)
def test_function_of_the_window_is_the_one_of_the_header(grey, drawn, function, at_center):
    grey(
        np.full((8, 8), 100, np.uint16),
        WindowCenter=100,
        WindowWidth=50,
        VOILUTFunction=function,
        RescaleSlope=1,
        RescaleIntercept=0,
    )

    (found,) = map(pixels, drawn()[0].values())

    assert abs(int(found[0, 0]) - at_center) <= 2


def test_every_frame_has_its_own_window(project, drawn, tmp_path):
    image = ct(PatientID="BICAM_0001", NumberOfFrames=2)
    image.Rows, image.Columns = 16, 16
    image.PixelData = RAMP.tobytes() * 2
    for keyword in ("WindowCenter", "WindowWidth", "RescaleSlope", "RescaleIntercept"):
        if keyword in image:
            del image[keyword]
    image.PerFrameFunctionalGroupsSequence = Sequence(map(window, (500, 3500)))
    add_image(add_study(project, []), write(image, tmp_path / "frames.dcm"))

    pictures, _ = drawn()

    assert [name.rpartition("/")[2] for name in pictures] == ["0001+0001.png", "0001+0002.png"]
    bright, dark = map(pixels, pictures.values())
    assert bright.mean() > dark.mean() + 100


def window(center: int) -> Dataset:
    """Return a frame's functional groups with a window of its own."""
    voi, frame = Dataset(), Dataset()
    voi.WindowCenter, voi.WindowWidth = center, 200
    frame.FrameVOILUTSequence = Sequence([voi])
    return frame


def test_frames_become_pictures_each_or_the_middle_one_alone(project, drawn, tmp_path):
    make_us_series(tmp_path / "a", n=1, frames=3)
    add_study(project, dicom_files(tmp_path / "a"))

    every, middle = drawn()[0], drawn(frames="middle")[0]

    assert len(every) == 3
    assert [name.rpartition("/")[2] for name in middle] == ["0001+0002.png"]
    assert list(middle.values()) == [list(every.values())[1]]


@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_colour_stays_colour_and_carries_nothing_else(project, drawn, tmp_path, kind):
    make_us_series(tmp_path / "a", n=1, frames=1)
    add_study(project, dicom_files(tmp_path / "a"))

    (data,) = drawn(kind=kind)[0].values()

    picture = Image.open(io.BytesIO(data))
    picture.load()
    assert picture.mode == "RGB"
    assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert not picture.getexif()


@pytest.mark.parametrize("name", ["JPEG2000.dcm", "SC_rgb_rle.dcm", "SC_rgb_jpeg_gdcm.dcm"])
def test_compressed_frames_are_drawn(project, drawn, tmp_path, name):
    image = dcmread(get_testdata_file(name))
    image.PatientID = "BICAM_0001"
    image.save_as(tmp_path / "compressed.dcm")
    add_image(add_study(project, []), tmp_path / "compressed.dcm")

    pictures, manifest = drawn()

    assert manifest["left_out"] == []
    assert pixels(next(iter(pictures.values()))).shape[:2] == (image.Rows, image.Columns)


def test_what_is_no_picture_is_left_out_with_the_reason(project, drawn, tmp_path):
    make_sr(tmp_path / "a", n=1)
    make_ct_series(tmp_path / "b", n=2)
    add_study(project, [*dicom_files(tmp_path / "a"), *dicom_files(tmp_path / "b")])

    pictures, manifest = drawn()

    assert len(pictures) == 2
    (left_out,) = manifest["left_out"]
    assert left_out["images"] == 1
    assert "no picture in it" in left_out["reason"]


def test_damaged_frame_is_left_out_and_the_others_are_drawn(project, drawn, tmp_path):
    make_ct_series(tmp_path / "a", n=2)
    first, second = dicom_files(tmp_path / "a")
    run = add_study(project, [first])
    damaged = dcmread(second)
    damaged.PatientID, damaged.PixelData = "BICAM_0001", damaged.PixelData[:100]
    damaged.save_as(second)
    add_image(run, second)

    pictures, manifest = drawn()

    assert len(pictures) == 1
    assert [one["reason"] for one in manifest["left_out"]] == ["Its pixels cannot be decoded."]


@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_picture_that_a_full_disk_has_no_room_for_is_an_error_and_no_damaged_frame(kind, tmp_path):
    image = ct()
    image.Rows = image.Columns = 128
    image.PixelData = np.random.default_rng(7).integers(2048, size=2**14, dtype="<u2").tobytes()
    path = write(image, tmp_path / "noise.dcm")
    wish = wish_of(wanted().options | {"kind": kind})
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            draw(wish, path, 1, read_header(path), tmp_path / "noise")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_pictures_drawn_in_many_short_turns_are_the_same(project, owner, build, tmp_path):
    make_mr_series(tmp_path / "a", n=3)
    make_sr(tmp_path / "b", n=2)
    add_study(project, [*dicom_files(tmp_path / "a"), *dicom_files(tmp_path / "b")])
    undisturbed = build(project, wanted())

    package = build_in_turns(owner, project, wanted())

    assert package.sha256 == undisturbed.sha256
