"""The addresses of this room: pages and REST."""

from django.urls import path

from exports.api import packages
from exports.views import listing, watching

urlpatterns = [
    path("exports/<str:acronym>/", listing.packages, name="exports"),
    path("exports/<str:acronym>/<int:pk>/", watching.package, name="export"),
    path("exports/<str:acronym>/<int:pk>/row/", listing.package_row, name="export-row"),
    path("exports/<str:acronym>/<int:pk>/cancel/", watching.cancel, name="export-cancel"),
    path("exports/<str:acronym>/<int:pk>/download/", watching.download, name="export-download"),
    path("api/v1/exports/", packages.PackageList.as_view(), name="api-exports"),
    path("api/v1/exports/<int:pk>/", packages.PackageDetail.as_view(), name="api-export"),
    path("api/v1/exports/<int:pk>/cancel/", packages.cancel, name="api-export-cancel"),
    path("api/v1/exports/<int:pk>/download/", packages.download, name="api-export-download"),
]
