"""The addresses of this room: pages and REST."""

from django.urls import path

from exports import views
from exports.api import packages

urlpatterns = [
    path("exports/<str:acronym>/", views.packages, name="exports"),
    path("exports/<str:acronym>/<int:pk>/", views.package_row, name="export-row"),
    path("exports/<str:acronym>/<int:pk>/cancel/", views.cancel, name="export-cancel"),
    path("exports/<str:acronym>/<int:pk>/download/", views.download, name="export-download"),
    path("api/v1/exports/", packages.PackageList.as_view(), name="api-exports"),
    path("api/v1/exports/<int:pk>/", packages.PackageDetail.as_view(), name="api-export"),
    path("api/v1/exports/<int:pk>/cancel/", packages.cancel, name="api-export-cancel"),
    path("api/v1/exports/<int:pk>/download/", packages.download, name="api-export-download"),
]
