"""A record as one page for the project's file; the same record gives the same bytes.

What does not fit is counted, never left out in silence: the record itself says everything.
"""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

from django.utils import timezone
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from projects.models import AuditSeal
from transfers.models import TransferRecord
from transfers.states import DeliveryState, FindingVerdict, OutcomeState, Proof, State

FONT, BOLD = "Vera", "VeraBd"
WIDTH, HEIGHT = A4
LEFT, RIGHT = 48.0, WIDTH - 48.0
INK, QUIET, RULE = 0.13, 0.42, 0.8
CONFORMANCE_KINDS = ("conformance", "reference", "agreement")
MARGIN, PROOF_HEIGHT = 36.0, 118.0
DELIVERIES_SHOWN = 6
DELIVERY_WIDTHS = (1.5, 1.6, 0.9, 1.2, 1.1)
FINDING_WIDTHS = (0.9, 2.2, 0.6, 2.0, 1.9)


def draw_record(record: TransferRecord, seal: AuditSeal | None) -> bytes:
    """Return a record as a PDF of one page, with its digest and the seal that covers it."""
    facts = record.said["facts"]
    page = _Page(f"Record {record.number} of transfer {facts['transfer']['number']}")
    _draw_head(page, record, facts)
    _draw_facts(page, facts)
    _draw_counts(page, facts)
    _draw_deliveries(page, facts)
    _draw_findings(page, facts)
    _draw_proof(page, record, seal)
    return page.finish()


def _draw_head(page: "_Page", record: TransferRecord, facts: dict[str, Any]) -> None:
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


def _draw_facts(page: "_Page", facts: dict[str, Any]) -> None:
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


def _draw_counts(page: "_Page", facts: dict[str, Any]) -> None:
    page.title("Every image has a place")
    outcomes = facts["outcomes"]
    total = sum(outcomes.values())
    columns = [1.0] * (len(outcomes) + 2)
    labels = (_label(OutcomeState, state) for state in outcomes)
    page.row(["Received", *labels, "Sum"], columns, grey=QUIET)
    page.row([f"{n:,}" for n in (facts["received"], *outcomes.values(), total)], columns)


def _draw_deliveries(page: "_Page", facts: dict[str, Any]) -> None:
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


def _draw_findings(page: "_Page", facts: dict[str, Any]) -> None:
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


def _draw_proof(page: "_Page", record: TransferRecord, seal: AuditSeal | None) -> None:
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


class _Page:
    """An A4 page that is written from top to bottom."""

    def __init__(self, title: str) -> None:
        for font in (FONT, BOLD):
            pdfmetrics.registerFont(TTFont(font, f"{font}.ttf"))
        self.glyphs = pdfmetrics.getFont(FONT).face.charToGlyph
        self.buffer = BytesIO()
        self.canvas = Canvas(self.buffer, pagesize=A4, invariant=1)
        self.canvas.setTitle(title)
        self.canvas.setAuthor("rDMA")
        self.y = HEIGHT - 60

    def write(
        self, text: str, *, size: float = 8.5, font: str = FONT, grey: float = INK, down: float = 12
    ) -> None:
        """Write one line across the page, and go down."""
        self._put(text, LEFT, RIGHT - LEFT, size=size, font=font, grey=grey)
        self.y -= down

    def title(self, text: str) -> None:
        """Write a heading under a thin rule."""
        self.y -= 6
        self.canvas.setStrokeGray(RULE)
        self.canvas.setLineWidth(0.6)
        self.canvas.line(LEFT, self.y + 10, RIGHT, self.y + 10)
        self.y -= 6
        self.write(text, size=10, font=BOLD, down=16)

    def facts(self, rows: Sequence[tuple[str, str]]) -> None:
        """Write names with what they are."""
        for name, value in rows:
            if value:
                self._put(name, LEFT, 92, size=8.5, grey=QUIET)
                self._put(value, LEFT + 96, RIGHT - LEFT - 96, size=8.5)
                self.y -= 12.5

    def row(self, cells: Sequence[str], widths: Sequence[float], *, grey: float = INK) -> None:
        """Write one row of a table; `widths` are shares of the page's."""
        share, x = (RIGHT - LEFT) / sum(widths), LEFT
        for text, width in zip(cells, widths, strict=True):
            self._put(text, x, width * share - 6, size=8, grey=grey)
            x += width * share
        self.y -= 12.5

    def has_room(self, height: float) -> bool:
        """Tell whether `height` points are left above the margin."""
        return self.y - height > MARGIN

    def bottom(self, height: float) -> None:
        """Go down to where `height` points are left above the margin."""
        self.y = min(self.y, MARGIN + height)

    def finish(self) -> bytes:
        """Return the page's bytes."""
        self.canvas.showPage()
        self.canvas.save()
        return self.buffer.getvalue()

    def _put(
        self, text: str, x: float, width: float, *, size: float, grey: float = INK, font: str = FONT
    ) -> None:
        """Write text that fits, or as much of it as does with an ellipsis."""
        text = self._drawable(text)
        if pdfmetrics.stringWidth(text, font, size) > width:
            while text and pdfmetrics.stringWidth(f"{text}…", font, size) > width:
                text = text[:-1]
            text = f"{text.rstrip()}…"
        self.canvas.setFont(font, size)
        self.canvas.setFillGray(grey)
        self.canvas.drawString(x, self.y, text)

    def _drawable(self, text: str) -> str:
        """Return text in letters that the font has: ń becomes n, what has no base becomes ?."""
        drawn = []
        for letter in " ".join(text.split()):
            if ord(letter) in self.glyphs:
                drawn.append(letter)
                continue
            base = unicodedata.normalize("NFKD", letter)[0]
            drawn.append(base if ord(base) in self.glyphs else "?")
        return "".join(drawn)


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
