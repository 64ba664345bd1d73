"""The addresses of this room: pages and REST."""

from django.urls import path

from exports import api, views

urlpatterns = [
    path("exports/<str:acronym>/", views.packages, name="exports"),
    path("exports/<str:acronym>/<int:pk>/", views.package_row, name="export-row"),
    path("exports/<str:acronym>/<int:pk>/cancel/", views.cancel, name="export-cancel"),
    path("exports/<str:acronym>/<int:pk>/download/", views.download, name="export-download"),
    path("api/v1/exports/", api.PackageList.as_view(), name="api-exports"),
    path("api/v1/exports/<int:pk>/", api.PackageDetail.as_view(), name="api-export"),
    path("api/v1/exports/<int:pk>/cancel/", api.cancel, name="api-export-cancel"),
    path("api/v1/exports/<int:pk>/download/", api.download, name="api-export-download"),
]
