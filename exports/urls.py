"""The addresses of this room: pages and REST."""

from django.urls import path

from exports.api import findings as findings_api
from exports.api import handing as handing_api
from exports.api import packages, specifications
from exports.views import (
    destinations,
    editor,
    findings,
    getting,
    handing,
    listing,
    mapping,
    sheets,
    tables,
    watching,
)

urlpatterns = [
    path("exports/get/", getting.enter, name="export-get"),
    path("exports/get/<int:pk>/", getting.landing, name="export-get-link"),
    path("exports/get/<int:pk>/file/", getting.file, name="export-get-file"),
    path("exports/destinations/", destinations.destinations, name="export-destinations"),
    path("exports/destinations/new/", destinations.destination, name="export-destination-new"),
    path("exports/destinations/<int:pk>/", destinations.destination, name="export-destination"),
    path(
        "exports/destinations/outside/<str:acronym>/", destinations.outside, name="export-outside"
    ),
    path("exports/<str:acronym>/<int:pk>/links/", handing.make_link, name="export-link-make"),
    path(
        "exports/<str:acronym>/<int:pk>/links/<int:link_pk>/code/",
        handing.link_code,
        name="export-link-code",
    ),
    path(
        "exports/<str:acronym>/<int:pk>/links/<int:link_pk>/revoke/",
        handing.revoke_link,
        name="export-link-revoke",
    ),
    path("exports/<str:acronym>/<int:pk>/password/", handing.password, name="export-password"),
    path(
        "exports/<str:acronym>/<int:pk>/deliveries/", handing.deliveries, name="export-deliveries"
    ),
    path("exports/<str:acronym>/<int:pk>/deliver/", handing.deliver, name="export-deliver"),
    path(
        "exports/<str:acronym>/<int:pk>/deliveries/<int:delivery_pk>/cancel/",
        handing.cancel_delivery,
        name="export-delivery-cancel",
    ),
    path("exports/<str:acronym>/<int:pk>/revoke/", handing.revoke, name="export-revoke"),
    path("exports/<str:acronym>/", listing.packages, name="exports"),
    path("exports/<str:acronym>/mapping/", mapping.mapping, name="export-mapping"),
    path("exports/<str:acronym>/look/", listing.look, name="export-look"),
    path("exports/<str:acronym>/<int:pk>/", watching.package, name="export"),
    path("exports/<str:acronym>/<int:pk>/row/", listing.package_row, name="export-row"),
    path(
        "exports/<str:acronym>/<int:pk>/findings/release/",
        findings.release,
        name="export-findings-release",
    ),
    path(
        "exports/<str:acronym>/<int:pk>/findings/confirm/",
        findings.confirm,
        name="export-findings-confirm",
    ),
    path(
        "exports/<str:acronym>/<int:pk>/findings/withdraw/",
        findings.withdraw,
        name="export-findings-withdraw",
    ),
    path(
        "exports/<str:acronym>/<int:pk>/findings/reject/",
        findings.reject,
        name="export-findings-reject",
    ),
    path(
        "exports/<str:acronym>/<int:pk>/findings/<int:finding>/",
        findings.where,
        name="export-finding",
    ),
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
    path("api/v1/specifications/", specifications.SheetList.as_view(), name="api-specifications"),
    path("api/v1/specifications/preview/", specifications.look, name="api-specification-preview"),
    path(
        "api/v1/specifications/<int:pk>/",
        specifications.SheetDetail.as_view(),
        name="api-specification",
    ),
    path(
        "api/v1/specifications/<int:pk>/versions/",
        specifications.VersionList.as_view(),
        name="api-specification-versions",
    ),
    path(
        "api/v1/specifications/<int:pk>/versions/<int:number>/yaml/",
        specifications.as_yaml,
        name="api-specification-yaml",
    ),
    path(
        "api/v1/specifications/<int:pk>/versions/<int:number>/offer/",
        specifications.offer,
        name="api-specification-offer",
    ),
    path("api/v1/exports/", packages.PackageList.as_view(), name="api-exports"),
    path("api/v1/exports/signing-key/", packages.signing_key, name="api-signing-key"),
    path("api/v1/exports/<int:pk>/", packages.PackageDetail.as_view(), name="api-export"),
    path(
        "api/v1/exports/<int:pk>/findings/",
        findings_api.FindingList.as_view(),
        name="api-export-findings",
    ),
    path("api/v1/exports/<int:pk>/release/", findings_api.release, name="api-export-release"),
    path("api/v1/exports/<int:pk>/confirm/", findings_api.confirm, name="api-export-confirm"),
    path("api/v1/exports/<int:pk>/reject/", findings_api.reject, name="api-export-reject"),
    path("api/v1/exports/<int:pk>/cancel/", packages.cancel, name="api-export-cancel"),
    path("api/v1/exports/<int:pk>/download/", packages.download, name="api-export-download"),
    path(
        "api/v1/exports/<int:pk>/links/",
        handing_api.LinkList.as_view(),
        name="api-export-links",
    ),
    path(
        "api/v1/exports/<int:pk>/links/<int:link_pk>/revoke/",
        handing_api.revoke_link,
        name="api-export-link-revoke",
    ),
    path(
        "api/v1/exports/<int:pk>/links/<int:link_pk>/code/",
        handing_api.link_code,
        name="api-export-link-code",
    ),
    path("api/v1/exports/<int:pk>/password/", handing_api.password, name="api-export-password"),
    path(
        "api/v1/exports/<int:pk>/deliveries/",
        handing_api.DeliveryList.as_view(),
        name="api-export-deliveries",
    ),
    path(
        "api/v1/exports/<int:pk>/deliveries/<int:delivery_pk>/cancel/",
        handing_api.cancel_delivery,
        name="api-export-delivery-cancel",
    ),
    path(
        "api/v1/exports/<int:pk>/holders/",
        handing_api.HolderList.as_view(),
        name="api-export-holders",
    ),
    path("api/v1/exports/<int:pk>/revoke/", handing_api.revoke, name="api-export-revoke"),
]
