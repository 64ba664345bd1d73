"""A project under review, and the people around it."""

import pytest

from projects.roles import Role
from tests.datasets import make_ct_series, make_mr_series
from tests.factories import ProjectFactory, UserFactory
from tests.review.copies import index, new_run, new_transfer, participant_of


@pytest.fixture
def owner():
    return UserFactory(username="owner")


@pytest.fixture
def stranger():
    """A member of another project, and of no other."""
    user = UserFactory(username="stranger")
    ProjectFactory(acronym="OTHER", members={user: Role.OWNER})
    return user


@pytest.fixture
def auditor():
    """Sees every project and reviews none."""
    return UserFactory(username="auditor", auditor=True)


@pytest.fixture
def bicam(owner):
    return ProjectFactory(acronym="BICAM", members={owner: Role.OWNER})


@pytest.fixture
def first(bicam):
    return participant_of(bicam, 1)


@pytest.fixture
def second(bicam):
    return participant_of(bicam, 2)


@pytest.fixture
def reviewed(bicam, first, second, tmp_path):
    """BICAM with 3 MR images of the first participant, 2 MR and 2 CT images of the second."""
    files = make_mr_series(
        tmp_path / "1", n=3, ImageComments="patient moved", StationName="MR3T", ImageType="ORIGINAL"
    )
    new_run(new_transfer(first), files)
    files = [
        *make_mr_series(
            tmp_path / "2", n=2, ImageComments="repeat", StationName="MR3T", ImageType="ORIGINAL"
        ),
        *make_ct_series(tmp_path / "3", n=2, StationName="CT1", SeriesDescription="=1+1"),
    ]
    new_run(new_transfer(second), files)
    index()
    return bicam
