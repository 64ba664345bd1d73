"""dcm2niix reads the same voxels, geometry and timing from the output as from the input."""

import json
import subprocess
import zlib

import dcm2niix
import nibabel
import numpy as np
import pytest

from deidentify.command_line import main
from tests.deidentify.samples import data_folder

# What de-identification is meant to change, or says of itself.
CHANGED = {
    "AcquisitionDateTime", "BodyPartExamined", "DeidentificationMethod",
    "DeidentificationMethodCodeSequence", "ImageComments", "InstitutionAddress",
    "InstitutionName", "InstitutionalDepartmentName", "ProcedureStepDescription", "ProtocolName",
    "SeriesInstanceUID", "StudyDescription", "StudyInstanceUID", "ConversionSoftwareVersion",
    "SeriesDescription", "PatientName", "PatientID",
    "StationName",  # The Agfa set's patient is named after the hospital, and so is its scanner.
}  # fmt: skip


def converted(source, target):
    target.mkdir()
    subprocess.run(
        [dcm2niix.bin, "-b", "y", "-z", "n", "-f", "%s_%e_%r_%q", "-o", str(target), str(source)],
        check=False,
        capture_output=True,
    )
    # An overlay becomes an image of its own (_ROI1). Overlays are bits that nobody has read, so
    # the profile removes them (E.1-1, Overlay Data: X); all that is image stays.
    images = [path for path in target.glob("*.nii") if "_ROI" not in path.name]
    return sorted(images, key=order)


def facts_of(path):
    """What dcm2niix writes beside an image; nothing beside one that it straightened (_Tilt)."""
    beside = path.with_suffix(".json")
    return json.loads(beside.read_text()) if "_Tilt" not in path.name else {}


def order(path):
    facts = facts_of(path)
    image = nibabel.load(path)
    key = (facts.get("SeriesNumber", 0), facts.get("EchoTime", 0), image.shape)
    return (*key, zlib.crc32(np.asarray(image.dataobj).tobytes()))


@pytest.mark.parametrize(
    "name",
    ["dcm_qa_nih/In", "dcm_qa_enh/In", "dcm_qa_pdt2/In", "dcm_qa_12bit/In", "dcm_qa_ct/In",
     "dcm_qa_agfa/Agfa", "dcm_qa_agfa/Siemens"],
)  # fmt: skip
def test_nifti_is_the_same_before_and_after(tmp_path, name):
    source = data_folder() / name
    key = tmp_path / "key"
    key.write_bytes(bytes(64))

    main(
        [str(source), str(tmp_path / "out"), "--project", "BICAM", "--pseudonym", "BICAM_001",
         "--key-file", str(key), "--no-verify"]
    )  # fmt: skip
    before = converted(source, tmp_path / "before")
    after = converted(tmp_path / "out", tmp_path / "after")

    assert before
    assert len(before) == len(after)
    for old, new in zip(before, after, strict=True):
        first, second = nibabel.load(old), nibabel.load(new)
        assert np.array_equal(np.asarray(first.dataobj), np.asarray(second.dataobj))
        assert np.array_equal(first.affine, second.affine)
        assert np.array_equal(first.header["pixdim"], second.header["pixdim"])
        facts, kept = facts_of(old), facts_of(new)
        differing = {k for k in facts.keys() | kept.keys() if facts.get(k) != kept.get(k)}
        assert differing <= CHANGED


def test_the_nih_set_equals_its_reference_voxel_by_voxel(tmp_path):
    folder = data_folder() / "dcm_qa_nih"
    main(
        [str(folder / "In"), str(tmp_path / "out"), "--project", "BICAM", "--pseudonym",
         "BICAM_001", "--no-verify"]
    )  # fmt: skip

    made = converted(tmp_path / "out", tmp_path / "nii")

    wanted = [nibabel.load(path) for path in sorted((folder / "Ref").glob("*.nii"))]
    assert len(made) == len(wanted) == 8
    left = [nibabel.load(path) for path in made]
    for reference in wanted:
        data = np.asarray(reference.dataobj)
        same = [
            image
            for image in left
            if image.shape == data.shape
            and np.array_equal(np.asarray(image.dataobj), data)
            and np.allclose(image.affine, reference.affine, atol=1e-4)
        ]
        assert same
        left.remove(same[0])
