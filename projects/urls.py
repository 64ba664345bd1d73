"""The addresses of this room: pages and REST. Lists and overviews are rdma's: they join rooms."""

from django.urls import path

from projects import api, views

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
