"""A project's research copy for tests: real de-identified files in the storage, and their rows."""

import hashlib
import json
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import pydicom

from deidentify.identity import Identity
from deidentify.leaks import SearchTerms
from deidentify.plan import compile_plan
from deidentify.rewrite import rewrite
from projects.models import Participant, Project
from projects.storage import scratch, storage
from tests.factories import ParticipantFactory
from transfers.models import Outcome, PlanVersion, Run, SearchTermStore, TransferRequest
from transfers.states import OutcomeState, State


def participant(project: Project, number: int) -> Participant:
    """Return the project's participant of this number; a new one if there is none."""
    pseudonym = project.pattern.fill(n=number, site=1)
    known = project.participants.filter(pseudonym=pseudonym).first()
    return known or ParticipantFactory(project=project, pseudonym=pseudonym)


def add_study(
    project: Project,
    files: Iterable[Path],
    *,
    number: int = 1,
    event: str = "baseline",
    state: State = State.DELIVERED,
) -> Run:
    """De-identify files into the storage, as one study of one participant that has arrived.

    What must not be left of the patient is kept with the run, as the pipeline does.
    """
    person = participant(project, number)
    plan_version, _ = PlanVersion.objects.get_or_create(
        project=project, number=1, defaults={"digest": "d" * 64}
    )
    transfer = TransferRequest.objects.create(
        project=project, participant=person, event=project.events.get(name=event)
    )
    run = Run.objects.create(
        transfer=transfer, plan_version=plan_version, state=state, program_version="0.1"
    )
    identity = Identity(
        project=project.acronym, pseudonym=person.pseudonym, secret=bytes(32), event=event
    )
    plan = compile_plan(identity=identity)
    terms = SearchTerms(
        kept_tags=plan.kept_tags, written=plan.written_values, written_at=plan.written_at
    )
    for place, file in enumerate(files):
        terms.read(file)
        with scratch() as folder:
            written = rewrite(file, folder / "out.dcm", plan, apart=f"image {place}")
            add_image(run, folder / "out.dcm", transfer_syntax_uid=written.transfer_syntax_uid)
    SearchTermStore.objects.create(
        run=run, terms=json.dumps(terms.as_data()), dropped=terms.dropped
    )
    return run


def add_image(
    run: Run, path: Path, *, state: OutcomeState = OutcomeState.DELIVERED, **columns: object
) -> Outcome:
    """Put one finished file into the storage, with its outcome."""
    header = pydicom.dcmread(path, stop_before_pixels=True)
    outcome = Outcome.objects.create(
        run=run,
        state=state,
        is_verified=state in (OutcomeState.DELIVERED, OutcomeState.MOVING),
        digest=hashlib.sha256(path.read_bytes()).hexdigest(),
        size=path.stat().st_size,
        study_instance_uid=header.StudyInstanceUID,
        series_instance_uid=header.SeriesInstanceUID,
        sop_instance_uid=header.SOPInstanceUID,
        sop_class_uid=header.SOPClassUID,
        **{"transfer_syntax_uid": header.file_meta.TransferSyntaxUID} | columns,
    )
    outcome.key = f"research/{run.transfer.project_id}/{run.pk}/{outcome.pk}.dcm"
    outcome.save()
    with scratch() as folder:
        shutil.copyfile(path, folder / "copy.dcm")
        storage().put(folder / "copy.dcm", outcome.key)
    return outcome


def dicom_files(folder: Path) -> Sequence[Path]:
    """Return the DICOM files below a folder, in order."""
    return sorted(path for path in folder.rglob("*.dcm") if path.is_file())
