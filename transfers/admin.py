"""Operations look at the pipeline here: destinations can be changed, its rows only read."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from projects.models import AuditEvent, User
from projects.read_only import ReadOnlyAdmin
from transfers.models import (
    Chore,
    Delivery,
    Destination,
    LedgerEntry,
    PlanVersion,
    ProjectDestination,
    Renewal,
    Run,
    TransferRequest,
)


class DestinationProjects(admin.TabularInline):
    """Which projects send to a destination."""

    model = ProjectDestination
    extra = 0


@admin.register(Destination)
class DestinationAdmin(admin.ModelAdmin):
    """Where studies go."""

    list_display = ["name", "ae_title", "host", "port", "replaces", "asked_by", "is_active"]
    readonly_fields = ("seen",)
    inlines = [DestinationProjects]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def save_model(self, request: HttpRequest, obj: Destination, form: Any, change: bool) -> None:
        """Save, and write down who did it."""
        super().save_model(request, obj, form, change)
        by = request.user if isinstance(request.user, User) else None
        AuditEvent.record(by, "changed" if change else "created", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Destinations are switched off, not deleted: what went there is still answered for."""
        return False

    @admin.display(description="seen to offer")
    def seen(self, destination: Destination) -> str:
        """Say what it agreed to when it was last asked, whatever is declared."""
        if destination.offers_seen_at is None:
            return "nothing was sent to it yet"
        offers = {"C-FIND": destination.offers_find, "commitment": destination.offers_commitment}
        known = {name: "yes" if offered else "no" for name, offered in offers.items()}
        return ", ".join(f"{name}: {said}" for name, said in known.items())


@admin.register(TransferRequest)
class TransferRequestAdmin(ReadOnlyAdmin):
    """The wishes."""

    list_display = ["pk", "project", "participant", "event", "requested_at", "ended_at"]
    fields = (
        "project",
        "participant",
        "event",
        "requested_at",
        "ended_at",
    )
    list_filter = ["project"]


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    """The executions."""

    list_display = ["pk", "transfer", "number", "state", "attempt", "lease_until", "reason"]
    fields = (
        "transfer",
        "number",
        "state",
        "attempt",
        "lease_until",
        "reason",
    )
    list_filter = ["state"]


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """The deliveries."""

    list_display = ["pk", "run", "destination", "state", "attempt", "not_before", "reason"]
    fields = (
        "run",
        "destination",
        "state",
        "attempt",
        "not_before",
        "reason",
    )
    list_filter = ["state", "destination"]


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    """What destinations confirmed."""

    list_display = ["pk", "destination", "sop_instance_uid", "confirmed_at", "withdrawn_at"]
    fields = (
        "destination",
        "sop_instance_uid",
        "status",
        "accepted_at",
        "counted_at",
        "committed_at",
        "missing_at",
        "confirmed_at",
        "withdrawn_at",
    )
    list_filter = ["destination"]


@admin.register(PlanVersion)
class PlanVersionAdmin(ReadOnlyAdmin):
    """Plan versions."""

    list_display = ["project", "number", "profile", "digest", "created_at"]
    fields = (
        "project",
        "number",
        "profile",
        "digest",
        "created_at",
    )


@admin.register(Renewal)
class RenewalAdmin(ReadOnlyAdmin):
    """Transfers that a plan version makes run again."""

    list_display = ["pk", "version", "transfer", "state", "asked_at"]
    fields = ("version", "transfer", "run", "state", "reason", "asked_at")
    list_filter = ["state"]


@admin.register(Chore)
class ChoreAdmin(ReadOnlyAdmin):
    """What is to be done by hand."""

    list_display = ["pk", "destination", "project", "instance_count", "created_at", "done_at"]
    fields = (
        "destination",
        "project",
        "instance_count",
        "created_at",
        "done_at",
    )
