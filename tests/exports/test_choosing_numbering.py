"""Instance numbers from a file's first bytes: what pydicom says, however the file is written."""

from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from exports.choosing import numbering
from exports.choosing.numbering import number_in
from tests.datasets import make_mr_series


def nested(*, undefined):
    """A sequence two deep whose items hold instance numbers of others."""
    inner, outer = pydicom.Dataset(), pydicom.Dataset()
    inner.InstanceNumber = outer.InstanceNumber = 99
    outer.RequestAttributesSequence = Sequence([inner])
    for holder in (inner, outer):
        holder.is_undefined_length_sequence_item = undefined
    outer["RequestAttributesSequence"].is_undefined_length = undefined
    return Sequence([outer, outer])


@pytest.mark.parametrize("undefined", [True, False])
@pytest.mark.parametrize(
    "syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian]
)
def test_number_is_that_of_the_image_and_not_of_one_it_refers_to(tmp_path, syntax, undefined):
    (file,) = make_mr_series(tmp_path, n=1)
    data = pydicom.dcmread(file)
    data.ReferencedImageSequence = nested(undefined=undefined)
    data["ReferencedImageSequence"].is_undefined_length = undefined
    data.InstanceNumber = 7
    data.file_meta.TransferSyntaxUID = syntax
    data.save_as(file, implicit_vr=syntax.is_implicit_VR, little_endian=True)

    assert number_in(file) == 7


@pytest.mark.parametrize(("value", "number"), [(None, None), ("", None), ("-3", -3)])
def test_number_may_be_missing_or_empty(tmp_path, value, number):
    (file,) = make_mr_series(tmp_path, n=1)
    data = pydicom.dcmread(file)
    del data.InstanceNumber
    if value is not None:
        data.InstanceNumber = value
    data.save_as(file)

    assert number_in(file) == number


def test_number_far_behind_the_window_is_found(tmp_path, monkeypatch):
    (file,) = make_mr_series(tmp_path, n=1)
    monkeypatch.setattr(numbering, "WINDOW", 600)

    assert number_in(file) == pydicom.dcmread(file).InstanceNumber


@pytest.mark.parametrize(
    "name",
    ["CT_small.dcm", "MR_small_bigendian.dcm", "rtplan.dcm", "image_dfl.dcm", "reportsi.dcm"],
)
def test_files_of_others_are_read_as_pydicom_reads_them(name):
    path = get_testdata_file(name)

    said = pydicom.dcmread(path, stop_before_pixels=True).get("InstanceNumber")

    assert number_in(Path(path)) == said
