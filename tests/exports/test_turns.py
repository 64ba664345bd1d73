"""A package is built turn by turn: saved as it goes, stopped, taken up again, given up."""

import pytest

from exports import tasks
from exports.actions.packages import cancel_package, request_package
from exports.archive import Archive
from exports.building import progress, turn
from exports.building.scratch import scratch_folder
from exports.models import Package
from exports.specification import read_specification
from exports.states import Format, State
from projects.leases import ATTEMPT_CAP
from projects.storage import storage
from tests.datasets import make_mr_series
from tests.exports.research_copies import add_study, dicom_files


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
    project, owner, opened, tmp_path, monkeypatch
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
        package = request_package(
            by=owner,
            project=project,
            specification=read_specification({"ties": "cut"}),
            participants=None,
        )
        Package.objects.update(attempt=ATTEMPT_CAP - 1)  # as after a long wait for room
        tasks.build_package(package.pk)
    package.refresh_from_db()
    assert package.done_count == 1
    Package.objects.update(not_before=None)

    tasks.build_package(package.pk)

    package.refresh_from_db()
    assert package.state == State.READY, package.reason
    assert package.started_count == 0
    assert len([name for name in opened(package).namelist() if name.endswith(".dcm")]) == 3
    assert not scratch_folder(package.pk).exists()


def test_package_that_kills_its_workers_is_given_up(project, owner, tmp_path):
    make_mr_series(tmp_path / "a", n=2)
    add_study(project, dicom_files(tmp_path / "a"))
    package = request_package(by=owner, project=project, specification="dicom", participants=None)
    Package.objects.update(attempt=ATTEMPT_CAP)

    tasks.resume_packages()

    package.refresh_from_db()
    assert package.state == State.FAILED
    assert package.reason.startswith("Its worker stopped")


def test_package_without_ties_that_kills_its_workers_is_given_up(
    project, build, tmp_path, monkeypatch
):
    make_mr_series(tmp_path / "a", n=2)
    add_study(project, dicom_files(tmp_path / "a"))
    save = progress.Progress.save

    def save_and_be_killed(self: progress.Progress) -> None:
        save(self)
        raise MemoryError

    monkeypatch.setattr(progress.Progress, "save", save_and_be_killed)
    package = build(project, read_specification({"ties": "cut"}))
    for _ in range(ATTEMPT_CAP):
        Package.objects.update(not_before=None)
        tasks.build_package(package.pk)

    tasks.resume_packages()

    package.refresh_from_db()
    assert package.state == State.FAILED
    assert package.reason.startswith("Its worker stopped")


def test_package_that_another_edition_of_the_program_began_is_begun_anew(
    project, owner, build, tmp_path
):
    make_mr_series(tmp_path / "a", n=3)
    add_study(project, dicom_files(tmp_path / "a"))
    undisturbed = build(project)
    package = request_package(by=owner, project=project, specification="dicom", participants=None)
    folder = scratch_folder(package.pk)
    folder.mkdir(parents=True)
    (folder / "package.zip.part").write_bytes(bytes(100))
    (folder / "images.jsonl").write_text('{"key": "1.dcm", "path": "1.dcm"}\n')
    (folder / "studies.jsonl").write_text('{"images": 3}\n')
    (folder / "journal.jsonl").write_text(
        '["member", "1.dcm", 0, 50, 50, 1, 8, "00"]\n["checkpoint", 100, {"done": 1}]\n'
    )

    tasks.build_package(package.pk)

    package.refresh_from_db()
    assert package.state == State.READY, package.reason
    assert package.sha256 == undisturbed.sha256


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
