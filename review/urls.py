"""The addresses of this room: pages and REST."""

from django.urls import path

from review import api, views

urlpatterns = [
    path("review/<str:acronym>/", views.inventory, name="review"),
    path("review/<str:acronym>/inventory.csv", views.inventory_csv, name="review-csv"),
    path("review/<str:acronym>/<int:pk>/", views.element, name="review-element"),
    path("review/<str:acronym>/<int:pk>/examples/", views.examples, name="review-examples"),
    path(
        "review/<str:acronym>/<int:pk>/values/<int:value_id>/", views.places, name="review-places"
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
