"""Operations look at packages here; every change goes through an action."""

from django.contrib import admin

from exports.models import Package
from transfers.admin import PipelineAdmin


@admin.register(Package)
class PackageAdmin(PipelineAdmin):
    """The packages and how far they are."""

    list_display = ["pk", "project", "format", "state", "done_count", "total_count", "created_at"]
    list_filter = ["state", "format", "project"]
    list_select_related = ["project"]
