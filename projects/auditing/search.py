"""Asking the audit: closed words and numbers, so that a search is an address that can be sent on.

    asked = Asked(project=bicam.pk, kind=Kind.LOOK, since=date(2026, 1, 1))
    page = page_of(narrowed(readable_by(user), asked), before=None)

Pages go by the last event that was shown, not by counting, so that the millionth event costs as
much as the first. What one participant or one study met is `AuditEvent.objects.about(row)`.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.utils import timezone

from projects.auditing.verbs import VERBS, Kind
from projects.models import AuditEvent, Project, User
from projects.roles import Permission

ROWS: Final = 50


@dataclass(frozen=True)
class Asked:
    """What to look for; None leaves a column alone."""

    project: int | None = None
    person: int | None = None
    kind: Kind | None = None
    verb: str | None = None
    thing: str | None = None  # such as "transfers.transferrequest"
    number: int | None = None  # of the thing
    since: date | None = None  # this day and later
    until: date | None = None  # this day and before
    address: str | None = None  # the digest of an address
    door: str | None = None
    token: int | None = None


@dataclass(frozen=True)
class Page:
    """Some events, newest first, and from where to go on."""

    events: list[AuditEvent]
    older: int | None
    is_first: bool


def readable_by(user: User) -> QuerySet[AuditEvent]:
    """Return the events that somebody may read. Raises PermissionDenied if that is none at all.

    Who may read the audit of some projects reads what belongs to these, and nothing of the
    hospital as a whole, such as signing in.
    """
    if not user.may_anywhere(Permission.VIEW_AUDIT):
        raise PermissionDenied
    if user.may(Permission.VIEW_AUDIT):
        return AuditEvent.objects.all()
    return AuditEvent.objects.filter(
        project__in=Project.objects.permitting(user, Permission.VIEW_AUDIT)
    )


def narrowed(events: QuerySet[AuditEvent], asked: Asked) -> QuerySet[AuditEvent]:
    """Return the events that fit, newest first."""
    columns = {
        "project": asked.project,
        "actor": asked.person,
        "verb": asked.verb,
        "object_type": asked.thing,
        "object_id": asked.number,
        "address": asked.address,
        "token_id": asked.token,
    }
    events = events.filter(**{name: value for name, value in columns.items() if value is not None})
    if asked.kind is not None and asked.verb is None:
        words = [word for word, said in VERBS.items() if said.kind == asked.kind]
        events = events.filter(verb__in=words)
    if asked.door is not None:
        events = events.filter(Q(through=asked.door) | Q(through__startswith=f"{asked.door}:"))
    if asked.since is not None:
        events = events.filter(at__gte=_midnight(asked.since))
    if asked.until is not None:
        events = events.filter(at__lt=_midnight(asked.until + timedelta(days=1)))
    return events.order_by("-at", "-pk")


def page_of(events: QuerySet[AuditEvent], *, before: int | None = None, rows: int = ROWS) -> Page:
    """Return the page that follows event `before`, or the first one."""
    last = None
    if before is not None:
        last = events.filter(pk=before).order_by().values_list("at", flat=True).first()
    if last is not None and before is not None:
        # the first condition alone lets the index begin where the page does
        events = events.filter(at__lte=last).filter(Q(at__lt=last) | Q(pk__lt=before))
    found = list(events[: rows + 1])
    shown = found[:rows]
    return Page(shown, shown[-1].pk if len(found) > rows else None, is_first=last is None)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
