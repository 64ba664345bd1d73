"""The self test searches packages by itself: it finds what is planted, and asks no other check."""

import gzip
import json
from zipfile import ZipFile, ZipInfo

import pytest

from rdma.selftest.packages import DIRECTORY, HEADERS, IMAGES, NAMES, SIDE, search_packages
from rdma.selftest.planting import corpus
from rdma.selftest.planting.carriers import BUILDERS
from rdma.selftest.report import report_on
from rdma.selftest.scoring import Came, judge
from tests.deidentify.beyond_files import make_nifti


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory):
    """Two patients' files, planted and not de-identified."""
    folder = tmp_path_factory.mktemp("planted")
    builders = {kind: BUILDERS[kind] for kind in ("ct-ge-small", "mr-siemens-built")}
    sheets = corpus.make(folder, seed=9, subjects=2, builders=builders)
    return judge(sheets, {sheet.name: Came(sheet.path) for sheet in sheets})


@pytest.fixture
def search(verdicts, tmp_path):
    """Search a package of these members."""

    def search(members, *, comment=b"", state="ready", is_planted=False):
        path = tmp_path / "1.zip"
        with ZipFile(path, "w") as archive:
            archive.comment = comment
            for name, content in members.items():
                archive.writestr(ZipInfo(name), content)
        told = {"title": "DICOM", "state": state, "is_planted": is_planted, "reason": ""}
        told |= {"path": str(path), "said": []}
        (tmp_path / "packages.json").write_text(json.dumps([told]))
        (searched,) = search_packages(tmp_path, verdicts)
        return searched

    return search


def test_package_without_anything_planted_is_clean(search, tmp_path):
    nifti = make_nifti(tmp_path / "image.nii").read_bytes()

    searched = search({"BICAM_0001/baseline/image.nii": nifti, "README.txt": b"Images.\n"})

    assert (searched.left, searched.is_right, searched.members) == (set(), True, 2)
    assert searched.sought > 50


def test_name_is_found_in_names_and_comments(search, verdicts):
    person = verdicts[0].sheet.person

    for searched in (
        search({f"T1_{person.family}/README.txt": b""}),
        search({"README.txt": b""}, comment=person.mrn.encode()),
    ):
        assert {place for _, _, place in searched.left} == {NAMES}
        assert not searched.is_right


def test_side_files_are_searched_for_everybody(search, verdicts):
    other = verdicts[-1].sheet.person

    searched = search({"participants.tsv": f"id\tnote\n1\t{other.fnr}\n".encode()})

    assert {(number, place) for number, _, place in searched.left} == {(other.number, SIDE)}


def test_headers_of_converted_images_are_searched_packed_or_not(search, verdicts, tmp_path):
    person = verdicts[0].sheet.person
    path = make_nifti(tmp_path / "image.nii", comment=f"scan of {person.mrn}")
    name = f"sub-{person.pseudonym.replace('_', '')}/anat/image.nii"

    plain = search({name: path.read_bytes()})
    packed = search({f"{name}.gz": gzip.compress(path.read_bytes())})

    assert {place for _, _, place in plain.left | packed.left} == {HEADERS}
    assert plain.left
    assert packed.left


def test_directory_of_a_medium_and_changed_images_are_searched(search, verdicts):
    raw = verdicts[0].sheet.path.read_bytes()
    verdict = verdicts[0]
    changed = raw + b"\0\0"

    directory = search({"DICOMDIR": raw})
    image = search({"DICOM/IM0001": changed})

    assert DIRECTORY in {place for _, _, place in directory.left}
    assert {place for _, _, place in image.left} == {IMAGES}
    assert verdict.sheet.person.number in {number for number, _, _ in image.left}


def test_image_that_came_out_of_the_pipeline_is_not_searched_again(search, verdicts):
    assert search({"1.dcm": verdicts[0].sheet.path.read_bytes()}).left == set()


def test_what_the_door_holds_is_counted_apart_and_must_be_for_a_reason(search, verdicts):
    member = {"README.txt": verdicts[0].sheet.person.mrn.encode()}

    caught, needless = search(member, state="held"), search({"README.txt": b""}, state="held")
    missed = search(member, is_planted=True)

    assert (caught.is_right, needless.is_right, missed.is_right) == (True, False, False)
    told = report_on(verdicts, {}, [caught], seed=9, subjects=2)
    without = report_on(verdicts, {}, seed=9, subjects=2)
    assert told.total.leaked == without.total.leaked
    assert told.total.held == without.total.held + caught.sought
    assert told.bars[-1].is_held


def test_package_that_was_not_built_is_said_and_not_right(search):
    searched = search({}, state="failed")

    assert searched.how_it_ended.startswith("not built")
    assert not searched.is_right
