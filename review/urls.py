"""The addresses of this room: pages and REST."""

from django.urls import path

from review import api
from review.views import elements, inventory

urlpatterns = [
    path("review/<str:acronym>/", inventory.inventory, name="review"),
    path("review/<str:acronym>/inventory.csv", inventory.inventory_csv, name="review-csv"),
    path("review/<str:acronym>/<int:pk>/", elements.element, name="review-element"),
    path("review/<str:acronym>/<int:pk>/examples/", elements.examples, name="review-examples"),
    path(
        "review/<str:acronym>/<int:pk>/values/<int:value_id>/",
        elements.places,
        name="review-places",
    ),
    path("api/v1/projects/<str:acronym>/tags/", api.ElementList.as_view(), name="api-tag-list"),
    path(
        "api/v1/projects/<str:acronym>/tags/<int:pk>/values/",
        api.ElementValueList.as_view(),
        name="api-tag-values",
    ),
    path(
        "api/v1/research-studies/", api.ResearchStudyList.as_view(), name="api-research-study-list"
    ),
]
