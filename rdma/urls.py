"""All addresses; each room brings its own."""

from django.contrib import admin
from django.urls import include, path

from rdma import accounts, api, audit_page, health, selftest_page, views

urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in/", accounts.SignIn.as_view(), name="sign-in"),
    path("sign-out/", accounts.SignOut.as_view(), name="sign-out"),
    path("password/", accounts.PasswordChange.as_view(), name="password-change"),
    path("find/", views.find, name="find"),
    path("audit/", audit_page.audit, name="audit"),
    path("audit/address/", audit_page.audit_address, name="audit-address"),
    path("audit/export/<str:form>/", audit_page.audit_export, name="audit-export"),
    path("audit/events/<int:pk>/", audit_page.audit_event, name="audit-event"),
    path("audit/verify/", audit_page.audit_verify, name="audit-verify"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("selftest/", selftest_page.self_test, name="self-test"),
    path("api/schema/", api.schema, name="api-schema"),
    path("api/docs/", api.docs, name="api-docs"),
    path("projects/", views.project_list, name="project-list"),
    path("", include("projects.urls")),
    path("projects/<str:acronym>/", views.project_detail, name="project-detail"),
    path("", include("intake.urls")),
    path("", include("transfers.urls")),
    path("", include("review.urls")),
    path("", include("exports.urls")),
    # one door for everybody: what is signed in elsewhere is not in the audit
    path("admin/login/", accounts.admin_sign_in, name="admin-sign-in"),
    path("admin/logout/", accounts.SignOut.as_view(), name="admin-sign-out"),
    path("admin/password_change/", accounts.PasswordChange.as_view(), name="admin-password"),
    path("admin/", admin.site.urls),
]
handler500 = "rdma.views.server_error"
