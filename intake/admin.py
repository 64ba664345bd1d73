"""Django admin for operations: what arrived, read-only, and without any identified column."""

from django.contrib import admin

from intake.models import Arrival, Rejection, Series, Study
from projects.read_only import ReadOnlyAdmin


@admin.register(Study)
class StudyAdmin(ReadOnlyAdmin):
    """Studies by number, counts and way."""

    fields = (
        "door",
        "calling_ae_title",
        "called_ae_title",
        "peer_address",
        "brought_by",
        "first_received_at",
        "last_received_at",
        "series_count",
        "instance_count",
        "byte_count",
        "has_conflicts",
    )
    list_display = ("id", "door", "called_ae_title", "instance_count", "last_received_at")
    list_filter = ("door", "has_conflicts")


@admin.register(Series)
class SeriesAdmin(ReadOnlyAdmin):
    """Series by kind and counts."""

    fields = (
        "study",
        "modality",
        "sop_class_uid",
        "instance_count",
        "byte_count",
    )
    list_display = ("id", "study", "modality", "instance_count", "byte_count")
    list_filter = ("modality",)
    list_select_related = ("study",)


@admin.register(Arrival)
class ArrivalAdmin(ReadOnlyAdmin):
    """Batches and what became of their files."""

    fields = (
        "token",
        "door",
        "calling_ae_title",
        "called_ae_title",
        "peer_address",
        "brought_by",
        "started_at",
        "closed_at",
        "ended_at",
        "attempt",
        "received_count",
        "catalogued_count",
        "duplicate_count",
        "rejected_count",
    )
    list_display = (
        "id",
        "door",
        "started_at",
        "ended_at",
        "received_count",
        "catalogued_count",
        "duplicate_count",
        "rejected_count",
    )
    list_filter = ("door",)


@admin.register(Rejection)
class RejectionAdmin(ReadOnlyAdmin):
    """What was kept aside, and why; not what it was called."""

    fields = ("arrival", "code", "key", "size", "door", "called_ae_title", "received_at")
    list_display = ("id", "code", "door", "size", "received_at")
    list_filter = ("code", "door")
