"""What breaks the standard after de-identification did so before; dicom3tools is the judge."""

import subprocess
import warnings
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_files
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from deidentify.errors import Refused
from deidentify.plan import compile_plan
from deidentify.rewrite import rewrite
from tests.datasets import ct, mr, sc, sr, us
from tests.deidentify.samples import brain, identity, real_files, save
from tests.services.dicom3tools import dcentvfy, dciodvfy
from tests.services.process import executable

PLANS = {
    "research": compile_plan(identity=identity()),
    "basic": compile_plan("basic", identity=identity()),
    "all that may be kept": compile_plan(
        identity=identity(),
        options=[
            "full-dates",
            "retain-uids",
            "retain-institution-identity",
            "birth-date-january",
        ],
    ),
    "basic, descriptors cleaned, full dates": compile_plan(
        "basic", identity=identity(), options=["clean-descriptors", "full-dates"]
    ),
}
PER_FOLDER = 12
PLAIN = (ImplicitVRLittleEndian, ExplicitVRLittleEndian)


def sample():
    """Some files of every folder of the real studies."""
    seen = Counter()
    for path in real_files():
        seen[path.parent] += 1
        if seen[path.parent] <= PER_FOLDER:
            yield path


def plain(path, folder):
    """The file in an encoding that dciodvfy reads, as DCMTK writes it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        syntax = dcmread(path, force=True, stop_before_pixels=True).file_meta.get(0x00020010)
    if syntax is not None and (syntax.value.is_encapsulated or syntax.value in PLAIN):
        return path
    copy = folder / f"plain-{path.name}"
    converted = subprocess.run(
        [executable("dcmconv", package="dcmtk"), "+te", str(path), str(copy)],
        capture_output=True,
        check=False,
    )
    return copy if converted.returncode == 0 else path


def rewritten(paths, plan, folder):
    """Original, in an encoding that dciodvfy reads -> output."""
    pairs = {}
    for number, path in enumerate(paths):
        target = folder / f"{number}.dcm"
        try:
            rewrite(path, target, plan, digest=False)
        except Refused:
            continue
        pairs[plain(path, folder)] = target
    return pairs


def new_errors(pairs):
    """Errors that came anew, by the name of the file."""
    errors = dciodvfy([*pairs, *pairs.values()])
    assert len(errors) == 2 * len(pairs)
    return {
        source.name: sorted(more)
        for source, target in pairs.items()
        if (more := errors[target] - errors[source])
    }


@pytest.mark.parametrize("name", PLANS)
def test_no_real_study_gains_an_error(tmp_path, name):
    pairs = rewritten(sample(), PLANS[name], tmp_path)

    assert len(pairs) >= 70
    assert new_errors(pairs) == {}


@pytest.mark.parametrize("name", PLANS)
def test_none_of_pydicoms_files_gains_an_error(tmp_path, name):
    files = [Path(path) for path in get_testdata_files() if "dicomdirtests" not in path]

    pairs = rewritten(files, PLANS[name], tmp_path)

    assert len(pairs) >= 55
    assert new_errors(pairs) == {}


@pytest.mark.parametrize("name", PLANS)
def test_no_instance_built_here_gains_an_error(tmp_path, name):
    built = {"ct": ct(), "mr": mr(), "sc": sc(), "sr": sr(), "us": us()}
    built["brain"] = brain(BurnedInAnnotation="NO", PatientAge="094Y")
    files = [save(dataset, tmp_path / f"{kind}.dcm") for kind, dataset in built.items()]

    pairs = rewritten(files, PLANS[name], tmp_path)

    assert len(pairs) == len(files)
    assert new_errors(pairs) == {}


@pytest.mark.parametrize("name", PLANS)
def test_the_instances_of_a_study_agree_as_before(tmp_path, name):
    studies = defaultdict(list)
    for path in real_files():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            study = dcmread(path, force=True, specific_tags=["StudyInstanceUID"])
        if "StudyInstanceUID" in study and len(studies[study.StudyInstanceUID]) < PER_FOLDER:
            studies[study.StudyInstanceUID].append(path)

    for number, paths in enumerate(studies.values()):
        folder = tmp_path / str(number)
        folder.mkdir()
        pairs = rewritten(paths, PLANS[name], folder)
        assert dcentvfy([*pairs.values()]) - dcentvfy([*pairs]) == Counter()
    assert len(studies) >= 6
