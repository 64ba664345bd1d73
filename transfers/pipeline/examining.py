"""What must be looked at in one instance before it may leave.

An instance made of its original is compared with it. One made over the research copy is compared
with that, and searched by what earlier runs knew; what only the original could settle is asked
again, and what nobody can prove any more is said, and held.
"""

import hashlib
import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path

from deidentify.conformance import ConformanceCheck
from deidentify.delta import DeltaPlan, is_too_late
from deidentify.errors import Refused
from deidentify.explain import Explainer
from deidentify.leaks import Finding as Leak
from deidentify.leaks import LeakCheck
from deidentify.plan import Plan
from deidentify.rules import Rule
from projects.storage import storage
from transfers.models import Finding, Outcome, Run
from transfers.pipeline.conforming import examine_conformance
from transfers.pipeline.copies import made_from
from transfers.pipeline.recalled_terms import earlier_terms
from transfers.pipeline.triage import triage
from transfers.places import BY_COMPARING, way_of

log = logging.getLogger(__name__)

SOURCE_GONE = "Its original left quarantine before the comparison; it cannot be verified."
COPY_GONE = "The file it was made of is gone before the comparison; it cannot be verified."
NOT_SEARCHED = "It could not be searched for what identifies the patient."
UNPROVED = (
    "Its original is gone and so is what identified the patient, so nobody can prove any more that "
    "nothing of it is left. What the plan takes was taken."
)
UNDONE = (
    "The plan wants another UID or date here, and only the original could be made into it: what "
    "the first run kept stands here still."
)


class Examiner:
    """Examines the instances of one run."""

    def __init__(self, run: Run, plan: Plan, leaks: LeakCheck, conformance: ConformanceCheck):
        self._run = run
        self._leaks = leaks
        self._conformance = conformance
        self._is_proved = True
        self._explainer: Explainer | None = None
        self._new_rules: list[Rule] = []
        if isinstance(plan, DeltaPlan):
            self._is_proved = earlier_terms(run) is not None
            self._explainer = Explainer(plan) if plan.may_be_too_late else None
            before = {rule for one in plan.earlier for rule in one.rules}
            self._new_rules = [rule for rule in plan.newer.rules if rule not in before]

    def examine(self, outcome: Outcome) -> list[Leak]:
        """Return what is found in one instance."""
        with made_from(outcome) as source, storage().fetch(outcome.key) as target:
            if source is None:
                return [unreadable(outcome, COPY_GONE if outcome.made_of else SOURCE_GONE)]
            if outcome.made_of is not None:
                return self._examine_over(outcome, outcome.made_of, source, target)
            return [
                *search_for_leaks(partial(self._leaks.examine, source, target), outcome),
                *examine_conformance(self._conformance, source, target),
                *triage(source, outcome),
            ]

    def _examine_over(
        self, outcome: Outcome, earlier: Outcome, copy: Path, target: Path
    ) -> list[Leak]:
        found = [
            *search_for_leaks(partial(self._leaks.examine_over, copy, target), outcome),
            *examine_conformance(self._conformance, copy, target),
            *self._said_before(earlier),
            *self._undone(copy),
        ]
        if not self._is_proved:
            mark = hashlib.sha256(f"unproved {self._run.transfer_id}".encode()).hexdigest()
            whole = "the whole instance"
            found.append(Leak("unproved", whole, 0, 0, "possible", "", UNPROVED, mark))
        return found

    def _said_before(self, earlier: Outcome) -> list[Leak]:
        """Return what was found by comparing with the original, unless a new rule is about it.

        That cannot be found again. A verdict on it is found again like any other.
        """
        rows = Finding.objects.filter(outcome=earlier, kind__in=BY_COMPARING).order_by("pk")
        found = {row.fingerprint: row for row in rows}
        return [
            Leak(
                row.kind,
                row.path,
                row.start,
                row.end,
                row.sure,
                row.source_path,
                row.sentence,
                row.fingerprint,
            )
            for row in found.values()
            if not any(rule.covers(way_of(row.path)) for rule in self._new_rules)
        ]

    def _undone(self, copy: Path) -> list[Leak]:
        """Return the elements of a copy that the plan would have made into something else."""
        if self._explainer is None:
            return []
        try:
            lines = self._explainer.explain(copy)
        except Refused:
            return []  # then it was not made either
        return [
            Leak(
                kind="undone",
                path=line.path,
                start=0,
                end=0,
                sure="certain",
                source_path="",
                sentence=UNDONE,
                fingerprint=hashlib.sha256(f"undone {line.path}".encode()).hexdigest(),
            )
            for line in lines
            if is_too_late(line.because) and line.kind not in ("empty", "well-known UID")
        ]


def search_for_leaks(search: Callable[[], list[Leak]], outcome: Outcome) -> list[Leak]:
    """Return what is left in one output. One that cannot be searched is held, not passed."""
    try:
        return search()
    except OSError:
        raise  # the storage, not the instance
    except Exception as error:  # noqa: BLE001 - one instance must not end the run
        log.warning("an output could not be searched: %s", type(error).__name__)
        return [unreadable(outcome, NOT_SEARCHED)]


def unreadable(outcome: Outcome, sentence: str) -> Leak:
    """Return the finding that an instance cannot be verified; a verdict on it goes no further."""
    return Leak(
        kind="unreadable",
        path="the whole instance",
        start=0,
        end=0,
        sure="certain",
        source_path="",
        sentence=sentence,
        fingerprint=hashlib.sha256(f"{outcome.pk} {sentence}".encode()).hexdigest(),
    )
