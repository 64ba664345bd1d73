"""Rows that operations may look at in Django admin and never change there.

Every change goes through an action, which checks the right and writes the audit.
"""

from typing import Any, ClassVar

from django.contrib import admin
from django.db import models
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest


class ReadOnlyAdmin(admin.ModelAdmin):
    """A list and a page for each row; no way to add, change or delete.

    Subclasses name `fields`: what is not named, such as keys and encrypted columns, is neither
    shown nor asked for: the index of an identified column would answer whoever types a value.
    """

    fields: ClassVar[tuple[str, ...]] = ()
    actions: Any = None

    def get_readonly_fields(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> tuple[str, ...]:
        """Show everything as text."""
        return tuple(self.fields)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Narrow a list by its number and by what is shown alone."""
        named = (*self.fields, *self.list_display, *self.list_filter, "id", "pk")
        column = lookup.partition(LOOKUP_SEP)[0]
        return column in named and super().lookup_allowed(lookup, value, request)

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        """Nobody adds."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nobody changes."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nobody deletes."""
        return False
