"""The carriers: files of every kind that come with pydicom, and builders for kinds that do not.

A carrier is the data set alone; who it is about and what is planted comes later.
"""

import copy
import warnings
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path

from pydicom import dcmread
from pydicom.data import get_charset_files, get_testdata_file
from pydicom.dataset import Dataset
from pydicom.uid import ImplicitVRLittleEndian

from rdma.selftest.planting.synthetic import IMAGES
from rdma.selftest.planting.synthetic_objects import OBJECTS
from rdma.selftest.planting.synthetic_scanners import SCANNERS

Builder = Callable[[int], Dataset]
"""Returns a fresh data set; the number chooses among several, where there are."""

SAMPLES = {
    "ct-ge-small": "CT_small.dcm",
    "ct-jpeg2000": "693_J2KI.dcm",
    "mr-jpeg2000": "MR_small_jp2klossless.dcm",
    "us-jpeg2000": "examples_jpeg2k.dcm",
    "mr-implicit": "MR_small_implicit.dcm",
    "mr-big-endian": "MR_small_bigendian.dcm",
    "mr-rle": "MR_small_RLE.dcm",
    "mr-jpeg-ls": "MR_small_jpeg_ls_lossless.dcm",
    "mr-overlay": "examples_overlay.dcm",
    "nm-jpeg-lossy": "JPEG-lossy.dcm",
    "sc-deflated": "image_dfl.dcm",
    "sc-jpeg": "SC_rgb_jpeg_dcmtk.dcm",
    "us-palette": "examples_palette.dcm",
    "us-multiframe-jpeg": "examples_ybr_color.dcm",
    "rtplan": "rtplan.dcm",
    "rtdose": "rtdose_1frame.dcm",
    "rtstruct": "rtstruct.dcm",
    "sr-comprehensive": "test-SR.dcm",
    "sr-basic-text": "reportsi.dcm",
    "seg": "liver_1frame.dcm",
    "ecg": "waveform_ecg.dcm",
    "cr-japanese": "chrJapMulti.dcm",
    "sc-german": "chrGerm.dcm",
    "sc-utf8": "chrX1.dcm",
    "sc-russian": "chrRuss.dcm",
    "sc-greek": "chrGreek.dcm",
    "sc-korean": "chrI2.dcm",
    "cr-korean": "chrKoreanMulti.dcm",
    "sc-chinese": "chrX2.dcm",
    "sc-japanese": "chrH32.dcm",
    "sc-arabic": "chrArab.dcm",
}


@lru_cache(maxsize=128)
def read_carrier(path: Path) -> Dataset:
    """Read a file once; it is not to be changed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = dcmread(path, force=True)
        dataset.decode()
    if "TransferSyntaxUID" not in dataset.file_meta:
        dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    return dataset


def _sample(name: str, _number: int) -> Dataset:
    if name.startswith("chr"):
        found = get_charset_files(name)[0]
    else:
        found = str(get_testdata_file(name, download=False))
    return copy.deepcopy(read_carrier(Path(found)))


BUILDERS: dict[str, Builder] = {
    **{kind: partial(_sample, name) for kind, name in SAMPLES.items()},
    **IMAGES,
    **OBJECTS,
    **SCANNERS,
}
