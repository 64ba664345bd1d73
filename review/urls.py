"""The addresses of this room: pages and REST."""

from django.urls import path

from review import api
from review.views import changes, downloads, elements, inventory, rules, saved

urlpatterns = [
    path("review/<str:acronym>/", inventory.inventory, name="review"),
    path(
        "review/<str:acronym>/<slug:what>.<slug:form>", downloads.download, name="review-download"
    ),
    path("review/<str:acronym>/views/", saved.save, name="review-views"),
    path("review/<str:acronym>/views/<int:pk>/", saved.change, name="review-view"),
    path("review/<str:acronym>/views/<int:pk>/delete/", saved.delete, name="review-view-delete"),
    path("review/<str:acronym>/<int:pk>/", elements.element, name="review-element"),
    path("review/<str:acronym>/<int:pk>/rule/", rules.rule, name="review-rule"),
    path("review/<str:acronym>/changes/", changes.changes, name="review-changes"),
    path("review/<str:acronym>/changes/<int:number>/", changes.change, name="review-change"),
    path("review/<str:acronym>/proposals/<int:pk>/", rules.proposal, name="review-proposal"),
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
