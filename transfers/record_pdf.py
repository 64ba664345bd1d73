"""A record as one page for the project's file; the same record gives the same bytes.

What does not fit is counted, never left out in silence: the record itself says everything.
"""

from collections import Counter
from datetime import datetime
from typing import Any

from django.utils import timezone

from projects.models import AuditSeal
from transfers.models import TransferRecord
from transfers.pdf_page import BOLD, QUIET, Page
from transfers.states import DeliveryState, FindingVerdict, OutcomeState, Proof, State

CONFORMANCE_KINDS = ("conformance", "reference", "agreement")
PROOF_HEIGHT = 118.0
DELIVERIES_SHOWN = 6
DELIVERY_WIDTHS = (1.5, 1.6, 0.9, 1.2, 1.1)
FINDING_WIDTHS = (0.9, 2.2, 0.6, 2.0, 1.9)


def draw_record(record: TransferRecord, seal: AuditSeal | None) -> bytes:
    """Return a record as a PDF of one page, with its digest and the seal that covers it."""
    facts = record.said["facts"]
    page = Page(f"Record {record.number} of transfer {facts['transfer']['number']}")
    _draw_head(page, record, facts)
    _draw_facts(page, facts)
    _draw_counts(page, facts)
    _draw_deliveries(page, facts)
    _draw_findings(page, facts)
    _draw_proof(page, record, seal)
    return page.finish()


def _draw_head(page: Page, record: TransferRecord, facts: dict[str, Any]) -> None:
    transfer, outcomes = facts["transfer"], facts["outcomes"]
    page.write(f"{transfer['participant']}, {transfer['event']}", size=17, font=BOLD, down=22)
    page.write(
        f"Record {record.number} of run {facts['run']['number']} of transfer {transfer['number']} "
        f"into {transfer['project']}, made {_when(record.said['recorded_at'])}",
        size=9,
        grey=QUIET,
        down=16,
    )
    told = ", ".join(
        f"{n:,} {_label(OutcomeState, state).lower()}" for state, n in outcomes.items()
    )
    page.write(
        f"{_label(State, facts['run']['state'])}. Of {_images(facts['received'])} received: "
        f"{told or 'nothing is known'}.",
        size=10,
        down=14,
    )
    if facts["run"]["reason"]:
        page.write(facts["run"]["reason"], size=9, down=14)


def _draw_facts(page: Page, facts: dict[str, Any]) -> None:
    transfer, run, plan = facts["transfer"], facts["run"], facts["plan"]
    rules = f", {plan['rules']} rules of the project" if plan["rules"] else ""
    page.title("What was done")
    page.facts(
        [
            ("Project", f"{transfer['project']} · {transfer['project_number']}"),
            ("Approval", transfer["approval"]),
            ("Asked for", f"{_when(transfer['requested_at'])} by {transfer['requested_by']}"),
            ("De-identified", f"{_when(run['deidentified_at'])} by {facts['program']}"),
            ("Verified", _when(run["verified_at"])),
            ("Conformance", _conformance(facts)),
            ("Ended", _when(run["ended_at"] or transfer["ended_at"])),
            ("Plan", f"v{plan['version']}, {plan['profile']} profile{rules}"),
            ("Plan's digest", plan["digest"] or plan["version_digest"]),
            ("Master key", facts["key"]),
        ]
    )


def _conformance(facts: dict[str, Any]) -> str:
    """Say whether the outputs conform to the standard as far as their originals did."""
    if not facts["run"]["verified_at"]:
        return ""
    errors = sum(facts.get("found", {}).get(kind, 0) for kind in CONFORMANCE_KINDS)
    return (
        f"{errors:,} finding{'' if errors == 1 else 's'}, below"
        if errors
        else "no error that the originals did not have"
    )


def _draw_counts(page: Page, facts: dict[str, Any]) -> None:
    page.title("Every image has a place")
    outcomes = facts["outcomes"]
    total = sum(outcomes.values())
    columns = [1.0] * (len(outcomes) + 2)
    labels = (_label(OutcomeState, state) for state in outcomes)
    page.row(["Received", *labels, "Sum"], columns, grey=QUIET)
    page.row([f"{n:,}" for n in (facts["received"], *outcomes.values(), total)], columns)


def _draw_deliveries(page: Page, facts: dict[str, Any]) -> None:
    deliveries = facts["deliveries"]
    page.title("Where it went")
    if not deliveries:
        left = facts["outcomes"].get(OutcomeState.DELIVERED)
        page.write("Into the research copy; no other destination had it." if left else "Nowhere.")
        return
    page.row(["Destination", "State", "Confirmed", "How", "When"], DELIVERY_WIDTHS, grey=QUIET)
    for one in deliveries[:DELIVERIES_SHOWN]:
        page.row(
            [
                one["destination"],
                _label(DeliveryState, one["state"]),
                f"{one['confirmed']:,} of {one['to_send']:,}",
                _label(Proof, one["proof"]),
                _when(one["ended_at"]),
            ],
            DELIVERY_WIDTHS,
        )
    if len(deliveries) > DELIVERIES_SHOWN:
        page.write(f"and {len(deliveries) - DELIVERIES_SHOWN} other destinations")


def _draw_findings(page: Page, facts: dict[str, Any]) -> None:
    findings = facts["findings"]
    page.title("What verification found, and what became of it")
    if not findings:
        is_verified = facts["run"]["verified_at"]
        page.write("Nothing that had to be looked at." if is_verified else "It was not verified.")
        return
    page.row(["Kind", "Where", "Images", "Became", "By"], FINDING_WIDTHS, grey=QUIET)
    shown = 0
    while shown < len(findings) and page.has_room(PROOF_HEIGHT + 40):
        one = findings[shown]
        page.row(
            [
                one["kind"].replace("_", " "),
                one["path"],
                f"{one['images']:,}",
                _label(FindingVerdict, one["verdict"]),
                " and ".join(_name(one[who]) for who in ("by", "confirmed_by") if one[who]),
            ],
            FINDING_WIDTHS,
        )
        if one["reason"]:
            page.row(["", one["reason"]], [FINDING_WIDTHS[0], sum(FINDING_WIDTHS[1:])], grey=QUIET)
        shown += 1
    if rest := findings[shown:]:
        by_verdict = Counter(_label(FindingVerdict, one["verdict"]).lower() for one in rest)
        told = ", ".join(f"{n} {verdict}" for verdict, n in sorted(by_verdict.items()))
        page.write(f"and {len(rest)} other kinds of findings, all in the record: {told}")


def _draw_proof(page: Page, record: TransferRecord, seal: AuditSeal | None) -> None:
    outputs = record.said["facts"]["outputs"]
    page.bottom(PROOF_HEIGHT)
    page.title("Proof")
    page.facts(
        [
            ("Record, SHA-256", record.digest),
            ("Checksums", f"{outputs['digest']} (of {_files(outputs['count'])})"),
            (
                "Seal",
                f"{seal.number}, made {_local(seal.sealed_at)}"
                if seal
                else "none yet; it is put within minutes, and stands on a later copy of this page",
            ),
            ("Seal's digest", seal.digest if seal else ""),
        ]
    )
    page.write(
        "The record is a file on the transfer's page; its SHA-256 must be the one above. "
        "manage.py audit verify compares it with the seal.",
        size=7.5,
        grey=QUIET,
    )


def _label(choices: Any, value: str) -> str:
    """Return a state as the portal names it, as far as a table has room for."""
    if value not in choices.values:
        return value
    return str(choices(value).label).partition(":")[0].partition(",")[0]


def _when(at: str | None) -> str:
    return _local(datetime.fromisoformat(at)) if at else ""


def _local(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{local.day} {local:%b %Y %H:%M}"


def _name(person: str) -> str:
    return person.rpartition(" (")[0]


def _images(count: int) -> str:
    return f"{count:,} image{'' if count == 1 else 's'}"


def _files(count: int) -> str:
    return f"{count:,} file{'' if count == 1 else 's'}"
