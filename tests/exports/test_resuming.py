"""Kill -9 of the worker in the middle of a package: the next one finishes it, byte for byte."""

import os
import signal
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread

from exports import tasks
from exports.actions.packages import request_package
from exports.building.scratch import scratch_folder
from exports.models import Package
from exports.states import State
from projects.roles import Role
from tests.datasets import make_mr_series
from tests.exports.research_copies import add_image, add_study
from tests.factories import ProjectFactory, UserFactory
from tests.services.process import wait_until
from transfers.models import Outcome
from transfers.tasks import ring

IMAGES = 100


@pytest.fixture
def long_package(transactional_db, tmp_path) -> Package:
    """A package that takes some seconds: many outcomes share one large file."""
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
        Outcome(**columns, sop_instance_uid=f"2.25.{number}") for number in range(1, IMAGES)
    )
    return request_package(by=owner, project=project, specification="dicom", participants=None)


def large(path: Path) -> None:
    """Give an image 2048 x 2048 pixels that deflate has some work with."""
    data = dcmread(path)
    data.Rows = data.Columns = 2048
    noise = np.random.default_rng(1).integers(0, 64, 2048 * 2048, dtype=np.uint16)
    data.PixelData = noise.tobytes()
    data.save_as(path)


def test_worker_killed_in_the_middle_is_followed_by_one_that_goes_on(long_package, start_worker):
    ring(tasks.build_package, Package.objects.filter(pk=long_package.pk))
    worker = start_worker()
    wait_until(lambda: reload(long_package).done_count > 0, what="the first images")

    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    at_the_kill = reload(long_package)
    assert at_the_kill.state == State.BUILDING
    assert at_the_kill.done_count < IMAGES
    written = (scratch_folder(long_package.pk) / "package.zip.part").stat()
    Package.objects.update(lease_until=at_the_kill.created_at)  # as after a minute
    tasks.resume_packages()
    start_worker()
    wait_until(lambda: reload(long_package).is_ready, seconds=120, what="the package")

    finished = reload(long_package)
    assert finished.started_count > 0
    undisturbed = request_package(
        by=finished.requested_by,
        project=finished.project,
        specification="dicom",
        participants=None,
    )
    tasks.build_package(undisturbed.pk)
    assert reload(undisturbed).sha256 == finished.sha256
    assert written.st_size < finished.size


def reload(package: Package) -> Package:
    return Package.objects.get(pk=package.pk)
