"""An export's NIfTI equals what dcm2niix makes of the originals, and every reference.

Compared are voxels, the whole header but for its texts, gradients, and all physics of the sidecar.
Different may be what de-identification changes: identity, dates, UIDs, devices and words.
"""

import json
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import dcm2niix
import nibabel
import numpy as np
import pydicom
import pytest
from pydicom.errors import InvalidDicomError

from exports.converting.sidecars import OF_THE_DEVICE, OF_THE_PERSON, OF_THE_TIME
from exports.converting.wishes import Wishes
from exports.states import Format, State
from tests.exports.conftest import path_of
from tests.exports.research_copies import add_study

TEXTS = {"descrip", "aux_file", "intent_name", "db_name", "data_type"}
WORDS = {
    *("BodyPart", "BodyPartExamined", "CoilString", "ImageComments", "ProcedureStepDescription"),
    *("ProtocolName", "SeriesDescription", "StudyDescription", "PulseSequenceDetails"),
    *("BidsGuess", "DeidentificationMethod", "DeidentificationMethodCodeSequence"),
}
OF_THE_PROGRAM = {"ConversionSoftware", "ConversionSoftwareVersion"}
NOT_PHYSICS = OF_THE_PERSON | OF_THE_TIME | OF_THE_DEVICE | WORDS | OF_THE_PROGRAM
TIMING = (
    *("RepetitionTime", "EchoTime", "FlipAngle", "PhaseEncodingDirection", "MagneticFieldStrength"),
    *("EffectiveEchoSpacing", "TotalReadoutTime"),
)
# The folder of Agfa has the same images twice, as two archives gave them out.
FOLDERS = {
    "12bit": "dcm_qa_12bit/In",
    "agfa": "dcm_qa_agfa/Agfa",
    "agfa-siemens": "dcm_qa_agfa/Siemens",
    "ct": "dcm_qa_ct/In",
    "enh": "dcm_qa_enh/In",
    "nih": "dcm_qa_nih/In",
    "pdt2": "dcm_qa_pdt2/In",
}


@dataclass(frozen=True)
class Converted:
    """An image with what lies beside it."""

    path: Path

    @property
    def image(self) -> nibabel.Nifti1Image:
        return nibabel.load(self.path)

    @property
    def physics(self) -> dict[str, object]:
        """The sidecar without what de-identification changes; {} for images without one."""
        path = self.path.with_suffix(".json")
        facts = json.loads(path.read_text()) if path.exists() else {}
        return {name: value for name, value in facts.items() if name not in NOT_PHYSICS}

    @property
    def gradients(self) -> list[bytes]:
        paths = (self.path.with_suffix(ending) for ending in (".bval", ".bvec"))
        return [path.read_bytes() for path in paths if path.exists()]


def differences(one: Converted, other: Converted) -> list[str]:
    """Name what differs but for the sidecars: fields of the header, voxels, gradients."""
    first, second = one.image, other.image
    found = [
        name
        for name in first.header
        if name not in TEXTS and first.header[name].tobytes() != second.header[name].tobytes()
    ]
    if not found and not np.array_equal(
        first.dataobj.get_unscaled(), second.dataobj.get_unscaled()
    ):
        found.append("voxels")
    if one.gradients != other.gradients:
        found.append("gradients")
    return found


def like(reference: Converted, image: Converted) -> bool:
    """Tell whether an image is the one of a reference.

    The references were made by several versions of dcm2niix, of which one counted the slices of
    dcm_qa_pdt2 from the other side: their times are compared in order of time.
    """
    first, second = reference.physics, image.physics
    same = all(first.get(name) == second.get(name) for name in TIMING)
    slices = [sorted(one.get("SliceTiming", [])) for one in (first, second)]
    return same and slices[0] == slices[1] and not differences(reference, image)


def studies_below(folder: Path) -> Iterator[list[Path]]:
    """Yield the files of each study; what has no series is no image."""
    by_study: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        try:
            header = pydicom.dcmread(path, stop_before_pixels=True)
        except InvalidDicomError:
            continue
        if "SeriesInstanceUID" in header:
            by_study[header.StudyInstanceUID].append(path)
    yield from by_study.values()


def by_hand(files: list[Path], folder: Path) -> list[Converted]:
    """Return what dcm2niix makes of the originals, series by series.

    Not of their overlays (`_ROI1`): de-identification takes those away (PS3.15 Table E.1-1).
    """
    by_series: dict[str, list[Path]] = defaultdict(list)
    for path in files:
        header = pydicom.dcmread(path, specific_tags=["SeriesInstanceUID"])
        by_series[header.SeriesInstanceUID].append(path)
    for number, members in enumerate(by_series.values()):
        source, target = folder / f"in{number}", folder / f"out{number}"
        source.mkdir(parents=True)
        target.mkdir()
        for count, path in enumerate(members):
            (source / f"{count:05}.dcm").symlink_to(path)
        command = [dcm2niix.bin, *Wishes().flags, "-f", "image", "-o", target, source]
        subprocess.run(command, check=False, capture_output=True)
    found = sorted(folder.glob("out*/*.nii"))
    return [Converted(path) for path in found if "_ROI" not in path.name]


def exported(project, build, folder: Path) -> list[Converted]:
    package = build(project, Format.NIFTI)
    assert package.state == State.READY, package.reason
    with ZipFile(path_of(package)) as zip_file:
        zip_file.extractall(folder)
    return [Converted(path) for path in sorted(folder.rglob("*.nii"))]


@pytest.mark.parametrize("name", FOLDERS.values(), ids=FOLDERS)
def test_export_equals_what_dcm2niix_makes_of_the_originals(
    name, project, build, test_data, tmp_path
):
    originals = []
    for number, files in enumerate(studies_below(test_data / name)):
        add_study(project, files)
        originals += by_hand(files, tmp_path / f"hand{number}")

    images = exported(project, build, tmp_path / "out")

    assert originals
    assert len(images) == len(originals)
    references = [Converted(path) for path in sorted((test_data / name).parent.glob("Ref/*.nii"))]
    unlike = [one.path.name for one in references if not any(like(one, image) for image in images)]
    assert unlike == []
    for original in originals:
        twins = [one for one in images if not differences(original, one)]
        assert twins, differences(original, images[0])
        physics = [one.physics for one in twins]
        assert original.physics in physics, _differing(original.physics, physics[0])
        images.remove(twins[physics.index(original.physics)])


def _differing(one: dict[str, object], other: dict[str, object]) -> list[str]:
    return [name for name in one.keys() | other.keys() if one.get(name) != other.get(name)]
