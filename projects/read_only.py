"""Rows that operations may look at in Django admin and never change there.

Every change goes through an action, which checks the right and writes the audit.
"""

from typing import Any, ClassVar

from django.contrib import admin
from django.db import models
from django.http import HttpRequest


class ReadOnlyAdmin(admin.ModelAdmin):
    """A list and a page for each row; no way to add, change or delete.

    Subclasses name `fields`: what is not named, such as keys and encrypted columns, is not shown.
    """

    fields: ClassVar[tuple[str, ...]] = ()
    actions: Any = None

    def get_readonly_fields(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> tuple[str, ...]:
        """Show everything as text."""
        return tuple(self.fields)

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        """Nobody adds."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nobody changes."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nobody deletes."""
        return False
