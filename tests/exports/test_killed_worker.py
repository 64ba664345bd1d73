"""Kill -9 of the worker in the middle of a package: the next one finishes it, byte for byte."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread

from exports import tasks
from exports.actions.packages import request_package
from exports.building.scratch import scratch_folder
from exports.models import Package
from exports.specification import read_specification
from exports.states import State
from projects.roles import Role
from tests.datasets import make_mr_series
from tests.exports.research_copies import add_image, add_study
from tests.factories import ProjectFactory, UserFactory
from tests.services.process import wait_until
from transfers.models import Outcome
from transfers.tasks import ring

IMAGE_BYTES = 2 * 2048 * 2048
Ask = Callable[[int, dict[str, Any]], Package]


@pytest.fixture
def ask(transactional_db, tmp_path) -> Ask:
    """Ask for a package of many images, which share one large file."""

    def ask(images: int, specification: dict[str, Any]) -> Package:
        owner = UserFactory()
        project = ProjectFactory(acronym="BICAM", members={owner: Role.OWNER})
        run = add_study(project, [])
        (path,) = make_mr_series(tmp_path / "a", n=1)
        large(path)
        first = add_image(run, path)
        columns = {"run": run, "state": first.state, "is_verified": True, "key": first.key}
        columns |= {"digest": first.digest, "size": first.size}
        columns |= {"series_instance_uid": first.series_instance_uid}
        columns |= {"transfer_syntax_uid": first.transfer_syntax_uid}
        Outcome.objects.bulk_create(
            Outcome(**columns, sop_instance_uid=f"2.25.{number}") for number in range(1, images)
        )
        return request_package(
            by=owner,
            project=project,
            specification=read_specification(specification),
            participants=None,
        )

    return ask


def large(path: Path) -> None:
    """Give an image 2048 x 2048 pixels that deflate has some work with."""
    data = dcmread(path)
    data.Rows = data.Columns = 2048
    noise = np.random.default_rng(1).integers(0, 64, 2048 * 2048, dtype=np.uint16)
    data.PixelData = noise.tobytes()
    data.save_as(path)


@pytest.mark.parametrize(
    ("images", "specification"),
    [
        pytest.param(100, {}, id="compressed"),
        pytest.param(100, {"is_encrypted": True}, id="encrypted", marks=pytest.mark.slow),
        pytest.param(
            2 * 1024**3 // IMAGE_BYTES,
            {"compression": "none"},
            id="two gigabytes",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_worker_killed_in_the_middle_is_followed_by_one_that_goes_on(
    ask, start_worker, images, specification
):
    package = ask(images, specification)
    ring(tasks.build_package, Package.objects.filter(pk=package.pk))
    worker = start_worker()
    journal = scratch_folder(package.pk) / "journal.jsonl"
    wait_until(
        lambda: journal.exists() and b'["checkpoint"' in journal.read_bytes(),
        what="the first checkpoint",
    )

    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    at_the_kill = reload(package)
    assert at_the_kill.state == State.BUILDING
    written = (scratch_folder(package.pk) / "package.zip.part").stat().st_size
    Package.objects.update(lease_until=at_the_kill.created_at)  # as after a minute
    tasks.resume_packages()
    start_worker()
    wait_until(lambda: not reload(package).is_moving, seconds=300, what="the package")

    finished = reload(package)
    assert finished.state == State.READY, finished.reason
    assert images > finished.started_count > 0
    assert written < finished.size
    assert undisturbed(finished).sha256 == finished.sha256


def undisturbed(package: Package) -> Package:
    """Build the same once more, in one go, with the same password if there is one."""
    again = request_package(
        by=package.requested_by,
        project=package.project,
        specification=package.spec,
        participants=None,
    )
    Package.objects.filter(pk=again.pk).update(wrapped_secret=package.wrapped_secret)
    tasks.build_package(again.pk)
    return reload(again)


def reload(package: Package) -> Package:
    return Package.objects.get(pk=package.pk)
