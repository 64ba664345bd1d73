"""Trying a rule before it is made: on images that are held, and on what the project has already.

Nothing is saved. A few of the held images are de-identified with the rule and searched again, so
that what the page says of them is what will happen; everything else is counted by who has the
element at all.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Exists, Min, OuterRef

from deidentify.conformance.finding import AGREEMENT
from deidentify.errors import Refused
from deidentify.inventory import SeriesInventory
from deidentify.leaks import LeakCheck, SearchTerms
from deidentify.rewrite import rewrite
from deidentify.rules import Rule
from projects.storage import scratch, storage
from transfers.fingerprints import fingerprint_key, keyed
from transfers.models import Finding, Outcome, Run, SearchTermStore, TransferRequest
from transfers.pipeline.conforming import conformance_check, examine_conformance
from transfers.pipeline.copies import source_of
from transfers.pipeline.deidentifying import collect_known, kept_apart
from transfers.places import way_of
from transfers.planning import compile_for, compile_over, rules_of
from transfers.states import OutcomeState, Source

MOST_TRIED = 10
MOST_OF_RUN = 1000
MOST_SERIES = 150
LARGEST = 64 << 20
"""Bytes of an image that is still tried on while somebody waits."""


@dataclass(frozen=True)
class Trial:
    """What a rule would do.

    Attributes:
        tried, gone, changed: held images it was tried on; in how many the finding is gone
            afterwards; how many came out differently at all.
        in_run, seen_in_run: images of this transfer that have the element, of those looked at.
        in_series, seen_series: series of the project's other transfers that have it, judged by one
            image of each, of those looked at.
    """

    tried: int
    gone: int
    changed: int
    in_run: int
    seen_in_run: int
    in_series: int
    seen_series: int

    @property
    def helps(self) -> bool:
        """Whether the finding was gone wherever the rule was tried."""
        return bool(self.tried) and self.gone == self.tried


def try_rule(finding: Finding, rule: Rule) -> Trial:
    """Try a rule that somebody is about to make because of a finding. Raises KeyUnavailable."""
    run = finding.run
    tried, gone, changed = _tried(finding, rule)
    of_run = run.outcomes.exclude(key="").order_by("pk")[:MOST_OF_RUN]
    in_run, seen_in_run = _have_it(of_run, rule)
    in_series, seen_series = _have_it(_one_of_each_other_series(run), rule)
    return Trial(tried, gone, changed, in_run, seen_in_run, in_series, seen_series)


def _tried(finding: Finding, rule: Rule) -> tuple[int, int, int]:
    run = finding.run
    rules = [*(one for one in rules_of(run.plan_version) if one.path != rule.path), rule]
    is_over = source_of(run.transfer) == Source.COPY
    plan = compile_over(run, rules) if is_over else compile_for(run, rules=rules).of_originals
    known = collect_known(run.transfer.study)
    stored = SearchTermStore.objects.filter(run=run).first()
    terms = SearchTerms.from_data(json.loads(stored.terms)) if stored else None
    if is_over and terms is not None:
        for kind, value in terms.known_values():
            known.add(kind, value)
    check = LeakCheck(terms) if terms is not None else None
    conformance = conformance_check(run)
    alike = Finding.objects.filter(outcome=OuterRef("pk"), fingerprint=finding.fingerprint)
    held = run.outcomes.filter(Exists(alike), state=OutcomeState.HELD, size__lte=LARGEST)
    mark_key = fingerprint_key(run.transfer.project.root)
    tried = gone = changed = 0
    if finding.kind == AGREEMENT:  # known only when all images have been compared
        return tried, gone, changed
    for outcome in held.select_related("instance").order_by("pk")[:MOST_TRIED]:
        instance = None if is_over else outcome.instance
        key = outcome.key if is_over else instance.key if instance else ""
        if not key or not storage().exists(key):
            continue
        with scratch() as folder, storage().fetch(key) as source:
            target = folder / f"{outcome.pk}.dcm"
            apart = kept_apart([instance]).get(instance.pk, "") if instance else ""
            try:
                written = rewrite(source, target, plan, known=known, apart=apart)
            except Refused:
                continue
            left = examine_conformance(conformance, source, target)
            look = (check.examine_over if is_over else check.examine) if check else None
            left += look(source, target) if look else []
        tried += 1
        changed += written.digest != outcome.digest
        gone += finding.fingerprint not in {keyed(leak.fingerprint, mark_key) for leak in left}
    return tried, gone, changed


def _one_of_each_other_series(run: Run) -> Iterator[Outcome]:
    """Yield one output of each series of the project's other live transfers, the newest first."""
    newer = Run.objects.filter(transfer=OuterRef("transfer"), number__gt=OuterRef("number"))
    runs = Run.objects.filter(
        ~Exists(newer),
        transfer__in=TransferRequest.objects.live().filter(project=run.transfer.project_id),
    ).exclude(transfer=run.transfer_id)
    firsts = (
        Outcome.objects.filter(run__in=runs)
        .exclude(key="")
        .order_by()
        .values("run", "series_instance_uid")
        .annotate(first=Min("pk"))
        .order_by("-first")
        .values_list("first", flat=True)[:MOST_SERIES]
    )
    yield from Outcome.objects.filter(pk__in=list(firsts))


def _have_it(outcomes: Iterable[Outcome], rule: Rule) -> tuple[int, int]:
    """Count those whose output has an element that the rule is about, and all looked at."""
    have = seen = 0
    for outcome in outcomes:
        if not storage().exists(outcome.key):
            continue
        inventory = SeriesInventory()
        with storage().fetch(outcome.key) as path:
            inventory.add(path)
        seen += 1
        have += any(rule.covers(way_of(row.path)) for row in inventory.rows())
    return have, seen
