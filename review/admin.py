"""Operations: how far the index and the checks are, read-only, and without any value."""

from django.contrib import admin

from projects.read_only import ReadOnlyAdmin
from review.models import Check, PackageInventory, ProjectIndex, ResearchSeries, ResearchStudy


@admin.register(ResearchStudy)
class ResearchStudyAdmin(ReadOnlyAdmin):
    """Which studies are indexed, which wait, which could not be."""

    fields = (
        "transfer",
        "run",
        "project",
        "state",
        "run_state",
        "series_count",
        "instance_count",
        "indexed_at",
        "checked_at",
        "attempt",
        "reason",
    )
    list_display = ("pk", "project", "state", "run_state", "instance_count", "attempt", "reason")
    list_filter = ("state", "project")
    list_select_related = ("project",)


@admin.register(ResearchSeries)
class ResearchSeriesAdmin(ReadOnlyAdmin):
    """Series of the research copy."""

    fields = ("study", "modality", "instance_count", "unread_count", "byte_count", "indexed_at")
    list_display = ("pk", "modality", "instance_count", "unread_count", "indexed_at")
    list_filter = ("modality",)


@admin.register(ProjectIndex)
class ProjectIndexAdmin(ReadOnlyAdmin):
    """Totals of each project's index."""

    fields = (
        "project",
        "study_count",
        "series_count",
        "instance_count",
        "participant_count",
        "changed_at",
    )
    list_display = ("project", "study_count", "series_count", "instance_count", "changed_at")
    list_select_related = ("project",)


@admin.register(Check)
class CheckAdmin(ReadOnlyAdmin):
    """Checks of foreign data: whose, how far, how much; neither their address nor their results."""

    fields = (
        "user",
        "state",
        "started_at",
        "closed_at",
        "ended_at",
        "expires_at",
        "sent_count",
        "byte_count",
        "total_count",
        "read_count",
        "attempt",
        "reason",
    )
    list_display = ("pk", "user", "state", "sent_count", "byte_count", "expires_at", "reason")
    list_filter = ("state",)
    list_select_related = ("user",)


@admin.register(PackageInventory)
class PackageInventoryAdmin(ReadOnlyAdmin):
    """What packages contain: which are read, which wait, which could not be."""

    fields = (
        "project",
        "number",
        "state",
        "member_count",
        "position",
        "dicom_count",
        "unread_count",
        "indexed_at",
        "attempt",
        "reason",
    )
    list_display = ("number", "project", "state", "position", "member_count", "unread_count")
    list_filter = ("state", "project")
    list_select_related = ("project",)
