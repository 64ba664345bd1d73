"""Django admin for operations: people can be made here; everything else is only looked at."""

from http import HTTPStatus
from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse

import projects.directory.admin  # noqa: F401 - registers what it shows
from projects.models import (
    AuditEvent,
    Event,
    Membership,
    Participant,
    Project,
    Site,
    User,
)
from projects.read_only import ReadOnlyAdmin

admin.site.site_header = "rDMA operations"
admin.site.site_title = "rDMA operations"
admin.site.index_title = "What is in the database"
admin.site.unregister(Group)


@admin.register(User)
class PersonAdmin(UserAdmin):
    """People: who they are, whether they may sign in, and what they are for the hospital.

    What somebody may do in a project is said on the project's People page, not here.
    """

    list_display = ("username", "first_name", "last_name", "hospital_role", "is_active")
    list_filter = ("hospital_role", "is_active", "is_staff")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Who", {"fields": ("first_name", "last_name", "email")}),
        ("For the hospital", {"fields": ("hospital_role",)}),
        ("Access", {"fields": ("is_active", "is_staff", "is_superuser")}),
        ("When", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": (
                    "username",
                    "first_name",
                    "last_name",
                    "hospital_role",
                    "usable_password",
                    "password1",
                    "password2",
                ),
            },
        ),
    )
    readonly_fields = ("last_login", "date_joined")

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save, and write down who did it."""
        super().save_model(request, obj, form, change)
        by = request.user if isinstance(request.user, User) else None
        verb = "changed" if change else "created"
        AuditEvent.record(by, verb, obj, columns="-".join(sorted(form.changed_data))[:64])
        if "hospital_role" in form.changed_data:
            role = obj.hospital_role or "none"
            AuditEvent.record(by, "set_hospital_role", obj, hospital_role=role)
        if {"is_superuser", "is_staff"} & set(form.changed_data):
            AuditEvent.record(by, "set_superuser", obj, to=obj.is_superuser, staff=obj.is_staff)
        if change and "is_active" in form.changed_data:
            AuditEvent.record(by, "set_active", obj, to=obj.is_active)

    def user_change_password(
        self,
        request: HttpRequest,
        id: str,  # noqa: A002
        form_url: str = "",
    ) -> HttpResponse:
        """Give somebody another password, and write down whose it was."""
        answer = super().user_change_password(request, id, form_url)
        if request.method == "POST" and answer.status_code == HTTPStatus.FOUND:
            by = request.user if isinstance(request.user, User) else None
            AuditEvent.record(by, "changed_password", User.objects.get(pk=int(id)))
        return answer

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """People are switched off, not deleted: the audit names them."""
        return False


@admin.register(Project)
class ProjectAdmin(ReadOnlyAdmin):
    """Projects, without their keys."""

    list_display = ("acronym", "number", "approval_number", "approval_start", "approval_end")
    search_fields = ("acronym", "number")
    fields = (
        *("acronym", "number", "title", "approval_number", "approval_start", "approval_end"),
        *(
            "participant_pattern",
            "ae_title",
            "end_action",
            "hold_policy",
            "two_person_release",
            "two_person_review",
            "sign_off_for_exports",
            "created_at",
        ),
    )


@admin.register(Participant)
class ParticipantAdmin(ReadOnlyAdmin):
    """Participants by pseudonym, without their secrets."""

    list_display = ("pseudonym", "project", "site", "created_at")
    list_select_related = ("project", "site")
    list_filter = ("project",)
    fields = ("project", "pseudonym", "site", "created_by", "created_at")


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    """Who is what in which project."""

    list_display = ("user", "project", "role", "created_at")
    list_select_related = ("user", "project")
    list_filter = ("role", "project")
    fields = ("user", "project", "role", "created_at")


@admin.register(Site)
class SiteAdmin(ReadOnlyAdmin):
    """Places where participants are included."""

    list_display = ("project", "code", "name")
    list_select_related = ("project",)
    fields = ("project", "code", "name")


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """Time points."""

    list_display = ("project", "position", "name")
    list_select_related = ("project",)
    fields = ("project", "position", "name")


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """What was done, by whom, to what."""

    list_display = ("at", "actor", "verb", "object_type", "object_id", "project")
    list_select_related = ("actor", "project")
    list_filter = ("verb", "object_type", "project")
    date_hierarchy = "at"
    fields = ("at", "actor", "verb", "object_type", "object_id", "project", "facts")
