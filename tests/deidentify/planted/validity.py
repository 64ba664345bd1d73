"""What other programs say of a file before and after: dciodvfy's errors, dcm2niix' images."""

import re
import subprocess
import warnings
from collections import Counter
from pathlib import Path

import dcm2niix
import nibabel
import numpy as np
from pydicom import config
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

from rdma.selftest.scoring import Verdict, read

# What differs between two files in a line that says the same of both.
VALUES = re.compile(r"= <.*|<[^<>]*>(?= *$)|\[\d+\]|\(\d+\)|[0-2](\.\d+){2,}|= \d+")


def errors(path: Path) -> Counter[str]:
    """Return dciodvfy's errors about a file, without the values in them."""
    done = subprocess.run(["dciodvfy", str(path)], check=False, capture_output=True, timeout=120)
    lines = done.stderr.decode("latin-1").splitlines()
    return Counter(VALUES.sub("", line).strip() for line in lines if line.startswith("Error"))


def _readable(path: Path) -> Path:
    """The file, or an inflated copy beside it: dciodvfy does not read the deflated syntax."""
    dataset = read(path)
    if dataset.file_meta.TransferSyntaxUID != DeflatedExplicitVRLittleEndian:
        return path
    copy = path.with_suffix(".inflated")
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    with warnings.catch_warnings(), config.disable_value_validation():
        warnings.simplefilter("ignore")
        dataset.save_as(copy)
    return copy


def compare_errors(verdict: Verdict) -> None:
    """Note the errors that the output has and the original has not."""
    if verdict.output is not None:
        new = set(errors(verdict.output)) - set(errors(_readable(verdict.sheet.path)))
        verdict.new_errors = sorted(new)


def nifti(path: Path, target: Path) -> list[tuple[tuple[int, ...], bytes]]:
    """Return shape, geometry and voxels of what dcm2niix makes of a file."""
    target.mkdir(parents=True)
    subprocess.run(
        [
            dcm2niix.bin,
            "-b",
            "y",
            "-z",
            "n",
            "-s",
            "y",
            "-f",
            "image",
            "-o",
            str(target),
            str(path),
        ],
        check=False,
        capture_output=True,
        timeout=300,
    )
    images = [nibabel.load(one) for one in sorted(target.glob("*.nii")) if "_ROI" not in one.name]
    facts = [image.affine.tobytes() + np.asarray(image.dataobj).tobytes() for image in images]
    shapes = [image.shape for image in images]
    return sorted(zip(shapes, facts, strict=True))
