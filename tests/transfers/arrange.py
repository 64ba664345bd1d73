"""What tests of transfers start from: real files in quarantine, a project to move them to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from intake.folders import import_folder
from intake.models import Study
from projects.models import Project, User
from projects.roles import HospitalRole, Role
from tests.factories import ProjectFactory, UserFactory
from transfers import actions
from transfers.models import Delivery, Destination, ProjectDestination, Run, TransferRequest
from transfers.tasks import advance, deliver


@dataclass(frozen=True)
class Desk:
    """A project, the person who assigns studies to it, and the data office."""

    project: Project
    kari: User
    office: User


def make_desk(acronym: str = "BICAM", **attributes: object) -> Desk:
    """Make a project with an administrator."""
    kari = UserFactory()
    office = UserFactory(hospital_role=HospitalRole.DATA_OFFICE)
    project = ProjectFactory(acronym=acronym, members={kari: Role.ADMINISTRATOR}, **attributes)
    return Desk(project, kari, office)


def quarantine(folder: Path, by: User) -> list[Study]:
    """Bring a folder into quarantine and wait no longer; return its studies."""
    before = set(Study.objects.values_list("pk", flat=True))
    import_folder(folder, by=by)
    Study.objects.update(last_received_at=timezone.now() - timedelta(minutes=5))
    return list(Study.objects.exclude(pk__in=before).order_by("pk"))


def add_destination(project: Project, **attributes: object) -> Destination:
    """Make a destination of a project."""
    destination = Destination.objects.create(
        **{"name": "Forsknings-PACS", "host": "127.0.0.1", **attributes}
    )
    ProjectDestination.objects.create(project=project, destination=destination)
    return destination


def request(
    desk: Desk, study: Study, pseudonym: str = "BICAM_0001", **more: Any
) -> TransferRequest:
    """Ask for a study to be brought into the desk's project, at its first event."""
    return actions.request_transfer(
        by=desk.kari,
        study=study,
        project=desk.project,
        pseudonym=pseudonym,
        event=desk.project.events.first(),
        **more,
    )


def run_to_the_end(transfer: TransferRequest) -> Run:
    """Do what workers would do for a transfer until nothing is due."""
    for _ in range(20):
        runs = list(Run.objects.due().filter(transfer=transfer).values_list("pk", flat=True))
        deliveries = list(
            Delivery.objects.due().filter(run__transfer=transfer).values_list("pk", flat=True)
        )
        if not runs and not deliveries:
            break
        for pk in runs:
            advance(pk)
        for pk in deliveries:
            deliver(pk)
    run = transfer.runs.order_by("-number").first()
    assert run is not None
    return run


def deliver_patiently(transfer: TransferRequest, *, times: int = 20) -> Run:
    """Do what workers would do if the time that a delivery waits were over at once."""
    run = run_to_the_end(transfer)
    for _ in range(times):
        waiting = Delivery.objects.filter(run__transfer=transfer, not_before__isnull=False)
        if not waiting.moving().update(not_before=None):
            break
        run = run_to_the_end(transfer)
    return run


def outcomes(run: Run) -> dict[str, int]:
    """Return how many instances have each outcome, without the zeros."""
    return {state: n for state, n in run.counts().items() if n}


def every_image(run: Run) -> list[int]:
    """Return all outcomes of a run, to decide about its pictures as if all had been looked at."""
    return list(run.outcomes.values_list("pk", flat=True))


def read_all(paths: Iterable[Path]) -> bytes:
    """Return the bytes of many files, to look for something in all of them."""
    return b"".join(path.read_bytes() for path in sorted(paths))
