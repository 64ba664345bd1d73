"""Whether what will leave keeps to the standard as far as its original did, and holds together.

Each output is judged when its leaks are searched; whether the instances of the study agree is
known when all of them have been judged, and asked before any of them leaves.
"""

import json
import logging
from collections import defaultdict
from pathlib import Path

from deidentify.conformance import Agreement, ConformanceCheck
from deidentify.conformance.finding import content_of, unknown
from deidentify.conformance.waivers import waiver_of
from deidentify.leaks import Finding as Leak
from intake.models import Series
from projects.storage import storage
from transfers.models import AgreementStore, LedgerEntry, Outcome, Run
from transfers.pipeline.copies import made_from
from transfers.states import OutcomeState, Source

log = logging.getLogger(__name__)


def conformance_check(run: Run) -> ConformanceCheck:
    """Return the check of a run, knowing what became of which UID and what was said before."""
    stored = AgreementStore.objects.filter(run=run).first()
    return ConformanceCheck(
        outputs=outputs_of(run),
        waives=waiver_of(run.plan_version.profile),
        agreement=Agreement.from_data(json.loads(stored.told)) if stored else None,
        copies={uid.encode() for uid in made_over(run)} if run.source == Source.COPY else (),
    )


def outputs_of(run: Run) -> dict[bytes, set[bytes]]:
    """Return the UIDs that stand for each original study, series and instance of a run."""
    outputs: dict[bytes, set[bytes]] = defaultdict(set)
    written = run.outcomes.exclude(sop_instance_uid="").exclude(instance=None)
    pairs = set(written.values_list("instance__sop_instance_uid", "sop_instance_uid"))
    of_series = set(written.values_list("series", "series_instance_uid", "study_instance_uid"))
    series = Series.objects.select_related("study").in_bulk({pk for pk, _, _ in of_series if pk})
    for pk, series_instance_uid, study_instance_uid in of_series:
        if pk in series:
            pairs.add((series[pk].series_instance_uid, series_instance_uid))
            pairs.add((series[pk].study.study_instance_uid, study_instance_uid))
    pairs |= {(uid, uid) for uid in made_over(run)}
    for old, new in pairs:
        if old and new:
            outputs[old.encode()].add(new.encode())
    return outputs


def made_over(run: Run) -> set[str]:
    """Return the UIDs of what is made over earlier outputs: they stay what they are."""
    copies = run.outcomes.filter(made_of__isnull=False).exclude(sop_instance_uid="")
    rows = copies.values_list("sop_instance_uid", "series_instance_uid", "study_instance_uid")
    return {uid for row in rows for uid in row}


def keep_agreement(run: Run, check: ConformanceCheck) -> None:
    """Store what was said so far; called in the transaction that saves the slice."""
    AgreementStore.objects.update_or_create(
        run=run, defaults={"told": json.dumps(check.agreement.as_data())}
    )


def examine_conformance(check: ConformanceCheck, source: Path, target: Path) -> list[Leak]:
    """Return what one output breaks. An instance that cannot be judged is held, not passed."""
    try:
        return check.examine(source, target)
    except OSError:
        raise  # the storage, not the instance
    except Exception as error:  # noqa: BLE001 - one instance must not end the run
        log.warning("conformance could not be judged: %s", type(error).__name__)
        return [unknown(content_of(target))]


def what_left(run: Run) -> set[str]:
    """Return the UIDs of a run's instances that a destination has taken, counted or not."""
    delivered = run.outcomes.filter(state=OutcomeState.DELIVERED)
    taken = LedgerEntry.objects.filter(run=run, withdrawn_at=None).exclude(accepted_at=None)
    return {
        uid
        for rows in (delivered, taken)
        for uid in rows.values_list("sop_instance_uid", flat=True)
    }


def compare_with_others(
    check: ConformanceCheck, outcome: Outcome, *, nothing_left: bool
) -> list[Leak]:
    """Return in what one verified instance differs from the others of its study.

    What left before stays where it is: then nobody can say that most are right.
    """
    with made_from(outcome) as source, storage().fetch(outcome.key) as target:
        if source is None:
            return [unknown(f"of outcome {outcome.pk}")]
        return check.compare(source, target, spare_most=nothing_left)
