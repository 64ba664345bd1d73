"""The carriers: real files of every kind at hand, and builders for the kinds that are not.

A carrier is the data set alone; who it is about and what is planted comes later.
"""

import copy
import warnings
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from pydicom import dcmread
from pydicom.data import get_charset_files, get_testdata_file
from pydicom.dataset import Dataset
from pydicom.uid import ImplicitVRLittleEndian

from tests.deidentify.planted import synthetic
from tests.deidentify.samples import data_folder

REAL = {
    "mr-siemens-mosaic": "dcm_qa_nih/In/20180918Si/mr_0003",
    "mr-siemens-tse": "dcm_qa_pdt2/In/Siemens",
    "mr-ge": "dcm_qa_nih/In/20180918GE/mr_0004",
    "mr-philips-enhanced": "dcm_qa_enh/In/Philips",
    "mr-siemens-xa": "dcm_qa_enh/In/Siemens/XA10",
    "mr-agfa-converted": "dcm_qa_agfa/Agfa",
    "ct-ge": "dcm_qa_ct/In/GE",
    "ct-philips": "dcm_qa_ct/In/Philips/S21610/S1000",
    "sc-philips": "dcm_qa_ct/In/Philips/S21610/S4010",
}
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
KINDS = (*REAL, *SAMPLES, *synthetic.BUILDERS)


@lru_cache(maxsize=128)
def _read(path: Path) -> Dataset:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = dcmread(path, force=True)
        dataset.decode()
    if "TransferSyntaxUID" not in dataset.file_meta:
        dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    return dataset


def _files(kind: str) -> list[Path]:
    """The images of a real series; a medium's directory is none."""
    found = sorted(p for p in (data_folder() / REAL[kind]).rglob("*") if p.is_file())
    return [p for p in found if p.name != "DIRFILE" and p.read_bytes()[128:132] == b"DICM"]


def carrier(kind: str, number: int) -> Dataset:
    """Return a fresh data set of a kind; `number` chooses among the files of a series."""
    builder: Callable[[int], Dataset] | None = synthetic.BUILDERS.get(kind)
    if builder is not None:
        return builder(number)
    if kind in SAMPLES:
        name = SAMPLES[kind]
        found = get_charset_files(name)[0] if name.startswith("chr") else get_testdata_file(name)
        return copy.deepcopy(_read(Path(str(found))))
    files = _files(kind)
    return copy.deepcopy(_read(files[number % len(files)]))
