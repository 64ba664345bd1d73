"""What happened to a package, and who did it: its audit, in sentences."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from exports.models import Package
from projects.models import AuditEvent

MOST = 200
SENTENCES = {
    "requested": "asked for it",
    "cancelled": "cancelled it",
    "expired": "deleted its file, because its time had passed or an image was taken back",
    "downloaded": "downloaded it",
    "revoked": "took it back; its file is deleted",
    "released": "released it although something was found at the door",
    "proposed_release": "released it; a second person is to confirm",
    "confirmed_release": "confirmed the release as the second person",
    "withdrew_release": "took the release back",
    "showed_finding": "looked at where something was found",
    "rejected": "rejected it because of what was found at the door",
    "link_made": "made a link for a download",
    "link_revoked": "took a link back",
    "link_used": "opened a link to it",
    "showed_password": "looked at its password",
    "link_code_shown": "looked at the code of a link",
    "link_refused": "typed a wrong code",
    "deliver": "had it delivered",
    "delivered": "delivered it; the destination has confirmed that",
    "delivery_cancelled": "stopped a delivery",
    "delivery_failed": "ended a delivery that could not succeed",
}
"""What is said of each closed word of the audit; a word that is not here is said as it is."""


@dataclass(frozen=True)
class Happening:
    """One line of the history: when, who (the program itself is rDMA), and what they did."""

    at: datetime
    who: str
    what: str


def history(package: Package) -> list[Happening]:
    """Return what happened to a package, newest first, at most 200 lines."""
    events = AuditEvent.objects.about(package).select_related("actor").order_by("-pk")[:MOST]
    return [Happening(event.at, _who(event), _said(event)) for event in events]


def _who(event: AuditEvent) -> str:
    """Return who did it: a person, whoever has a link without an account, or the program."""
    if event.actor:
        return event.actor.display_name
    if event.verb in {"downloaded", "link_used", "link_refused"}:
        return "Somebody with a link"
    return "rDMA"


def _said(event: AuditEvent) -> str:
    facts: dict[str, Any] = event.facts
    words = SENTENCES.get(event.verb, event.verb.replace("_", " "))
    if event.verb == "downloaded" and facts.get("link"):
        words += " by a link"
    if event.verb == "downloaded" and facts.get("start"):
        return f"{words}, from byte {facts['start']:,} on"
    return words
