"""The whole way, walked once: from what arrived to packages, by the portal's own actions."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError

from exports.actions.packages import request_package
from exports.models import Package
from exports.tasks import resume_packages
from intake.models import Study
from projects.actions import next_pseudonym
from projects.models import Project, User
from review.models import ResearchStudy
from review.tasks import index_runs
from transfers.actions import request_transfer
from transfers.models import Delivery, Run, TransferRequest
from transfers.states import DELIVERY_MOVING, RUN_MOVING, State
from transfers.tasks import resume_transfers

STALL_SECONDS = 300
LOOK_SECONDS = 0.3
SWEEP_SECONDS = 3.0


@dataclass
class Walk:
    """What the walk did, beside what is in the database."""

    project: Project
    say: Callable[[str], None]
    refused: list[str] = field(default_factory=list)


def request_all(walk: Walk, by: User, studies: list[Study]) -> list[TransferRequest]:
    """Assign every study: one participant for each patient, events in the order of the dates."""
    transfers = []
    known: dict[int, str] = {}
    visits: dict[str, int] = {}
    events = list(walk.project.events.all())
    for study in sorted(studies, key=lambda study: (study.study_date, study.pk)):
        patient = study.patient
        pseudonym = known.get(patient.pk) if patient.patient_id else None
        pseudonym = pseudonym or _pseudonym_before(walk.project, study)
        pseudonym = pseudonym or next_pseudonym(walk.project)
        known[patient.pk] = pseudonym
        visit = visits.get(pseudonym, 0)
        visits[pseudonym] = visit + 1
        try:
            transfers.append(
                request_transfer(
                    by=by,
                    study=study,
                    project=walk.project,
                    pseudonym=pseudonym,
                    event=events[min(visit, len(events) - 1)],
                )
            )
        except ValidationError as error:
            walk.refused.append(" ".join(error.messages))
    return transfers


def _pseudonym_before(project: Project, study: Study) -> str:
    if not study.patient.patient_id:
        return ""
    earlier = TransferRequest.objects.live().filter(project=project, study__patient=study.patient)
    found = earlier.select_related("participant").first()
    return found.participant.pseudonym if found else ""


def counted(n: int, one: str, many: str = "") -> str:
    """Say a number with its noun: 1 study, 2 studies."""
    return f"{n} {one if n == 1 else many or one + 's'}"


def wait_for_transfers(say: Callable[[str], None]) -> None:
    """Wait until no run and no delivery moves; say how far it is."""

    def left() -> str:
        runs = Run.objects.filter(state__in=(*RUN_MOVING, State.VERIFIED), transfer__ended_at=None)
        sending = Delivery.objects.filter(state__in=DELIVERY_MOVING).count()
        if not runs and not sending:
            return ""
        waiting = sum(run.outcomes.filter(state__in=("waiting", "moving")).count() for run in runs)
        transfers, deliveries = (
            counted(len(runs), "transfer"),
            counted(sending, "delivery", "deliveries"),
        )
        return f"{counted(waiting, 'image')} to go in {transfers}, {deliveries} under way"

    wait(left, say, resume_transfers)


def wait_for_index(say: Callable[[str], None]) -> None:
    """Wait until the tag index knows all of the research copy."""
    index_runs()

    def left() -> str:
        moving = ResearchStudy.objects.moving().count()
        return f"{counted(moving, 'study', 'studies')} to index" if moving else ""

    wait(left, say, index_runs)


def build_packages(by: User, project: Project, say: Callable[[str], None]) -> list[Package]:
    """Build one package of each format of everything that may leave."""
    packages = [
        request_package(by=by, project=project, specification=kind, participants=None)
        for kind in ("dicom", "nifti")
    ]
    pks = [package.pk for package in packages]
    wait(lambda: packages_left(pks), say, resume_packages)
    return list(Package.objects.filter(pk__in=pks).order_by("pk"))


def packages_left(pks: list[int]) -> str:
    """Say how far those packages are that are still being built, or examined at the door."""
    rows = Package.objects.moving().filter(pk__in=pks).select_related("examination")
    return ", ".join(
        f"{row.get_format_display()} {row.done_count} of {row.total_count}{_examined(row)}"
        for row in rows
    )


def _examined(package: Package) -> str:
    look = getattr(package, "examination", None)
    if look is None or not look.position:
        return ""
    return f", {look.position} of {look.member_count} files examined at the door"


def wait(left: Callable[[], str], say: Callable[[str], None], sweep: Callable[[], object]) -> None:
    """Wait until nothing is left; say each change. Raises TimeoutError when nothing changes."""
    said, changed, swept = "", time.monotonic(), time.monotonic()
    while now := left():
        if now != said:
            say(now)
            said, changed = now, time.monotonic()
        if time.monotonic() - changed > STALL_SECONDS:
            raise TimeoutError(f"Nothing has moved for {STALL_SECONDS} s: {now}.")
        if time.monotonic() - swept > SWEEP_SECONDS:
            sweep()
            swept = time.monotonic()
        time.sleep(LOOK_SECONDS)
