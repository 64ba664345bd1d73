"""Columns that hold a key wrapped by another: what a rotation must find, all of it.

A rotation asks the models for these columns instead of keeping a list, so that a column added
later cannot be forgotten.
"""

from enum import StrEnum
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import F


class Wrapper(StrEnum):
    """Which key wraps what a column holds."""

    MASTER = "master"
    PROJECT = "project"


class WrappedKeyField(models.BinaryField):
    """A wrapped key. Saving a row that is there leaves the column as it is; only a query sets it.

    A row read before a rotation, or before a secret was destroyed, and saved after it would
    otherwise bring back what is gone. None is written: it destroys.
    """

    def __init__(self, *args: Any, by: Wrapper, **kwargs: Any) -> None:
        self.by = by
        kwargs["editable"] = False
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        """Say what the database needs to know: these are bytes."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.BinaryField", args, kwargs

    def clone(self) -> "WrappedKeyField":
        """Make another one like it; deconstruct() alone would forget who wraps."""
        _, _, args, kwargs = self.deconstruct()
        return type(self)(*args, **kwargs, by=self.by)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = super().pre_save(model_instance, add)
        return value if add or value is None else F(self.name)


def wrapped_columns(by: Wrapper) -> list[WrappedKeyField]:
    """Return the columns of all models that one kind of key wraps."""
    return [
        field
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, WrappedKeyField) and field.by == by
    ]
