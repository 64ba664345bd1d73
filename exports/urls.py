"""The addresses of this room: pages and REST."""

from django.urls import path

from exports.api import packages
from exports.views import editor, listing, mapping, sheets, tables, watching

urlpatterns = [
    path("exports/<str:acronym>/", listing.packages, name="exports"),
    path("exports/<str:acronym>/mapping/", mapping.mapping, name="export-mapping"),
    path("exports/<str:acronym>/look/", listing.look, name="export-look"),
    path("exports/<str:acronym>/<int:pk>/", watching.package, name="export"),
    path("exports/<str:acronym>/<int:pk>/row/", listing.package_row, name="export-row"),
    path("exports/<str:acronym>/<int:pk>/cancel/", watching.cancel, name="export-cancel"),
    path("exports/<str:acronym>/<int:pk>/download/", watching.download, name="export-download"),
    path(
        "exports/<str:acronym>/specifications/<int:pk>/",
        editor.specification,
        name="export-specification",
    ),
    path("exports/<str:acronym>/specifications/<int:pk>/look/", editor.look, name="export-look-at"),
    path(
        "exports/<str:acronym>/specifications/",
        sheets.specifications,
        name="export-specifications",
    ),
    path(
        "exports/<str:acronym>/specifications/upload/",
        sheets.upload,
        name="export-specification-upload",
    ),
    path(
        "exports/<str:acronym>/specifications/take/<int:pk>/",
        sheets.take,
        name="export-specification-take",
    ),
    path(
        "exports/<str:acronym>/specifications/<int:pk>/offer/",
        sheets.offer,
        name="export-specification-offer",
    ),
    path(
        "exports/<str:acronym>/specifications/<int:pk>/<int:number>.yaml",
        sheets.as_yaml,
        name="export-specification-yaml",
    ),
    path(
        "exports/<str:acronym>/specifications/<int:pk>/<int:number>/restore/",
        sheets.restore,
        name="export-specification-restore",
    ),
    path("exports/<str:acronym>/tables/", tables.tables, name="export-tables"),
    path("exports/<str:acronym>/tables/<int:pk>/", tables.table, name="export-table"),
    path(
        "exports/<str:acronym>/tables/<int:pk>/delete/", tables.delete, name="export-table-delete"
    ),
    path("api/v1/exports/", packages.PackageList.as_view(), name="api-exports"),
    path("api/v1/exports/<int:pk>/", packages.PackageDetail.as_view(), name="api-export"),
    path("api/v1/exports/<int:pk>/cancel/", packages.cancel, name="api-export-cancel"),
    path("api/v1/exports/<int:pk>/download/", packages.download, name="api-export-download"),
]
