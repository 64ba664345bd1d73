"""The directory in Django admin: roles for the whole hospital are given to groups here alone."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from projects.directory.errors import NotUnderstood
from projects.directory.mapping import map_hospital_group, unmap_group
from projects.directory.names import normal
from projects.models import (
    AuditEvent,
    DirectoryGroup,
    DirectoryPerson,
    DirectoryRenewal,
    GroupRole,
    User,
)
from projects.read_only import ReadOnlyAdmin
from projects.roles import HospitalRole


class HospitalGroupForm(forms.ModelForm):
    """A group, and what everybody in it is for the hospital."""

    dn = forms.CharField(
        label="Group",
        max_length=500,
        help_text="Its whole name, as cn=dataoffice,ou=groups,dc=example,dc=org.",
    )
    hospital_role = forms.ChoiceField(choices=[(role, role.label) for role in HospitalRole if role])

    class Meta:
        model = GroupRole
        fields = ("hospital_role",)

    def clean_dn(self) -> str:
        """Refuse what the action would."""
        dn: str = self.cleaned_data["dn"]
        try:
            key = normal(dn)
        except NotUnderstood as error:
            raise ValidationError(str(error)) from None
        if GroupRole.objects.filter(group__key=key, project=None).exists():
            raise ValidationError("This group gives a role for the hospital already.")
        return dn

    def _post_clean(self) -> None:
        """Leave the instance as it is: the action makes the row."""


@admin.register(GroupRole)
class GroupRoleAdmin(admin.ModelAdmin):
    """What groups give. Roles in projects are given by the data office, at /directory/."""

    list_display = ("group", "project", "role", "hospital_role", "created_by", "created_at")
    list_select_related = ("group", "project", "created_by")
    form = HospitalGroupForm
    fields = ("dn", "hospital_role")
    actions = None

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Remove a line and add another: the audit then shows both."""
        return False

    def save_model(self, request: HttpRequest, obj: GroupRole, form: Any, change: bool) -> None:
        """Give the role through the action, which writes it down and applies it."""
        role = HospitalRole(form.cleaned_data["hospital_role"])
        given = map_hospital_group(by=_by(request), dn=form.cleaned_data["dn"], hospital_role=role)
        obj.pk = given.pk  # what admin logs and shows from here on
        obj.refresh_from_db()

    def has_delete_permission(self, request: HttpRequest, obj: GroupRole | None = None) -> bool:
        """Only lines about the hospital go here; the data office removes the others."""
        return bool(request.user.is_superuser) and (obj is None or obj.project_id is None)

    def delete_model(self, request: HttpRequest, obj: GroupRole) -> None:
        """Take the role away through the action."""
        unmap_group(by=_by(request), given=obj)


@admin.register(DirectoryPerson)
class DirectoryPersonAdmin(ReadOnlyAdmin):
    """Who signs in with the directory, and as which entry."""

    list_display = ("user", "is_gone", "hospital_role", "confirmed_at")
    list_select_related = ("user",)
    list_filter = ("is_gone",)
    fields = ("user", "dn", "entry_id", "hospital_role", "is_gone", "confirmed_at")
    actions = ("same_person",)

    @admin.action(description="Same person, new entry", permissions=["view"])
    @transaction.atomic
    def same_person(self, request: HttpRequest, people: QuerySet[DirectoryPerson]) -> None:
        """Let the next entry of the same user name have the account, as after a re-import."""
        by = _by(request)
        for person in people.select_related("user"):
            person.entry_id = None
            person.save(update_fields=["entry_id"])
            AuditEvent.record(by, "directory_forgot_entry", person.user)
        messages.success(request, "Their next sign-in takes over the entry that then has the name.")


@admin.register(DirectoryGroup)
class DirectoryGroupAdmin(ReadOnlyAdmin):
    """Groups that somebody here is in, or that give something."""

    list_display = ("dn",)
    fields = ("dn", "key")


@admin.register(DirectoryRenewal)
class DirectoryRenewalAdmin(ReadOnlyAdmin):
    """Looks at the whole directory."""

    list_display = ("at", "outcome", "people_count", "changed_count", "closed_count")
    fields = ("at", "outcome", "people_count", "changed_count", "closed_count", "sentences")


def _by(request: HttpRequest) -> User:
    """Return who is signed in; admin lets in nobody else."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
