"""An audit event as a person reads it: "Kari Moen released 3 instances of transfer 12"."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps

from projects.auditing.verbs import VERBS
from projects.models import AuditEvent, AuditPlace, Project, User

PLACE = re.compile(r"\{(\w+)(?:([|@])(\w+))?\}")
THINGS = {
    "transfers.transferrequest": "transfer",
    "transfers.planversion": "plan version",
    "exports.specificationsheet": "specification",
    "exports.packagedestination": "destination of packages",
    "intake.arrival": "upload",
    "review.check": "check of data",
    "projects.auditevent": "event",
    "projects.grouprole": "line",
    "projects.directoryrenewal": "look at the directory",
}
PLURALS = {
    "study": "studies",
    "series": "series",
    "address": "addresses",
    "person": "people",
}
DOORS = {
    "page": "a page",
    "rest": "REST",
    "dicomweb": "DICOMweb",
    "admin": "operations' pages",
    "task": "a task",
    "command": "a command",
    "program": "the program",
}


@dataclass(frozen=True)
class Line:
    """One event, ready to be read."""

    event: AuditEvent
    who: str
    what: str
    door: str
    address: str  # empty: it came from no address, or the address is no longer kept

    @property
    def sentence(self) -> str:
        """The whole, without its time."""
        return f"{self.who} {self.what}"


class Names:
    """The names that some events need, read in a few queries for all of them."""

    def __init__(self, events: Iterable[AuditEvent]) -> None:
        """Read the names of the people, projects and places that the events point at."""
        events = list(events)
        people = {event.actor_id for event in events}
        people |= {event.object_id for event in events if event.object_type == "projects.user"}
        people |= {event.facts.get("user") for event in events}
        ids = [pk for pk in people if isinstance(pk, int)]
        self.people = {user.pk: user.display_name for user in User.objects.filter(pk__in=ids)}
        projects = {event.project_id for event in events} | {
            event.object_id for event in events if event.object_type == "projects.project"
        }
        acronyms = Project.objects.filter(pk__in=[pk for pk in projects if pk is not None])
        self.projects: dict[int, str] = dict(acronyms.values_list("pk", "acronym"))
        digests = {event.address for event in events if event.address}
        self.places: dict[str, str] = {}
        if digests:
            for place in AuditPlace.objects.with_digests(digests):
                self.places[str(place.address_index)] = place.address

    def person(self, pk: Any) -> str:
        """Return somebody's name, or their number if the row is gone."""
        return self.people.get(pk) or f"person {pk}"


def lines(events: Iterable[AuditEvent]) -> list[Line]:
    """Return events as they are read."""
    events = list(events)
    names = Names(events)
    return [line(event, names) for event in events]


def line(event: AuditEvent, names: Names) -> Line:
    """Return one event as it is read."""
    return Line(
        event,
        _who(event, names),
        told(event, names),
        _door(event),
        names.places.get(event.address or "", ""),
    )


def told(event: AuditEvent, names: Names) -> str:
    """Return what was done, without who did it; a word that nobody knows stands as it is."""
    said = VERBS.get(event.verb)
    text = said.text if said else event.verb.replace("_", " ") + " {thing}"
    facts = {**event.facts, "thing": thing(event, names)}
    return PLACE.sub(lambda found: _filled(found, facts, names), text)


def thing(event: AuditEvent, names: Names) -> str:
    """Name what an event is about: a project by its acronym, a person by name, else a number."""
    kind, pk = event.object_type, event.object_id
    if kind == "projects.user":
        return names.person(pk) if pk else "somebody who is not known here"
    if kind == "projects.project" and pk in names.projects:
        return names.projects[pk]
    return f"{kind_name(kind)} {pk}" if pk else kind_name(kind)


def kind_name(kind: str) -> str:
    """Return what rows of a kind are called; a kind that is gone is called as it was."""
    if kind in THINGS:
        return THINGS[kind]
    try:
        return str(apps.get_model(kind)._meta.verbose_name)
    except (LookupError, ValueError):
        return kind


def _who(event: AuditEvent, names: Names) -> str:
    if event.actor_id is not None:
        return names.person(event.actor_id)
    if event.verb in {"sign_in_failed", "locked_out"}:
        return "Somebody"
    if event.verb in {"downloaded", "link_used", "link_refused"}:
        return "Somebody with a link"
    return "rDMA"


def _filled(found: re.Match[str], facts: Mapping[str, Any], names: Names) -> str:
    name, how, noun = found.groups()
    value = facts.get(name)
    if how == "@":
        return names.person(value)
    if how == "|":
        return _counted(value, noun)
    return "?" if value is None else str(value).replace("_", " ")


def _counted(value: Any, noun: str) -> str:
    if value == 1:
        return f"1 {noun}"
    several = PLURALS.get(noun, f"{noun}s")
    return several if value is None else f"{value:,} {several}"


def _door(event: AuditEvent) -> str:
    kind, _, name = (event.through or "").partition(":")
    if event.token_id:
        return f"{DOORS.get(kind, kind)}, token {event.token_id}"
    if name:
        return f"{DOORS.get(kind, kind)} ({name})"
    return DOORS.get(kind, "")
