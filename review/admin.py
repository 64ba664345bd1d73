"""Operations: how far the index is, read-only."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from review.models import ProjectIndex, ResearchSeries, ResearchStudy


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows of the pipeline are looked at here and changed by actions only."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes."""
        return False


@admin.register(ResearchStudy)
class ResearchStudyAdmin(ReadOnlyAdmin):
    """Which studies are indexed, which wait, which could not be."""

    list_display = ("pk", "project", "state", "run_state", "instance_count", "attempt", "reason")
    list_filter = ("state", "project")
    list_select_related = ("project",)
    raw_id_fields = ("transfer", "run", "participant")


@admin.register(ResearchSeries)
class ResearchSeriesAdmin(ReadOnlyAdmin):
    """Series of the research copy."""

    list_display = ("pk", "modality", "instance_count", "unread_count", "indexed_at")
    list_filter = ("modality",)


@admin.register(ProjectIndex)
class ProjectIndexAdmin(ReadOnlyAdmin):
    """Totals of each project's index."""

    list_display = ("project", "study_count", "series_count", "instance_count", "changed_at")
    list_select_related = ("project",)
