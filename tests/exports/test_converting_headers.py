"""The texts of a NIfTI header go, its geometry and its voxels stay."""

import gzip

import nibabel
import numpy as np
import pytest

from exports.converting.headers import Shape, clean_header, read_shape

IMAGES = {"NIfTI-1": nibabel.Nifti1Image, "NIfTI-2": nibabel.Nifti2Image}


def make(folder, *, kind=nibabel.Nifti1Image, descrip=b"", aux_file=b"", intent_name=b""):
    voxels = np.arange(2 * 3 * 4 * 5, dtype=np.int16).reshape(2, 3, 4, 5)
    image = kind(voxels, np.diag([2.0, 3.0, 4.0, 1.0]))
    image.header.set_xyzt_units("mm", "sec")
    image.header["pixdim"][4] = 2.5
    image.header["descrip"], image.header["aux_file"] = descrip, aux_file
    image.header["intent_name"] = intent_name
    path = folder / "image.nii"
    nibabel.save(image, path)
    return path


def text(path, field):
    return bytes(nibabel.load(path).header[field].tobytes()).rstrip(b"\0")


@pytest.mark.parametrize("kind", IMAGES.values(), ids=IMAGES)
def test_time_of_day_and_comments_go_and_echo_time_stays(kind, tmp_path):
    path = make(
        tmp_path,
        kind=kind,
        descrip=b"TE=30;Time=110432.975;phase=1",
        aux_file=b"Olga after the fall",
        intent_name=b"Olga",
    )

    clean_header(path)

    assert text(path, "descrip") == b"TE=30;phase=1"
    assert text(path, "aux_file") == text(path, "intent_name") == b""


@pytest.mark.parametrize("kind", IMAGES.values(), ids=IMAGES)
def test_geometry_timing_and_voxels_stay_as_they_are(kind, tmp_path):
    path = make(tmp_path, kind=kind, descrip=b"Time=110432.975", aux_file=b"a comment")
    before = nibabel.load(path)
    voxels, affine, zooms = np.asanyarray(before.dataobj), before.affine, before.header.get_zooms()

    assert clean_header(path)

    after = nibabel.load(path)
    assert np.array_equal(np.asanyarray(after.dataobj), voxels)
    assert np.array_equal(after.affine, affine)
    assert after.header.get_zooms() == zooms


def test_what_is_not_known_to_tell_of_the_image_goes(tmp_path):
    path = make(tmp_path, descrip=b"Olga Nordmann;TE=30;note=Olga;TE=Olga")

    clean_header(path)

    assert text(path, "descrip") == b"TE=30"


def test_time_of_day_stays_where_it_was_asked_for(tmp_path):
    path = make(tmp_path, descrip=b"TE=30;Time=110432.975")

    assert not clean_header(path, keeps_times=True)

    assert text(path, "descrip") == b"TE=30;Time=110432.975"


def test_what_is_no_nifti_is_refused(tmp_path):
    (tmp_path / "image.nii").write_bytes(b"PK" * 400)

    with pytest.raises(ValueError, match="NIfTI header"):
        clean_header(tmp_path / "image.nii")


@pytest.mark.parametrize("kind", IMAGES.values(), ids=IMAGES)
def test_volumes_and_the_seconds_between_them_are_read_from_plain_and_compressed(kind, tmp_path):
    path = make(tmp_path, kind=kind)
    (tmp_path / "image.nii.gz").write_bytes(gzip.compress(path.read_bytes()))

    shapes = [read_shape(path), read_shape(tmp_path / "image.nii.gz")]

    assert shapes == [Shape(volumes=5, seconds=2.5)] * 2
