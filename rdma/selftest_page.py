"""The page of the self test: what was planted, what was found, when and by which program.

It tells of invented patients only; everybody who signs in may read it.
"""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from projects.requests import SignedInRequest
from rdma.models import SelfTest
from rdma.selftest.report import Row, floored

EARLIER_SHOWN = 12


@dataclass(frozen=True)
class Line:
    """One row of the table, with its score in words."""

    row: Row
    score: str


@require_safe
def self_test(request: SignedInRequest) -> HttpResponse:
    """The last self test, and the ones before it in short."""
    tests = list(SelfTest.objects.all()[: EARLIER_SHOWN + 1])
    latest = tests[0] if tests else None
    page = {"latest": latest, "earlier": tests[1:]}
    if latest is not None:
        page |= _of(latest.report)
    return render(request, "rdma/selftest.html", page)


def _of(report: dict[str, Any]) -> dict[str, Any]:
    total = Row(**report["total"])
    return {
        "report": report,
        "lines": [_line(Row(**facts)) for facts in report["rows"]],
        "total": _line(total),
        "searched": total.planted - total.held,
        "missed": [bar for bar in report["bars"] if not bar["is_held"]],
        "apart": sorted(report["apart"].items()),
    }


def _line(row: Row) -> Line:
    return Line(row, "–" if row.score is None else floored(row.score))
