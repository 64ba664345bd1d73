"""What a package's page shows of its deliveries, its links, and who has it."""

from typing import Any

from django import template
from django.template.context import Context
from django.utils import timezone

from exports.delivering.forms import LinkForm
from exports.holders import holders
from exports.models import Delivery, Package, PackageDestination
from exports.states import DELIVERY_MOVING, WHOLE, DeliveryState
from projects.models import User
from projects.roles import Permission

register = template.Library()

SENT = (*DELIVERY_MOVING, DeliveryState.DELIVERED)
PILLS = {
    DeliveryState.WAITING: "wait",
    DeliveryState.SENDING: "wait",
    DeliveryState.DELIVERED: "done",
    DeliveryState.FAILED: "fail",
    DeliveryState.CANCELLED: "held",
}


def _facts(context: Context, package: Package) -> dict[str, Any]:
    user = context["request"].user
    return {
        "request": context["request"],
        "csrf_token": context.get("csrf_token"),
        "package": package,
        "project": package.project,
        "may_export": user.may(Permission.EXPORT, package.project),
        "may_withdraw": user.may(Permission.WITHDRAW_PACKAGES, package.project),
    }


@register.inclusion_tag("exports/parts/deliveries.html", takes_context=True)
def package_deliveries(context: Context, package: Package) -> dict[str, Any]:
    """Where a package was sent and can be sent."""
    facts = _facts(context, package)
    rows = list(package.deliveries.select_related("destination", "requested_by"))
    taken = {row.destination_id for row in rows if row.state in SENT}
    usable = PackageDestination.objects.open_to(package.project).exclude(pk__in=taken)
    facts["deliveries"] = [(row, PILLS[DeliveryState(row.state)], standing(row)) for row in rows]
    facts["is_moving"] = any(row.is_moving for row in rows)
    facts["destinations"] = usable if package.is_ready and facts["may_export"] else []
    wished = package.specification.get("deliver_to", "") if package.is_ready else ""
    if wished and not rows and not usable.filter(name=wished).exists():
        facts["unknown_wish"] = wished
    return facts


@register.inclusion_tag("exports/parts/links.html", takes_context=True)
def package_links(context: Context, package: Package) -> dict[str, Any]:
    """The links to a package, and the form for another one."""
    facts = _facts(context, package)
    facts["links"] = package.links.select_related("account", "made_by", "revoked_by")
    if package.is_ready and facts["may_export"]:
        facts["form"] = LinkForm()
        people = User.objects.filter(
            is_active=True,
            memberships__in=package.project.memberships.carrying(Permission.EXPORT),
        )
        facts["people"] = people.order_by("username")
    return facts


@register.inclusion_tag("exports/parts/holders.html", takes_context=True)
def package_holders(context: Context, package: Package) -> dict[str, Any]:
    """Who has a package, and the button that takes it back."""
    facts = _facts(context, package)
    user = context["request"].user
    facts["holders"] = holders(package)
    facts["may_revoke"] = package.state in WHOLE and (
        facts["may_withdraw"] or user.may(Permission.MANAGE_DESTINATIONS, package.project)
    )
    return facts


def standing(delivery: Delivery) -> str:
    """Return one sentence about a delivery."""
    if delivery.is_moving and delivery.not_before and delivery.not_before > timezone.now():
        again = timezone.localtime(delivery.not_before).strftime("%H:%M")
        return f"{delivery.reason} It is tried again at {again}."
    if delivery.state == DeliveryState.WAITING:
        return "A worker takes it in a moment."
    if delivery.state == DeliveryState.SENDING:
        share = 100 * delivery.done_bytes // max(delivery.package.size, 1)
        return f"{share} % is there." if share else "It begins."
    if delivery.state == DeliveryState.DELIVERED:
        return f"Confirmed: {delivery.get_proof_display()}."
    if delivery.state == DeliveryState.CANCELLED:
        return "Somebody stopped it. What arrived lies there, unfinished."
    return delivery.reason
