"""Operations look at the pipeline here: destinations can be changed, its rows only read."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from transfers.models import (
    Chore,
    Delivery,
    Destination,
    LedgerEntry,
    PlanVersion,
    ProjectDestination,
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

    list_display = ["name", "ae_title", "host", "port", "replaces", "is_active"]
    inlines = [DestinationProjects]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}


class PipelineAdmin(admin.ModelAdmin):
    """Rows of the pipeline: read only; every change goes through an action."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody adds a row here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes a row here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes a row here."""
        return False


@admin.register(TransferRequest)
class TransferRequestAdmin(PipelineAdmin):
    """The wishes."""

    list_display = ["pk", "project", "participant", "event", "requested_at", "ended_at"]
    list_filter = ["project"]


@admin.register(Run)
class RunAdmin(PipelineAdmin):
    """The executions."""

    list_display = ["pk", "transfer", "number", "state", "attempt", "lease_until", "reason"]
    list_filter = ["state"]


@admin.register(Delivery)
class DeliveryAdmin(PipelineAdmin):
    """The deliveries."""

    list_display = ["pk", "run", "destination", "state", "attempt", "not_before", "reason"]
    list_filter = ["state", "destination"]


@admin.register(LedgerEntry)
class LedgerEntryAdmin(PipelineAdmin):
    """What destinations confirmed."""

    list_display = ["pk", "destination", "sop_instance_uid", "confirmed_at", "withdrawn_at"]
    list_filter = ["destination"]


@admin.register(PlanVersion)
class PlanVersionAdmin(PipelineAdmin):
    """Plan versions."""

    list_display = ["project", "number", "profile", "digest", "created_at"]


@admin.register(Chore)
class ChoreAdmin(PipelineAdmin):
    """What is to be done by hand."""

    list_display = ["pk", "destination", "project", "instance_count", "created_at", "done_at"]
