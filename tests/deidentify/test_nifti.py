"""dcm2niix reads the same voxels, geometry and timing from the output as from the input."""

import json
import shutil
import subprocess
import zlib

import dcm2niix
import nibabel
import numpy as np
import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file

from deidentify.command_line import main
from deidentify.known import Known
from deidentify.plan import compile_plan
from deidentify.rewrite import rewrite
from tests.deidentify.samples import data_folder, identity

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
    assert_same(before, after, but_for=CHANGED)


@pytest.mark.parametrize(
    "name",
    ["CT_small.dcm", "MR_small.dcm", "MR_small_implicit.dcm", "MR_small_RLE.dcm",
     "MR_small_jp2klossless.dcm", "MR_small_bigendian.dcm", "693_J2KI.dcm", "liver_1frame.dcm",
     "examples_ybr_color.dcm"],
)  # fmt: skip
def test_nifti_of_pydicoms_files_is_the_same(tmp_path, name):
    source = tmp_path / "in"
    source.mkdir()
    shutil.copy(str(get_testdata_file(name)), source)
    (tmp_path / "out").mkdir()

    rewrite(source / name, tmp_path / "out" / name, compile_plan(identity=identity()))

    before = converted(source, tmp_path / "before")
    after = converted(tmp_path / "out", tmp_path / "after")
    assert len(before) == 1
    assert_same(before, after, but_for=CHANGED)


def test_a_protocol_that_changes_its_length_gives_the_same_nifti(tmp_path):
    """What is planted in Siemens' headers goes; slice times, directions and the mosaic stay."""
    source, target = tmp_path / "in", tmp_path / "out"
    target.mkdir()
    shutil.copytree(data_folder() / "dcm_qa_nih" / "In" / "20180918Si" / "mr_0003", source)
    planted = tmp_path / "planted"
    planted.mkdir()
    known = Known()
    known.add("name", "Bjørnstad^Åse Marie")
    for path in sorted(source.glob("*.dcm")):
        dataset = dcmread(path)
        block = dataset.private_block(0x0029, "SIEMENS CSA HEADER")
        old = block[0x20].value
        block[0x20].value = old.replace(b'""EPI PE=AP""', b'""Bj\xf8rnstad""')
        assert block[0x20].value != old
        dataset.save_as(planted / path.name)

    plan = compile_plan(identity=identity())
    for path in sorted(planted.iterdir()):
        rewrite(path, target / path.name, plan, known=known)

    assert not [p for p in target.iterdir() if b"Bj\xf8rnstad" in p.read_bytes()]
    before, after = converted(source, tmp_path / "a"), converted(target, tmp_path / "b")
    assert before
    assert_same(before, after, but_for=CHANGED)


def assert_same(before, after, *, but_for):
    """The same voxels, geometry and facts, but for those named."""
    assert len(before) == len(after)
    for old, new in zip(before, after, strict=True):
        first, second = nibabel.load(old), nibabel.load(new)
        assert np.array_equal(np.asarray(first.dataobj), np.asarray(second.dataobj))
        assert np.array_equal(first.affine, second.affine)
        assert np.array_equal(first.header["pixdim"], second.header["pixdim"])
        facts, kept = facts_of(old), facts_of(new)
        differing = {k for k in facts.keys() | kept.keys() if facts.get(k) != kept.get(k)}
        assert differing <= but_for


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
