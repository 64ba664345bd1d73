"""Builds one package of repeated files in the database of this process, and times its parts.

Started by benchmarks.packages in a process of its own, whose environment names a data
folder with an empty database; prints one line of JSON.
"""

import argparse
import hashlib
import itertools
import json
import os
import resource
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rdma.settings")
django.setup()

import pydicom  # noqa: E402
from django.utils import timezone  # noqa: E402

from exports.actions.packages import request_package  # noqa: E402
from exports.building import turn  # noqa: E402
from exports.models import Package  # noqa: E402
from exports.specification import read_specification  # noqa: E402
from projects import keyring  # noqa: E402
from projects.models import Event, Membership, Participant, Project, User  # noqa: E402
from projects.patterns import parse  # noqa: E402
from projects.roles import Role  # noqa: E402
from projects.storage import storage  # noqa: E402
from transfers.models import Outcome, PlanVersion, Run, TransferRequest  # noqa: E402
from transfers.states import OutcomeState, State  # noqa: E402

IMAGES_A_STUDY = 400


def main() -> None:
    """Build what is asked for and say how long each part took."""
    options = _options()
    project, owner = _project()
    _research_copy(project, owner, sorted(options.files.iterdir()), options.images)
    package = request_package(
        by=owner,
        project=project,
        specification=read_specification(json.loads(options.specification)),
        participants=None,
    )
    claimed = Package.objects.claim(package.pk, owner=uuid4())
    clock = _Clock()
    for name in ("arrange", "prove", "hand_out"):
        setattr(turn, name, clock.around(name, getattr(turn, name)))
    cpu, began = _cpu(), time.perf_counter()
    with claimed.heartbeat() as check:
        while not turn.build(claimed, check):
            pass
    ended = time.perf_counter()
    claimed.refresh_from_db()
    packed = clock.began["prove"] - began - clock.took["arrange"]
    print(
        json.dumps(
            {
                "state": claimed.state,
                "reason": claimed.reason,
                "bytes": claimed.total_bytes,
                "size": claimed.size,
                "arrange": clock.took["arrange"],
                "pack": packed,
                "rest": clock.began["hand_out"] - clock.began["prove"],
                "door": clock.took["hand_out"],
                "seconds": ended - began,
                "pack_cpu": clock.cpu["prove"] - cpu - clock.spent["arrange"],
                "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            }
        )
    )


class _Clock:
    """When parts of the building began, how long they took, and what they cost."""

    def __init__(self) -> None:
        self.began: dict[str, float] = {}
        self.took: dict[str, float] = {}
        self.cpu: dict[str, float] = {}
        self.spent: dict[str, float] = {}

    def around(self, name: str, part: Callable[..., Any]) -> Callable[..., Any]:
        """Return a part of the building that is timed."""

        def timed(*args: Any, **options: Any) -> Any:
            self.began[name], self.cpu[name] = time.perf_counter(), _cpu()
            try:
                return part(*args, **options)
            finally:
                self.took[name] = time.perf_counter() - self.began[name]
                self.spent[name] = _cpu() - self.cpu[name]

        return timed


def _cpu() -> float:
    """Return the processor seconds of this process and of those it has waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", type=Path, help="a folder of DICOM files")
    parser.add_argument("--images", type=int, required=True)
    parser.add_argument("--specification", default="{}")
    return parser.parse_args()


def _project() -> tuple[Project, User]:
    owner = User.objects.create(username="owner")
    project = Project.objects.create(
        acronym="BENCH",
        number="P26_01",
        title="Invented",
        approval_number="2019/1234",
        approval_start=timezone.localdate(),
        approval_end=timezone.localdate(),
        participant_pattern="BENCH_{n:05}",
        participant_regex=parse("BENCH_{n:05}").regex,
        wrapped_key=keyring.wrap(keyring.new_key(), keyring.master_key()),
    )
    Membership.objects.create(project=project, user=owner, role=Role.OWNER)
    Event.objects.create(project=project, name="baseline", position=0)
    return project, owner


def _research_copy(project: Project, owner: User, files: list[Path], images: int) -> None:
    """Put the files into the storage, and rows that name them again and again, study by study."""
    known = [_stored(path) for path in files]
    version = PlanVersion.objects.create(project=project, number=1, digest="d" * 64)
    event = project.events.get()
    again = itertools.cycle(known)
    for study, first in enumerate(range(0, images, IMAGES_A_STUDY), start=1):
        person = Participant.objects.create(
            project=project,
            pseudonym=project.pattern.fill(n=study, site=1),
            created_by=owner,
            wrapped_secret=keyring.wrap(keyring.new_key(), project.key),
        )
        run = Run.objects.create(
            transfer=TransferRequest.objects.create(
                project=project, participant=person, event=event
            ),
            plan_version=version,
            state=State.DELIVERED,
            program_version="bench",
        )
        Outcome.objects.bulk_create(
            Outcome(
                run=run,
                state=OutcomeState.DELIVERED,
                is_verified=True,
                study_instance_uid=f"2.25.{study}",
                sop_instance_uid=f"2.25.{study}.{number}",
                **next(again),
            )
            for number in range(first, min(first + IMAGES_A_STUDY, images))
        )


def _stored(path: Path) -> dict[str, Any]:
    header = pydicom.dcmread(path, stop_before_pixels=True)
    content = path.read_bytes()
    key = f"research/1/1/{path.name}"
    copy = path.parent.parent / "copy.dcm"
    shutil.copyfile(path, copy)
    storage().put(copy, key)
    return {
        "key": key,
        "digest": hashlib.sha256(content).hexdigest(),
        "size": len(content),
        "series_instance_uid": header.SeriesInstanceUID,
        "sop_class_uid": header.SOPClassUID,
        "transfer_syntax_uid": header.file_meta.TransferSyntaxUID,
    }


if __name__ == "__main__":
    main()
