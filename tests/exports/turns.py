"""Packages built as a busy installation builds them: a little at a time, worker after worker."""

from collections.abc import Callable

import pytest

from exports import tasks
from exports.actions.packages import request_package
from exports.building import progress
from exports.models import Package
from exports.specification import Specification
from projects.models import Project, User

MOST_TURNS = 30


def build_in_turns(
    owner: User,
    project: Project,
    specification: Specification,
    between: Callable[[Package], None] = lambda package: None,
) -> Package:
    """Build a package in turns of one image or series each; `between` happens after each."""
    package = request_package(
        by=owner, project=project, specification=specification, participants=None
    )
    turns = 0
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(progress, "SLICE_SECONDS", 0.0)
        while not package.sha256 and turns < MOST_TURNS:
            tasks.build_package(package.pk)
            package.refresh_from_db()
            between(package)
            turns += 1
    assert turns > 2
    return package
