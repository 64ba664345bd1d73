"""A project whose people are of every kind, and a package that can be built without a worker."""

from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest

from exports import tasks
from exports.actions.packages import request_package
from exports.models import Package
from exports.specification import Specification
from exports.states import Format
from projects.models import Participant, Project, User
from projects.roles import Role
from projects.storage import storage
from tests.factories import ProjectFactory, UserFactory

Build = Callable[..., Package]


@pytest.fixture
def owner(db: None) -> User:
    return UserFactory(username="owner")


@pytest.fixture
def project(owner: User) -> Project:
    return ProjectFactory(acronym="BICAM", members={owner: Role.OWNER})


@pytest.fixture
def manager(project: Project) -> User:
    """Somebody who may export and see identified data; the owner may not see it."""
    user = UserFactory(username="manager")
    project.memberships.create(user=user, role=Role.DATA_MANAGER)
    return user


@pytest.fixture
def build(owner: User) -> Build:
    """Request a package and build it in this process, as a worker would."""

    def build(
        project: Project,
        kind: Format | Specification = Format.DICOM,
        participants: list[Participant] | None = None,
        by: User = owner,
    ) -> Package:
        specification = kind.name.lower() if isinstance(kind, Format) else kind
        package = request_package(
            by=by, project=project, specification=specification, participants=participants
        )
        tasks.build_package(package.pk)
        package.refresh_from_db()
        return package

    return build


@pytest.fixture
def opened() -> Callable[[Package], ZipFile]:
    """Open a ready package's file."""

    def opened(package: Package) -> ZipFile:
        return ZipFile(path_of(package))

    return opened


def path_of(package: Package) -> Path:
    with storage().fetch(package.key) as path:
        return path
