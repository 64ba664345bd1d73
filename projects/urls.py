"""The addresses of this room: pages and REST. Lists and overviews are rdma's: they join rooms."""

from django.urls import path

from projects import api, views
from projects.access_reviews import pages as access
from projects.directory import views as directory
from projects.tokens import pages

urlpatterns = [
    path("projects/new/", views.new_project, name="project-new"),
    path("projects/<str:acronym>/settings/", views.settings, name="project-settings"),
    path("projects/<str:acronym>/sites/", views.add_site, name="project-add-site"),
    path("projects/<str:acronym>/events/", views.add_event, name="project-add-event"),
    path("projects/<str:acronym>/people/", views.people, name="project-people"),
    path("projects/<str:acronym>/people/add/", views.add_member, name="project-add-member"),
    path(
        "projects/<str:acronym>/people/<int:pk>/role/", views.change_role, name="project-set-role"
    ),
    path(
        "projects/<str:acronym>/people/<int:pk>/remove/",
        views.remove_member,
        name="project-remove-member",
    ),
    path(
        "projects/<str:acronym>/people/access.csv", access.report_of_project, name="project-access"
    ),
    path(
        "projects/<str:acronym>/people/review/", access.project_review, name="project-access-review"
    ),
    path(
        "projects/<str:acronym>/people/review/start/",
        access.start_project_review,
        name="project-access-review-start",
    ),
    path("access/", access.overview, name="access"),
    path("access/access.csv", access.report_all, name="access-csv"),
    path("access/people/<int:pk>/", access.person, name="access-person"),
    path("access/review/", access.hospital_review, name="hospital-access-review"),
    path("access/review/start/", access.start_hospital_review, name="hospital-access-review-start"),
    path("account/tokens/", pages.account_tokens, name="account-tokens"),
    path("account/tokens/<int:pk>/revoke/", pages.revoke_own, name="account-token-revoke"),
    path("projects/<str:acronym>/people/tokens/", pages.project_tokens, name="project-tokens"),
    path(
        "projects/<str:acronym>/people/tokens/<int:pk>/revoke/",
        pages.revoke_in_project,
        name="project-token-revoke",
    ),
    path("projects/<str:acronym>/people/services/", pages.add_service, name="project-service-add"),
    path(
        "projects/<str:acronym>/people/services/<int:pk>/token/",
        pages.service_token,
        name="project-service-token",
    ),
    path(
        "projects/<str:acronym>/people/services/<int:pk>/end/",
        pages.end_service,
        name="project-service-end",
    ),
    path("directory/", directory.directory, name="directory"),
    path("directory/add/", directory.add_group, name="directory-add"),
    path("directory/<int:pk>/remove/", directory.remove_group, name="directory-remove"),
    path("directory/renew/", directory.renew, name="directory-renew"),
    path("projects/<str:acronym>/check-pseudonym/", views.check_pseudonym, name="pseudonym-check"),
    path("api/v1/projects/", api.ProjectList.as_view(), name="api-project-list"),
    path("api/v1/projects/<str:acronym>/", api.ProjectDetail.as_view(), name="api-project-detail"),
    path(
        "api/v1/projects/<str:acronym>/participants/",
        api.ParticipantList.as_view(),
        name="api-participant-list",
    ),
    path("api/v1/projects/<str:acronym>/events/", api.EventList.as_view(), name="api-event-list"),
    path("api/v1/audit/", api.AuditList.as_view(), name="api-audit-list"),
]
