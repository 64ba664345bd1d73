"""All addresses; each room brings its own."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("projects.urls")),
    path("", include("intake.urls")),
    path("", include("transfers.urls")),
    path("", include("review.urls")),
    path("", include("exports.urls")),
    path("admin/", admin.site.urls),
]
