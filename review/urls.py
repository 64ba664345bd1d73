"""The addresses of this room: pages and REST."""

from django.urls import path

from review.api.research import ResearchStudyList
from review.api.tags import ElementList, ElementSearch
from review.api.values import ElementValueList, ValueList
from review.api.verdicts import SignOffList, VerdictList
from review.views import (
    changes,
    checks,
    comparing,
    downloads,
    elements,
    inventory,
    packages,
    pictures,
    rules,
    saved,
    sign_offs,
    studies,
)
from review.views import verdicts as judging

urlpatterns = [
    path("review/<str:acronym>/sign-off/", sign_offs.sign_off_page, name="review-sign-off"),
    path(
        "review/<str:acronym>/sign-off/<int:number>/confirm/",
        sign_offs.confirm,
        name="review-sign-off-confirm",
    ),
    path(
        "review/<str:acronym>/sign-off/<int:number>/record.json",
        sign_offs.record,
        name="review-sign-off-record",
    ),
    path(
        "review/<str:acronym>/sign-off/<int:number>/record.pdf",
        sign_offs.record_page,
        name="review-sign-off-page",
    ),
    path("review/<str:acronym>/judge/", judging.judge_elements, name="review-judge-many"),
    path("review/<str:acronym>/<int:pk>/judge/", judging.judge_element, name="review-judge"),
    path(
        "review/<str:acronym>/<int:pk>/judge/preview/",
        judging.preview,
        name="review-judge-preview",
    ),
    path("review/<str:acronym>/verdicts/", judging.verdicts, name="review-verdicts"),
    path("review/<str:acronym>/verdicts/<int:pk>/confirm/", judging.confirm, name="review-confirm"),
    # before whatever takes the first part for a project
    path("review/check/", checks.check, name="review-check"),
    path("review/check/begin/", checks.begin, name="review-check-begin"),
    path("review/check/<uuid:token>/", checks.checked, name="review-checked"),
    path("review/check/<uuid:token>/files/", checks.files, name="review-check-files"),
    path("review/check/<uuid:token>/close/", checks.close, name="review-check-close"),
    path("review/check/<uuid:token>/values/", checks.values, name="review-check-values"),
    path("review/check/<uuid:token>/delete/", checks.delete, name="review-check-delete"),
    path("review/<str:acronym>/packages/", packages.package_list, name="review-packages"),
    path(
        "review/<str:acronym>/packages/<str:digest>/",
        packages.package_element,
        name="review-package-element",
    ),
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
    path("review/<str:acronym>/studies/", studies.study_list, name="review-study-list"),
    path("review/<str:acronym>/studies/<int:pk>/", studies.study, name="review-study"),
    path("review/<str:acronym>/compare/", comparing.compare, name="review-compare"),
    path(
        "review/<str:acronym>/series/<int:pk>/picture/",
        pictures.series_picture,
        name="review-picture",
    ),
    path("api/v1/projects/<str:acronym>/tags/", ElementList.as_view(), name="api-tag-list"),
    path(
        "api/v1/projects/<str:acronym>/tags/search/",
        ElementSearch.as_view(),
        name="api-tag-search",
    ),
    path(
        "api/v1/projects/<str:acronym>/tags/values/",
        ValueList.as_view(),
        name="api-value-list",
    ),
    path(
        "api/v1/projects/<str:acronym>/tags/<int:pk>/values/",
        ElementValueList.as_view(),
        name="api-tag-values",
    ),
    path(
        "api/v1/projects/<str:acronym>/verdicts/",
        VerdictList.as_view(),
        name="api-verdict-list",
    ),
    path(
        "api/v1/projects/<str:acronym>/sign-offs/",
        SignOffList.as_view(),
        name="api-sign-off-list",
    ),
    path(
        "api/v1/research-studies/",
        ResearchStudyList.as_view(),
        name="api-research-study-list",
    ),
]
