"""A research copy as the pipeline leaves it: runs and outcomes, with their files in the storage."""

import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path

import pydicom
from django.conf import settings
from django.utils import timezone

from deidentify.identity import Identity
from deidentify.plan import compile_plan
from deidentify.rewrite import rewrite
from projects.models import Participant, Project
from projects.storage import storage
from review.indexing import note_changes
from review.tasks import index_study
from tests.factories import ParticipantFactory
from transfers.models import Outcome, PlanVersion, Run, TransferRequest
from transfers.states import OutcomeState, State

COUNTED = ["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID"]


def participant_of(project: Project, number: int) -> Participant:
    """The participant with this number, made if need be."""
    pseudonym = project.pattern.fill(n=number, site=1)
    known = project.participants.filter(pseudonym=pseudonym).first()
    return known or ParticipantFactory(project=project, pseudonym=pseudonym)


def new_transfer(participant: Participant, event: str = "baseline") -> TransferRequest:
    """A live transfer into the participant's project; its study has left the quarantine."""
    return TransferRequest.objects.create(
        project=participant.project,
        participant=participant,
        event=participant.project.events.get(name=event),
    )


def deidentified(files: Iterable[Path], folder: Path, participant: Participant) -> list[Path]:
    """De-identify files as the pipeline does, by the engine itself."""
    folder.mkdir(parents=True, exist_ok=True)
    identity = Identity(
        project=participant.project.acronym,
        pseudonym=participant.pseudonym,
        secret=participant.secret,
        event="baseline",
    )
    plan = compile_plan("research", identity=identity)
    written = []
    for number, path in enumerate(files):
        target = folder / f"{number:06}.dcm"
        rewrite(path, target, plan)
        written.append(target)
    return written


def new_run(
    transfer: TransferRequest,
    files: Iterable[Path],
    *,
    state: State = State.DELIVERED,
    held: Iterable[Path] = (),
) -> Run:
    """A run of a transfer whose `files` are delivered (on their way while it is VERIFIED)."""
    plan_version, _ = PlanVersion.objects.get_or_create(
        project=transfer.project, number=1, defaults={"digest": "0" * 64}
    )
    run = Run.objects.create(
        transfer=transfer,
        number=transfer.runs.count() + 1,
        plan_version=plan_version,
        state=state,
        ended_at=timezone.now() if state == State.DELIVERED else None,
        verified_at=timezone.now() if state == State.DELIVERED else None,
    )
    moving = state == State.VERIFIED
    for path in files:
        add_outcome(run, path, OutcomeState.MOVING if moving else OutcomeState.DELIVERED)
    for path in held:
        add_outcome(run, path, OutcomeState.HELD, is_verified=False)
    return run


def add_outcome(run: Run, path: Path, state: OutcomeState, *, is_verified: bool = True) -> Outcome:
    """Put a copy of one de-identified file into the storage, with its outcome."""
    header = pydicom.dcmread(path, specific_tags=COUNTED)
    key = f"research/{run.transfer.project_id}/{run.pk}/{header.SOPInstanceUID}.dcm"
    scratch = Path(settings.RDMA_DATA_DIR) / "scratch" / path.name
    shutil.copyfile(path, scratch)
    storage().put(scratch, key)
    return Outcome.objects.create(
        run=run,
        state=state,
        is_verified=is_verified,
        key=key,
        sop_class_uid=header.SOPClassUID,
        transfer_syntax_uid=header.file_meta.TransferSyntaxUID,
        study_instance_uid=header.StudyInstanceUID,
        series_instance_uid=header.SeriesInstanceUID,
        sop_instance_uid=header.SOPInstanceUID,
        digest=hashlib.sha256(path.read_bytes()).hexdigest(),
        size=path.stat().st_size,
    )


def index() -> None:
    """Bring the whole index up to date, as the sweep and the workers do together."""
    for study_id in note_changes():
        index_study(study_id)
