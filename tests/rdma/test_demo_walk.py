"""The demo knows a held package from one that failed, and a long look at the door from none."""

import pytest

from exports.models import Examination, Package
from exports.states import State
from projects.roles import Role
from rdma.demo import walk
from rdma.demo.account import lines, take_account
from tests.exports.ready import ready_package
from tests.factories import ProjectFactory, UserFactory


@pytest.fixture
def package(db) -> Package:
    owner = UserFactory()
    return ready_package(ProjectFactory(acronym="BICAM", members={owner: Role.OWNER}), owner)


def test_held_package_is_no_failure_and_is_told_with_its_reason(package):
    package.state, package.reason = State.HELD, "At the door, 2 findings hold it."
    account = take_account([package])
    held = (account.adds_up, lines(account)[-1])
    package.state, package.reason = State.FAILED, "An image is gone."
    failed = (account.adds_up, lines(account)[-1])

    assert held == (True, "    package DICOM, held: At the door, 2 findings hold it.")
    assert failed == (False, "    package DICOM, failed: An image is gone.")


def test_look_at_the_door_is_progress_while_no_image_is_packed_any_more(package, monkeypatch):
    package.state, package.done_count, package.total_count = State.BUILDING, 400, 400
    package.save()
    look = Examination.objects.create(package=package, member_count=1200)
    clock = iter(range(0, 10_000, 100))
    monkeypatch.setattr(walk.time, "monotonic", lambda: next(clock))

    def examine(seconds: float) -> None:
        """Take longer in all than may pass without any change."""
        look.position += 200
        look.save()
        if look.position == look.member_count:
            Package.objects.update(state=State.READY)

    monkeypatch.setattr(walk.time, "sleep", examine)
    said: list[str] = []

    walk.wait(lambda: walk.packages_left([package.pk]), said.append, lambda: None)

    assert said[:2] == [
        "DICOM 400 of 400",
        "DICOM 400 of 400, 200 of 1200 files examined at the door",
    ]
    assert len(said) == 6
