"""Operations look at packages here; every change goes through an action."""

from django.contrib import admin

from exports.models import Delivery, DownloadLink, Package, PackageDestination
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


@admin.register(PackageDestination)
class PackageDestinationAdmin(ReadOnlyAdmin):
    """Where packages are sent; secrets are not shown, and changes are the data office's."""

    list_display = ["name", "kind", "host", "port", "is_active"]
    fields = (
        *("name", "kind", "host", "port", "is_plain", "account", "place", "region", "host_key"),
        *("reads_back", "dummy_birth_date", "is_active", "created_at"),
    )
    list_filter = ["kind", "is_active"]


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """Packages on their way to destinations."""

    list_display = ["pk", "package", "destination", "state", "attempt", "not_before", "created_at"]
    fields = (
        *("package", "destination", "requested_by", "state", "reason", "proof"),
        *("done_bytes", "done_images", "attempt", "not_before", "created_at", "ended_at"),
    )
    list_filter = ["state", "destination"]
    list_select_related = ["package", "destination"]


@admin.register(DownloadLink)
class DownloadLinkAdmin(ReadOnlyAdmin):
    """Links to packages: how often they were used, without whom they are for outside."""

    list_display = ["pk", "package", "account", "expires_at", "use_count", "most_uses"]
    fields = (
        *("package", "account", "made_by", "created_at", "expires_at"),
        *("most_uses", "use_count", "wrong_count", "revoked_at", "revoked_by"),
    )
    list_select_related = ["package", "account"]
