"""The audit as a table for auditors: CSV for a spreadsheet, lines of JSON for a program; streamed.

Whoever takes it along is in the audit themselves, with how they narrowed it. An address is in the
table while it is kept; the reasons that people typed are not: they may name somebody.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import islice
from typing import Any, Final

from django.db.models import QuerySet

from projects.auditing.search import Asked, narrowed, readable_by
from projects.auditing.sentences import Line, Names, line
from projects.auditing.verbs import VERBS
from projects.cells import safe_row
from projects.models import AuditEvent, Project, User

AT_ONCE = 2000
COLUMNS: Final = (
    *("id", "at", "who", "person", "kind", "verb", "what", "project"),
    *("object_type", "object_id", "door", "token", "address", "address_digest", "facts"),
)


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def export_audit(*, by: User, asked: Asked, form: str) -> Iterator[str]:
    """Return what `by` may read of what is asked for, as the text of a file of FORMS.

    Raises PermissionDenied at once; that it was taken is written before its first line.
    """
    events = narrowed(readable_by(by), asked)
    AuditEvent.record(
        by,
        "exported_audit",
        by,
        project=Project.objects.filter(pk=asked.project or 0).first(),
        form=form,
        of_person=asked.person,
        kind=str(asked.kind) if asked.kind else None,
        since=_day(asked.since),
        until=_day(asked.until),
    )
    return FORMS[form](events)


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _as_csv(events: QuerySet[AuditEvent]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(COLUMNS)
    for row in rows_of(events):
        cells = [*row.values()]
        cells[-1] = json.dumps(cells[-1], sort_keys=True)
        yield writer.writerow(safe_row(cells))


def _as_lines(events: QuerySet[AuditEvent]) -> Iterator[str]:
    for row in rows_of(events):
        yield json.dumps(row, sort_keys=True, ensure_ascii=False) + "\n"


FORMS: dict[str, Callable[[QuerySet[AuditEvent]], Iterator[str]]] = {
    "csv": _as_csv,
    "jsonl": _as_lines,
}


def rows_of(events: QuerySet[AuditEvent]) -> Iterator[dict[str, Any]]:
    """Yield each event as COLUMNS, in the order of the query; few are held at a time."""
    stream = events.iterator(chunk_size=AT_ONCE)
    while some := list(islice(stream, AT_ONCE)):
        yield from as_rows(some)


def as_rows(events: Iterable[AuditEvent]) -> Iterator[dict[str, Any]]:
    """Yield some events as COLUMNS."""
    events = list(events)
    names = Names(events)
    for event in events:
        yield _row(line(event, names), names)


def _row(one: Line, names: Names) -> dict[str, Any]:
    event = one.event
    said = VERBS.get(event.verb)
    return {
        "id": event.pk,
        "at": event.at.isoformat(timespec="milliseconds"),
        "who": one.who,
        "person": event.actor_id,
        "kind": str(said.kind) if said else "",
        "verb": event.verb,
        "what": one.what,
        "project": names.projects.get(event.project_id or 0, ""),
        "object_type": event.object_type,
        "object_id": event.object_id,
        "door": event.through or "",
        "token": event.token_id,
        "address": one.address,
        "address_digest": event.address or "",
        "facts": event.facts,
    }
