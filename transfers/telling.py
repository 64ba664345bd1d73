"""What a record says of a run, as plain data: whole numbers, words, times, digests; no values.

What people typed as a reason is searched for what identifies the patient, and withheld if there
is anything.
"""

import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from deidentify.leaks import SearchTerms
from deidentify.leaks.patterns import matches
from deidentify.leaks.search import Searcher
from projects.canonical import digest_of
from projects.chain.links import moment
from projects.models import User
from transfers.models import Difference, Finding, Outcome, Run, SearchTermStore
from transfers.reconciling import DeliverySums, reconcile
from transfers.screening import WITHHELD

FORM = "rDMA transfer record 1"


def tell_record(run: Run, outputs: str) -> dict[str, Any]:
    """Return everything that a run's record says but for its own number and time."""
    transfer = run.transfer
    sums = reconcile(run)
    return {
        "form": FORM,
        "transfer": {
            "number": transfer.pk,
            "project": transfer.project.acronym,
            "project_number": transfer.project.number,
            "approval": transfer.project.approval_number,
            "participant": transfer.participant.pseudonym,
            "event": transfer.event.name,
            "requested_at": _time(transfer.requested_at),
            "requested_by": _person(transfer.requested_by),
            "ended_at": _time(transfer.ended_at),
            "ended_by": _person(transfer.ended_by),
            "moved_to": transfer.replaced_by_id,
        },
        "run": {
            "number": run.number,
            "state": run.state,
            "reason": run.reason,
            "created_at": _time(run.created_at),
            "deidentified_at": _time(run.deidentified_at),
            "verified_at": _time(run.verified_at),
            "delivered_at": _time(run.delivered_at),
            "ended_at": _time(run.ended_at),
            "files_erased_at": _time(run.files_erased_at),
            **_over(run),
        },
        "program": run.program_version,
        "plan": {
            "version": run.plan_version.number,
            "profile": run.plan_version.profile,
            "options": sorted(run.plan_version.options),
            "rules": len(run.plan_version.rules),
            "version_digest": run.plan_version.digest,
            "digest": run.plan_digest,
        },
        "key": run.key_id,
        "actions": run.changes,
        "received": run.received_count,
        "outcomes": {state: n for state, n in sums.counts.items() if n},
        "found": dict(sorted(Counter(_kinds(run)).items())),
        "findings": tell_findings(run, screen_for(run)),
        "deliveries": [_delivery(one) for one in sums.deliveries],
        "difference": _difference(run),
        "outputs": {"count": outputs.count("\n"), "digest": digest_of(outputs)},
    }


def _over(run: Run) -> dict[str, Any]:
    """Return over which run this one was made, and what its plan could not do any more, if so."""
    if run.over is None:
        return {}
    undone = [{"element": element, "sentence": said} for element, _, said in run.limits]
    return {"made_over_run": run.over.number, "could_not": undone}


def list_outputs(run: Run) -> str:
    """Return the checksum and the new UID of every file that was made, a line for each."""
    made = Outcome.objects.filter(run=run).exclude(digest="").order_by("sop_instance_uid", "pk")
    rows = made.values_list("digest", "sop_instance_uid").iterator(chunk_size=5000)
    return "".join(f"{digest}  {uid}.dcm\n" for digest, uid in rows)


def _kinds(run: Run) -> QuerySet[Finding, str]:
    return Finding.objects.filter(run=run).values_list("kind", flat=True)


def tell_findings(run: Run, screen: Callable[[str], str]) -> list[dict[str, Any]]:
    """Return what was found and what became of it; the same in many images is told once."""
    findings = Finding.objects.filter(run=run).select_related("verdict_by", "second_by")
    told: Counter[str] = Counter()
    images: dict[str, set[int]] = {}
    for finding in findings.order_by("pk").iterator(chunk_size=2000):
        one = json.dumps(
            {
                "kind": finding.kind,
                "path": finding.path,
                "sure": finding.sure,
                "verdict": finding.verdict,
                "by": _person(finding.verdict_by),
                "at": _time(finding.verdict_at),
                "confirmed_by": _person(finding.second_by),
                "confirmed_at": _time(finding.second_at),
                "reason": screen(finding.verdict_reason),
            },
            sort_keys=True,
        )
        told[one] += 1
        images.setdefault(one, set()).add(finding.outcome_id)
    return [
        json.loads(one) | {"findings": n, "images": len(images[one])}
        for one, n in sorted(told.items(), key=lambda item: (-item[1], item[0]))
    ]


def screen_for(run: Run) -> Callable[[str], str]:
    """Return what lets a typed sentence pass, or says that it is withheld.

    Where the patient's search terms are not known, whatever was typed is withheld.
    """
    searchers: list[Searcher | None] = []
    known: dict[str, str] = {"": ""}

    def screen(text: str) -> str:
        if text not in known:
            if not searchers:
                store = SearchTermStore.objects.filter(run=run).first()
                terms = SearchTerms.from_data(json.loads(store.terms)) if store else None
                searchers.append(Searcher(terms) if terms else None)
            known[text] = text if _is_harmless(text, searchers[0]) else WITHHELD
        return known[text]

    return screen


def _is_harmless(text: str, searcher: Searcher | None) -> bool:
    if searcher is None:
        return False
    return not any(searcher.search_text(text)) and not any(matches(text.encode()))


def _delivery(sums: DeliverySums) -> dict[str, Any]:
    delivery, tally = sums.delivery, sums.tally
    return {
        "destination": delivery.destination.name,
        "state": delivery.state,
        "proof": delivery.proof,
        "to_send": tally.to_send,
        "accepted": tally.accepted,
        "counted": tally.counted,
        "committed": tally.committed,
        "confirmed": tally.confirmed,
        "missing": tally.missing,
        "refused": tally.refused,
        "reason": delivery.reason,
        "ended_at": _time(delivery.ended_at),
    }


def _difference(run: Run) -> dict[str, int] | None:
    """Return how many of the images that the run before had made came out otherwise."""
    difference = Difference.objects.filter(run=run).select_related("earlier").first()
    if difference is None:
        return None
    return {
        "to_run": difference.earlier.number,
        "compared": difference.compared_count,
        "changed": difference.changed_count,
    }


def _person(user: User | None) -> str | None:
    return f"{user.display_name} ({user.username})" if user else None


def _time(at: datetime | None) -> str | None:
    return moment(at) if at else None
