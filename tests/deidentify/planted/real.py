"""Carriers from the real, freely licensed studies, beside those that come with the program."""

import copy
from functools import partial
from pathlib import Path

from pydicom.dataset import Dataset

from rdma.selftest.planting.carriers import BUILDERS, Builder, read_carrier
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


def _files(kind: str) -> list[Path]:
    """The images of a real series; a medium's directory is none."""
    found = sorted(p for p in (data_folder() / REAL[kind]).rglob("*") if p.is_file())
    return [p for p in found if p.name != "DIRFILE" and p.read_bytes()[128:132] == b"DICM"]


def _one_of(kind: str, number: int) -> Dataset:
    files = _files(kind)
    return copy.deepcopy(read_carrier(files[number % len(files)]))


ALL: dict[str, Builder] = {kind: partial(_one_of, kind) for kind in REAL} | BUILDERS
