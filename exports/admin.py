"""Operations look at packages here; every change goes through an action."""

from django.contrib import admin

from exports.models import Package
from projects.read_only import ReadOnlyAdmin


@admin.register(Package)
class PackageAdmin(ReadOnlyAdmin):
    """The packages and how far they are."""

    list_display = ["pk", "project", "format", "state", "done_count", "total_count", "created_at"]
    fields = (
        *("project", "format", "state", "requested_by", "done_count", "total_count"),
        *("left_out_count", "size", "sha256", "reason", "attempt"),
        *("created_at", "started_at", "ended_at", "expires_at"),
    )
    list_filter = ["state", "format", "project"]
    list_select_related = ["project"]
