"""Who has a package: people who took it or a part of it, and destinations that confirmed it."""

from dataclasses import dataclass
from datetime import datetime

from exports.models import Download, Package
from exports.states import DeliveryState


@dataclass(frozen=True)
class Holder:
    """Somebody who has a package, or a part of it, and since when."""

    name: str
    how: str
    at: datetime
    is_whole: bool


def holders(package: Package) -> list[Holder]:
    """Return who took a package or a part of it, and which destinations have it, in time."""
    downloads = package.downloads.select_related("person", "link__account")
    sent = package.deliveries.filter(state=DeliveryState.DELIVERED).select_related("destination")
    found = [_who_took(one) for one in downloads]
    for delivery in sent:
        at = delivery.ended_at or delivery.created_at
        how = f"has it: {delivery.get_proof_display()}"
        found.append(Holder(delivery.destination.name, how, at, True))
    return sorted(found, key=lambda one: one.at)


def _who_took(one: Download) -> Holder:
    """Return what is said of one person's downloads."""
    name = one.person.display_name if one.person else one.link.person if one.link else ""
    how = "downloaded it by a link" if one.link else "downloaded it"
    if one.started_count > 1:
        how += f", {one.started_count} times"
    return Holder(name, how, one.last_at, one.reached_end)
