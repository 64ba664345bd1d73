"""The second step: prove that no identifier of this patient is left in what will leave."""

import json
from collections.abc import Callable

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from deidentify.conformance import ConformanceCheck
from deidentify.conformance.finding import AGREEMENT
from deidentify.delta import DeltaPlan
from deidentify.leaks import Finding as Leak
from deidentify.leaks import LeakCheck, SearchTerms
from deidentify.plan import Plan
from intake.models import Instance, Study
from projects.storage import storage
from transfers.fingerprints import fingerprint_key, keyed
from transfers.models import Finding, Outcome, Run, SearchTermStore
from transfers.pipeline.carrying import earlier_verdicts, is_rejected, judge
from transfers.pipeline.conforming import (
    compare_with_others,
    conformance_check,
    keep_agreement,
    what_left,
)
from transfers.pipeline.deidentifying import identifying_values
from transfers.pipeline.examining import Examiner
from transfers.pipeline.recalled_terms import terms_over
from transfers.pipeline.recalling import take_back_rejected
from transfers.pipeline.settling import hand_over
from transfers.pipeline.sources import first_of_each_series
from transfers.planning import compile_for
from transfers.states import OutcomeState, Source


def verify_study(run: Run, check: Callable[[], None]) -> None:
    """Search every output for every identifying value of its source that the plan does not keep.

    That it keeps to the standard as its source did is checked with it. Findings hold the instance
    they are in; a verdict given to an identical finding before is carried over. Instances without
    findings are handed over for delivery, when all of them have been compared.
    """
    plan = compile_for(run)
    conformance = conformance_check(run)
    leak_check = LeakCheck(collect_terms(run, plan, check))
    examiner = Examiner(run, plan, leak_check, conformance)
    unverified = run.outcomes.filter(state=OutcomeState.MOVING, is_verified=False)
    while slice_ := list(unverified.select_related("instance", "made_of")[: settings.SLICE_SIZE]):
        found = {}
        for outcome in slice_:
            check()
            found[outcome.pk] = examiner.examine(outcome)
        save_verdicts(run, slice_, found, conformance)
    if conformance.agreement.is_broken:
        hold_what_differs(run, conformance, check)
    hand_over(run)
    take_back_rejected(run)


def hold_what_differs(run: Run, conformance: ConformanceCheck, check: Callable[[], None]) -> None:
    """Hold instances that do not agree with the others of their study.

    What is held already gets the finding too, so that a release of the other is not enough. What
    a destination has taken already cannot be held any more.
    """
    known = set(run.findings.filter(kind=AGREEMENT).values_list("outcome", "fingerprint"))
    key = fingerprint_key(run.transfer.project.root)
    left = what_left(run)
    ours = run.outcomes.filter(
        Q(state=OutcomeState.MOVING, is_verified=True) | Q(state=OutcomeState.HELD)
    )
    written = ours.exclude(key="").select_related("instance", "made_of").order_by("pk")
    last = 0
    while slice_ := list(written.filter(pk__gt=last)[: settings.SLICE_SIZE]):
        found = {}
        for outcome in slice_:
            check()
            if outcome.sop_instance_uid in left:
                continue
            leaks = compare_with_others(conformance, outcome, nothing_left=not left)
            new = [one for one in leaks if (outcome.pk, keyed(one.fingerprint, key)) not in known]
            if new:
                found[outcome.pk] = new
        save_verdicts(run, [one for one in slice_ if one.pk in found], found, conformance)
        last = slice_[-1].pk


@transaction.atomic
def save_verdicts(
    run: Run,
    outcomes: list[Outcome],
    found: dict[int, list[Leak]],
    conformance: ConformanceCheck,
) -> None:
    """Hold what has open findings and let the rest pass, if the run is still ours.

    What a person rejected before stays rejected.
    """
    run.progressed()
    key = fingerprint_key(run.transfer.project.root)
    marks = {keyed(leak.fingerprint, key) for leaks in found.values() for leak in leaks}
    earlier = earlier_verdicts(run, marks)
    # Somebody may have decided while they were examined; nobody can from here on.
    now = Outcome.objects.in_bulk([outcome.pk for outcome in outcomes])
    rows: list[Finding] = []
    for outcome in outcomes:
        outcome.state, outcome.reason = now[outcome.pk].state, now[outcome.pk].reason
        findings = [_finding(run, outcome, leak, key) for leak in found[outcome.pk]]
        for finding in findings:
            earlier.carry(finding, outcome)
        if outcome.state == OutcomeState.MOVING:
            outcome.is_verified = False
            judge(outcome, findings)
        elif outcome.state == OutcomeState.HELD and is_rejected(findings):
            judge(outcome, findings)
        rows += findings
    keep_agreement(run, conformance)
    Finding.objects.bulk_create(rows)
    Outcome.objects.bulk_update(outcomes, ["state", "reason", "is_verified"])


def collect_terms(run: Run, plan: Plan, check: Callable[[], None]) -> SearchTerms:
    """Collect the patient's search terms once per run, and keep them encrypted with it.

    They come from every source header of the study, from the catalogue, and from one header of
    each series of the patient's other studies in quarantine; of a run over the research copy, from
    the runs before as well.
    """
    stored = SearchTermStore.objects.filter(run=run).first()
    if stored is not None:
        return SearchTerms.from_data(json.loads(stored.terms))
    earlier = terms_over(run, plan, check) if isinstance(plan, DeltaPlan) else None
    terms = earlier or SearchTerms(
        kept_tags=plan.kept_tags, written=plan.written_values, written_at=plan.written_at
    )
    study = run.transfer.study
    if study is not None:
        for instance in Instance.objects.filter(series__study=study).order_by("pk").iterator():
            check()
            _read(terms, instance)
        for other in Study.objects.filter(patient=study.patient_id):
            for kind, value in identifying_values(other):
                terms.add(kind, value)
            if other.pk != study.pk and study.patient.patient_id:
                for instance in first_of_each_series(other):
                    _read(terms, instance)
    if earlier is not None or run.source != Source.COPY:  # what is gone is not to seem kept
        SearchTermStore.objects.update_or_create(
            run=run, defaults={"terms": json.dumps(terms.as_data()), "dropped": terms.dropped}
        )
    return terms


def _read(terms: SearchTerms, instance: Instance) -> None:
    if storage().exists(instance.key):
        with storage().fetch(instance.key) as source:
            terms.read(source)


def _finding(run: Run, outcome: Outcome, leak: Leak, key: bytes) -> Finding:
    return Finding(
        run=run,
        outcome=outcome,
        kind=leak.kind,
        path=leak.path[:400],
        start=leak.start,
        end=leak.end,
        sure=leak.sure,
        source_path=leak.source_path[:400],
        sentence=leak.sentence[:300],
        fingerprint=keyed(leak.fingerprint, key),
    )
