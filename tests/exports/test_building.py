"""From rows and files to a package: layout, sums, what it says of itself, the same bytes twice."""

import json
import subprocess
from collections.abc import Iterator

import pydicom
import pytest

from exports.choosing import arranging
from exports.choosing.candidates import candidates
from exports.specification import read_specification
from exports.states import Format, State
from projects.roles import Role
from tests.datasets import make_ct_series, make_mr_series, new_uid
from tests.exports.conftest import path_of
from tests.exports.research_copies import add_image, add_study, dicom_files
from tests.factories import ProjectFactory
from transfers.models import Outcome
from transfers.states import OutcomeState


def test_package_holds_folders_by_participant_event_modality_and_series(
    project, build, opened, tmp_path
):
    study = new_uid()
    make_mr_series(tmp_path / "a", n=3, SeriesNumber=3, study_instance_uid=study)
    make_ct_series(tmp_path / "a", n=1, SeriesNumber=4, study_instance_uid=study)
    make_mr_series(tmp_path / "b", n=1, SeriesNumber=1)
    add_study(project, dicom_files(tmp_path / "a"))
    add_study(project, dicom_files(tmp_path / "b"), number=2, event="6month")

    package = build(project)

    assert package.state == State.READY, package.reason
    names = opened(package).namelist()
    assert names[:3] == [f"BICAM_0001/baseline/MR/0003_T1_MPRAGE/000{n}.dcm" for n in (1, 2, 3)]
    assert names[3].startswith("BICAM_0001/baseline/CT/0004_")
    assert names[4] == "BICAM_0002/6month/MR/0001_T1_MPRAGE/0001.dcm"
    assert names[5:] == ["manifest.json", "SHA256SUMS", "manifest.json.sig"]


def test_package_is_whole_for_other_tools(project, build, tmp_path):
    make_mr_series(tmp_path / "a", n=3)
    add_study(project, dicom_files(tmp_path / "a"))

    path = path_of(build(project))

    subprocess.run(["unzip", "-tq", path], check=True, capture_output=True)
    subprocess.run(["unzip", "-q", path, "-d", tmp_path / "out"], check=True)
    sums = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    subprocess.run(sums, check=True, cwd=tmp_path / "out")
    listed = (tmp_path / "out" / "SHA256SUMS").read_text().split()[1::2]
    unlisted = ("SHA256SUMS", "manifest.json.sig")
    there = [p for p in (tmp_path / "out").rglob("*") if p.is_file() and p.name not in unlisted]
    assert sorted(listed) == sorted(p.relative_to(tmp_path / "out").as_posix() for p in there)


def test_manifest_says_what_is_in_the_package_and_what_of_a_study_is_not(
    project, build, opened, tmp_path
):
    make_mr_series(tmp_path / "a", n=3)
    run = add_study(project, dicom_files(tmp_path / "a"))
    Outcome.objects.create(run=run, state=OutcomeState.HELD)

    manifest = json.loads(opened(build(project)).read("manifest.json"))

    assert manifest["project"]["acronym"] == "BICAM"
    assert manifest["counts"]["images"] == 3
    (study,) = manifest["studies"]
    assert (study["plan_version"], study["plan_digest"]) == (1, "d" * 64)
    assert study["not_included"] == {"held": 1}
    digests = run.outcomes.exclude(key="").values_list("digest", flat=True)
    assert {one["sha256"] for one in manifest["members"]} == set(digests)


def test_manifest_of_a_package_without_ties_names_no_value_of_a_rule(
    project, build, opened, tmp_path
):
    for number in (1, 2, 3):
        make_mr_series(tmp_path / str(number), n=number)
        run = add_study(project, dicom_files(tmp_path / str(number)), number=number)
    uid = run.outcomes.earliest("pk").series_instance_uid
    rules = [
        {"element": "SeriesInstanceUID", "value": uid},
        {"element": "PatientID", "value": "BICAM_0002"},
    ]

    package = build(project, read_specification({"ties": "cut", "selection": {"exclude": rules}}))

    text = opened(package).read("manifest.json").decode()
    assert json.loads(text)["not_chosen"] == package.contents["not_chosen"] == {"excluded": 5}
    assert uid not in text
    assert "BICAM_0002" not in text


@pytest.mark.parametrize("kind", [Format.DICOM, Format.NIFTI])
def test_two_builds_of_the_same_images_are_byte_identical(kind, project, build, tmp_path):
    make_mr_series(tmp_path / "a", n=3)
    make_mr_series(tmp_path / "b", n=3, SeriesNumber=2)
    add_study(project, dicom_files(tmp_path / "a"))
    add_study(project, dicom_files(tmp_path / "b"), number=2)

    first, second = build(project, kind), build(project, kind)

    assert first.pk != second.pk
    assert path_of(first).read_bytes() == path_of(second).read_bytes()
    assert first.sha256 == second.sha256


def test_only_the_chosen_participants_are_in_the_package(project, build, opened, tmp_path):
    make_mr_series(tmp_path / "a", n=1)
    chosen = add_study(project, dicom_files(tmp_path / "a")).transfer.participant
    add_study(project, dicom_files(tmp_path / "a"), number=2)

    names = opened(build(project, participants=[chosen])).namelist()

    assert {name.split("/")[0] for name in names if "/" in name} == {"BICAM_0001"}


def test_two_series_of_one_name_get_folders_of_their_own(project, build, opened, tmp_path):
    study = new_uid()
    for folder in ("a", "b"):
        make_mr_series(tmp_path / folder, n=1, SeriesNumber=1, study_instance_uid=study)
    add_study(project, dicom_files(tmp_path))

    names = opened(build(project)).namelist()

    top = "BICAM_0001/baseline/MR"
    assert names[:2] == [f"{top}/0001_T1_MPRAGE/0001.dcm", f"{top}/0001_T1_MPRAGE_2/0001.dcm"]


def test_description_never_leads_out_of_the_package(project, build, opened, tmp_path):
    make_mr_series(tmp_path / "a", n=1, Modality="MR")
    (file,) = dicom_files(tmp_path / "a")
    run = add_study(project, [])
    header = pydicom.dcmread(file)
    header.SeriesDescription = "../../../etc/passwd"
    header.save_as(file)
    add_image(run, file)

    (path, *_) = opened(build(project)).namelist()

    assert path == "BICAM_0001/baseline/MR/0001_etc_passwd/0001.dcm"


def test_progress_is_told_in_images_and_in_bytes_that_went_in(project, build, tmp_path):
    make_mr_series(tmp_path / "a", n=3)
    run = add_study(project, dicom_files(tmp_path / "a"))

    package = build(project)

    assert (package.total_count, package.done_count) == (3, 3)
    size = sum(run.outcomes.values_list("size", flat=True))
    assert package.total_bytes == package.done_bytes == size


def test_image_released_while_places_are_decided_is_counted_with_the_others(
    project, build, opened, tmp_path, monkeypatch
):
    make_mr_series(tmp_path / "a", n=3)
    run = add_study(project, dicom_files(tmp_path / "a"))
    held = run.outcomes.latest("pk")
    Outcome.objects.filter(pk=held.pk).update(state=OutcomeState.HELD)

    def release_behind(*asked: object) -> Iterator[object]:
        for found in candidates(*asked):
            Outcome.objects.filter(pk=held.pk).update(state=OutcomeState.DELIVERED)
            yield found

    monkeypatch.setattr(arranging, "candidates", release_behind)

    package = build(project)

    assert package.state == State.READY, package.reason
    assert (package.total_count, package.done_count) == (3, 3)
    assert package.total_bytes == package.done_bytes
    manifest = json.loads(opened(package).read("manifest.json"))
    assert manifest["counts"]["images"] == 3


def test_two_studies_of_one_event_share_its_folder_and_two_alike_events_do_not(
    owner, build, opened, tmp_path
):
    project = ProjectFactory(
        acronym="ECTMRI", members={owner: Role.OWNER}, events=["baseline", "Baseline"]
    )
    for place, event in enumerate(["baseline", "baseline", "Baseline"]):
        make_mr_series(tmp_path / str(place), n=1)
        add_study(project, dicom_files(tmp_path / str(place)), event=event)

    names = opened(build(project)).namelist()

    assert [name.split("/")[1] for name in names[:3]] == ["baseline", "baseline", "Baseline_2"]
    assert len({name.rsplit("/", 1)[0].casefold() for name in names[:3]}) == 3
