"""The first step: from quarantine to the research copy, a slice of instances at a time.

Or from an earlier run's files to the next ones, when the originals have left quarantine.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Min
from django.db.models.functions import Now
from django.utils import timezone

from deidentify.errors import Refused
from deidentify.known import Known
from deidentify.plan import Plan
from deidentify.rewrite import Written, rewrite
from deidentify.version import ENGINE, VERSION
from intake.models import Instance, Study
from projects.keyring import master_key_id
from projects.storage import scratch, storage, sync
from transfers.errors import Away
from transfers.models import Finding, Outcome, Run
from transfers.pipeline.carrying import earlier_verdicts, judge
from transfers.pipeline.copies import made_from, turn_over
from transfers.pipeline.differing import note_difference
from transfers.pipeline.recalled_terms import recall_known
from transfers.pipeline.sources import first_of_each_series
from transfers.planning import compile_for, store
from transfers.states import OutcomeState, Source, State

FILING = timedelta(minutes=2)
COPY_GONE = "Its file of the research copy is not in the storage any more."
SAVED = [
    "state",
    "reason",
    "is_verified",
    "key",
    "sop_class_uid",
    "transfer_syntax_uid",
    "study_instance_uid",
    "series_instance_uid",
    "sop_instance_uid",
    "digest",
    "size",
]


@dataclass(frozen=True)
class StudyAtWork:
    """What is the same for every instance of a run, and what was done to them since it was saved.

    `changes` counts elements by the engine's letter (deidentify.decisions.ACTIONS).
    """

    run: Run
    plan: Plan
    known: Known
    changes: Counter[str] = field(default_factory=Counter)


def deidentify_study(run: Run, check: Callable[[], None]) -> None:
    """De-identify every waiting instance of a run and save each slice as it is done.

    An instance that cannot be read is held with its reason; one that quarantine has let go of is
    expired, unless an earlier run's file is there to be made over. Raises KeyUnavailable if the
    participant was severed.
    """
    turn_over(run)
    plan = compile_for(run)
    store(plan)
    run.set_held(
        plan_digest=plan.digest,
        key_id=master_key_id(),
        program_version=f"{ENGINE} {VERSION}",
        limits=plan.limits,
    )
    known = collect_known(run.transfer.study)
    if run.source == Source.COPY:
        recall_known(run, known)
    study = StudyAtWork(run, plan, known)
    waiting = run.outcomes.filter(state=OutcomeState.WAITING)
    while slice_ := list(waiting.select_related("instance", "made_of")[: settings.SLICE_SIZE]):
        originals = [one.instance for one in slice_ if one.instance and not one.made_of]
        apart = kept_apart(originals)
        with scratch() as folder:
            for outcome in slice_:
                check()
                deidentify_instance(study, outcome, apart=apart, folder=folder)
        save_slice(study, slice_)
    note_difference(run, check)
    run.let_go(state=State.DEIDENTIFIED, deidentified_at=Now(), attempt=0, reason="")


def deidentify_instance(
    study: StudyAtWork, outcome: Outcome, *, apart: dict[int, str], folder: Path
) -> None:
    """Write one instance's research copy and fill in its outcome; nothing is saved here."""
    if outcome.made_of is not None:
        make_over(study, outcome, folder=folder)
        return
    instance = outcome.instance
    if instance is not None and not storage().exists(instance.key) and is_being_filed(instance):
        raise Away("The catalogue is still putting an image of this study in its place.")
    if instance is None or not storage().exists(instance.key):
        outcome.state = OutcomeState.EXPIRED
        outcome.reason = "The quarantine had let go of it before it was de-identified."
        return
    target = folder / f"{outcome.pk}.dcm"
    try:
        with storage().fetch(instance.key) as source:
            written = rewrite(
                source,
                target,
                study.plan.of_originals,
                known=study.known,
                apart=apart.get(instance.pk, ""),
            )
    except Refused as refused:
        outcome.state = OutcomeState.HELD
        outcome.reason = refused.sentence[:300]
        return
    keep(study, outcome, target, written)


def make_over(study: StudyAtWork, outcome: Outcome, *, folder: Path) -> None:
    """Write one instance over its research copy and fill in its outcome; nothing is saved here."""
    target = folder / f"{outcome.pk}.dcm"
    try:
        with made_from(outcome) as copy:
            if copy is None:
                outcome.state, outcome.reason = OutcomeState.HELD, COPY_GONE
                return
            written = rewrite(copy, target, study.plan, known=study.known)
    except Refused as refused:
        outcome.state = OutcomeState.HELD
        outcome.reason = refused.sentence[:300]
        return
    keep(study, outcome, target, written)


def keep(study: StudyAtWork, outcome: Outcome, target: Path, written: Written) -> None:
    """Put an output where the research copy is, and note what it is."""
    sync(target)
    outcome.key = f"{study.run.folder}/{outcome.pk}.dcm"
    storage().put(target, outcome.key)
    outcome.state = OutcomeState.MOVING
    outcome.is_verified = False
    outcome.sop_class_uid = written.sop_class_uid
    outcome.transfer_syntax_uid = written.transfer_syntax_uid
    outcome.study_instance_uid = written.study_instance_uid
    outcome.series_instance_uid = written.series_instance_uid
    outcome.sop_instance_uid = written.sop_instance_uid
    outcome.digest = written.digest
    outcome.size = written.size
    study.changes.update(written.changed)


def is_being_filed(instance: Instance) -> bool:
    """Tell whether a file may be on its way into quarantine: its row is saved a moment before."""
    return timezone.now() - instance.received_at < FILING


@transaction.atomic
def save_slice(study: StudyAtWork, outcomes: list[Outcome]) -> None:
    """Save a slice in one transaction, if the run is still ours."""
    run = study.run
    run.progressed()
    run.set_held(changes=dict(Counter(run.changes) + study.changes))
    study.changes.clear()
    held = [outcome for outcome in outcomes if outcome.state == OutcomeState.HELD]
    findings = [_unreadable(run, outcome) for outcome in held]
    earlier = earlier_verdicts(run, {finding.fingerprint for finding in findings})
    for finding, outcome in zip(findings, held, strict=True):
        earlier.carry(finding, outcome)
        judge(outcome, [finding])
    Outcome.objects.bulk_update(outcomes, SAVED)
    Finding.objects.bulk_create(findings)


def _unreadable(run: Run, outcome: Outcome) -> Finding:
    return Finding(
        run=run,
        outcome=outcome,
        kind="unreadable",
        path="the whole instance",
        sure="certain",
        sentence=outcome.reason,
        fingerprint=f"unreadable-{outcome.instance_id or f'copy-{outcome.made_of_id}'}",
    )


def collect_known(study: Study | None) -> Known:
    """Collect what the patient is called, from the catalogue and one header of each series."""
    known = Known()
    if study is None:
        return known
    for kind, value in identifying_values(study):
        known.add(kind, value)
    for instance in first_of_each_series(study):
        with storage().fetch(instance.key) as source, suppress(Refused):
            known.read(source)  # one that cannot be read is held when its turn comes
    return known


def identifying_values(study: Study) -> list[tuple[str, str]]:
    """Return the catalogue's identifying values of a study as (kind, value)."""
    values = [
        ("name", study.patient_name),
        ("identifier", study.patient.patient_id),
        ("identifier", study.accession_number),
        ("birth_date", study.patient_birth_date),
    ]
    return [(kind, value) for kind, value in values if value]


def kept_apart(instances: list[Instance]) -> dict[int, str]:
    """Say what tells instances apart that share a SOP Instance UID: id to digest.

    The first that arrived keeps the UID it would have had anyway.
    """
    conflicting = [instance for instance in instances if instance.is_conflicting]
    if not conflicting:
        return {}
    indexes = {instance.sop_uid_index for instance in conflicting}
    rows = Instance.objects.filter(sop_uid_index__in=indexes).values_list("sop_uid_index")
    firsts = dict(rows.annotate(first=Min("pk")).order_by())
    return {
        instance.pk: instance.digest
        for instance in conflicting
        if firsts.get(instance.sop_uid_index) != instance.pk
    }
