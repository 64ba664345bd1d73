"""From rows and files to a package: layout, sums, what stays out, the same bytes every time."""

import json
import subprocess

import pydicom
import pytest
from django.utils import timezone

from exports import tasks
from exports.actions.packages import cancel_package, request_package
from exports.archive import Archive
from exports.building import progress, turn
from exports.building.scratch import scratch_folder
from exports.models import Package
from exports.specification import read_specification
from exports.states import Format, State
from projects.leases import ATTEMPT_CAP
from projects.models.projects import HoldPolicy
from projects.roles import Role
from projects.storage import storage
from tests.datasets import make_ct_series, make_mr_series, new_uid
from tests.exports.conftest import path_of
from tests.exports.research_copies import add_image, add_study, dicom_files
from tests.factories import ProjectFactory
from transfers.models import Outcome, Run
from transfers.states import OutcomeState
from transfers.states import State as RunState


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


def hold(run: Run) -> None:
    run.outcomes.update(state=OutcomeState.HELD)


def leave_unverified(run: Run) -> None:
    run.outcomes.update(state=OutcomeState.MOVING, is_verified=False)


def end_transfer(run: Run) -> None:
    run.transfer.ended_at = run.created_at
    run.transfer.save()


def run_again(run: Run) -> None:
    Run.objects.create(transfer=run.transfer, plan_version=run.plan_version, number=2)


def cancel_run(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(state=RunState.CANCELLED)


def hold_whole(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(state=RunState.HELD)
    run.transfer.project.hold_policy = HoldPolicy.SEND_WHOLE
    run.transfer.project.save()


def fail_unverified(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(state=RunState.FAILED)


def fail_with_some_held(run: Run) -> None:
    Outcome.objects.create(run=run, state=OutcomeState.HELD)
    hold_whole(run)
    Run.objects.filter(pk=run.pk).update(state=RunState.FAILED, verified_at=timezone.now())


@pytest.mark.parametrize(
    "withhold",
    [
        *(hold, leave_unverified, end_transfer, run_again, cancel_run, hold_whole),
        *(fail_unverified, fail_with_some_held),
    ],
)
def test_what_may_not_leave_is_not_in_the_package(withhold, project, build, opened, tmp_path):
    make_mr_series(tmp_path / "a", n=1)
    kept = add_study(project, dicom_files(tmp_path / "a"), number=2)
    withheld = add_study(project, dicom_files(tmp_path / "a"), number=1)
    withhold(withheld)
    kept.transfer.project.refresh_from_db()

    names = opened(build(kept.transfer.project)).namelist()

    assert {name.split("/")[0] for name in names if "/" in name} == {"BICAM_0002"}


def test_what_a_destination_did_not_take_whole_is_in_the_package(project, build, opened, tmp_path):
    make_mr_series(tmp_path / "a", n=2)
    run = add_study(project, dicom_files(tmp_path / "a"), state=RunState.FAILED)
    Run.objects.filter(pk=run.pk).update(verified_at=timezone.now())

    names = opened(build(project)).namelist()

    assert len([name for name in names if name.endswith(".dcm")]) == 2


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


@pytest.mark.parametrize("kind", [Format.DICOM, Format.NIFTI])
def test_image_that_is_not_what_was_verified_fails_the_package(kind, project, build, tmp_path):
    make_mr_series(tmp_path / "a", n=2)
    run = add_study(project, dicom_files(tmp_path / "a"))
    key = run.outcomes.last().key
    with storage().fetch(key) as path:
        path.write_bytes(path.read_bytes()[:-1] + b"x")

    package = build(project, kind)

    assert package.state == State.FAILED
    assert package.reason == "An image in the storage is not the one that was verified."
    assert list(storage().list("packages")) == []
    assert not scratch_folder(package.pk).exists()


@pytest.mark.parametrize("kind", [Format.DICOM, Format.NIFTI])
def test_image_that_is_gone_fails_the_package(kind, project, build, tmp_path):
    make_mr_series(tmp_path / "a", n=2)
    run = add_study(project, dicom_files(tmp_path / "a"))
    storage().delete(run.outcomes.last().key)

    package = build(project, kind)

    assert package.state == State.FAILED
    assert "not in the storage any more" in package.reason


def test_image_taken_back_while_the_package_is_built_does_not_leave(
    project, build, tmp_path, monkeypatch
):
    make_mr_series(tmp_path / "a", n=2)
    run = add_study(project, dicom_files(tmp_path / "a"))
    arrange = turn.arrange

    def arrange_and_take_back(*args: object) -> None:
        arrange(*args)
        run.outcomes.filter(pk=run.outcomes.first().pk).update(state=OutcomeState.HELD)

    monkeypatch.setattr(turn, "arrange", arrange_and_take_back)

    package = build(project)

    assert package.state == State.FAILED
    assert "taken back" in package.reason
    assert list(storage().list("packages")) == []


@pytest.mark.parametrize("kind", [Format.DICOM, Format.NIFTI])
def test_package_built_in_many_short_turns_is_the_same(
    kind, project, owner, build, tmp_path, monkeypatch
):
    for number in (1, 2, 3):
        make_mr_series(tmp_path / str(number), n=2, SeriesNumber=number)
        add_study(project, dicom_files(tmp_path / str(number)), number=number)
    undisturbed = build(project, kind)
    package = request_package(
        by=owner, project=project, specification=kind.name.lower(), participants=None
    )
    monkeypatch.setattr(progress, "SLICE_SECONDS", 0.0)

    turns = 0
    while not package.is_ready and turns < 20:
        tasks.build_package(package.pk)
        package.refresh_from_db()
        turns += 1

    assert turns > 2
    assert package.sha256 == undisturbed.sha256


def test_what_follows_the_last_checkpoint_is_cut_off(tmp_path):
    source = tmp_path / "source"
    source.write_bytes(b"image" * 1000)
    with Archive(tmp_path) as archive, source.open("rb") as file:
        archive.add("1", file, is_deflated=True)
        archive.checkpoint(done=1)
        file.seek(0)
        archive.add("2", file, is_deflated=False)
        archive.leave_out("3", 1, "It holds no images.")
    with (tmp_path / "package.zip.part").open("ab") as torn:
        torn.write(b"half a member")

    with Archive(tmp_path) as archive:
        found = list(archive.members()), list(archive.left_out()), archive.state

    assert [member.path for member in found[0]] == ["1"]
    assert found[1:] == ([], {"done": 1})


def test_cancelled_package_stops_and_leaves_nothing_behind(
    project, owner, build, tmp_path, monkeypatch
):
    make_mr_series(tmp_path / "a", n=3)
    add_study(project, dicom_files(tmp_path / "a"))
    add = Archive.add

    def add_and_cancel(*args, **options):
        member = add(*args, **options)
        package = Package.objects.get()
        if package.is_moving:
            cancel_package(by=owner, package=package)
        return member

    monkeypatch.setattr(Archive, "add", add_and_cancel)

    package = build(project)
    tasks.resume_packages()

    assert package.state == State.CANCELLED
    assert not scratch_folder(package.pk).exists()
    assert list(storage().list("packages")) == []


def test_worker_killed_between_publishing_and_saying_so_loses_nothing(
    project, build, tmp_path, monkeypatch
):
    make_mr_series(tmp_path / "a", n=2)
    add_study(project, dicom_files(tmp_path / "a"))

    def killed(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(turn, "hand_out", killed)
        package = build(project)
    assert package.state == State.BUILDING
    Package.objects.update(not_before=None)

    tasks.build_package(package.pk)

    package.refresh_from_db()
    assert package.state == State.READY
    assert list(storage().list("packages")) == [package.key]


def test_package_without_ties_begins_anew_when_its_worker_was_killed(
    project, build, opened, tmp_path, monkeypatch
):
    make_mr_series(tmp_path / "a", n=3)
    add_study(project, dicom_files(tmp_path / "a"))
    save = progress.Progress.save

    def save_and_be_killed(self: progress.Progress) -> None:
        save(self)
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(progress, "SAVE_SECONDS", 0.0)
        patched.setattr(progress.Progress, "save", save_and_be_killed)
        package = build(project, read_specification({"ties": "cut"}))
    assert package.done_count == 1
    Package.objects.update(not_before=None)

    tasks.build_package(package.pk)

    package.refresh_from_db()
    assert package.state == State.READY, package.reason
    assert package.started_count == 0
    assert len([name for name in opened(package).namelist() if name.endswith(".dcm")]) == 3
    assert not scratch_folder(package.pk).exists()


def test_progress_is_told_in_images_and_in_bytes_that_went_in(project, build, tmp_path):
    make_mr_series(tmp_path / "a", n=3)
    run = add_study(project, dicom_files(tmp_path / "a"))

    package = build(project)

    assert (package.total_count, package.done_count) == (3, 3)
    size = sum(run.outcomes.values_list("size", flat=True))
    assert package.total_bytes == package.done_bytes == size


def test_package_that_kills_its_workers_is_given_up(project, owner, tmp_path):
    make_mr_series(tmp_path / "a", n=2)
    add_study(project, dicom_files(tmp_path / "a"))
    package = request_package(by=owner, project=project, specification="dicom", participants=None)
    Package.objects.update(attempt=ATTEMPT_CAP)

    tasks.resume_packages()

    package.refresh_from_db()
    assert package.state == State.FAILED
    assert package.reason.startswith("Its worker stopped")


def test_full_disk_is_waited_for(project, build, tmp_path, monkeypatch):
    make_mr_series(tmp_path / "a", n=2)
    add_study(project, dicom_files(tmp_path / "a"))

    def no_room(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Archive, "checkpoint", no_room)

    package = build(project)

    assert package.state == State.BUILDING
    assert package.reason.startswith("The disk is full.")
    assert package.not_before is not None


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
