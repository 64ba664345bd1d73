"""dcm2niix reads the same voxels, geometry and timing from the output as from the input."""

import json
import subprocess

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
}  # fmt: skip


def converted(source, target):
    target.mkdir()
    subprocess.run(
        [dcm2niix.bin, "-b", "y", "-z", "n", "-f", "%s_%e_%r_%q", "-o", str(target), str(source)],
        check=False,
        capture_output=True,
    )
    return sorted(target.glob("*.nii"), key=order)


def order(path):
    facts = json.loads(path.with_suffix(".json").read_text())
    image = nibabel.load(path)
    key = (facts.get("SeriesNumber", 0), facts.get("EchoTime", 0), image.shape)
    return (*key, float(np.asarray(image.dataobj, dtype="float64").sum()))


@pytest.mark.parametrize("name", ["dcm_qa_nih", "dcm_qa_enh", "dcm_qa_pdt2", "dcm_qa_12bit"])
def test_nifti_is_the_same_before_and_after(tmp_path, name):
    source = data_folder() / name / "In"
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
        facts, kept = (json.loads(p.with_suffix(".json").read_text()) for p in (old, new))
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
