"""Which key wraps what: counted by trying, because a wrapped key tells whether it opened.

AES key wrap checks itself (RFC 3394, section 2.2.3), so that no column has to say which key it is
under, and none can say it wrongly.
"""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from django.apps import apps
from django.conf import settings

from projects.encryption import EncryptedTextField
from projects.errors import KeyUnavailable
from projects.keyring import master_keys, unwrap, unwrap_by_master
from projects.keys.deriving import wrapping_key
from projects.models import Project
from projects.wrapped import WrappedKeyField, Wrapper, wrapped_columns


class Under(StrEnum):
    """What a wrapped value opens with."""

    MASTER = "this master key"
    PREVIOUS = "the previous master key"
    PROJECT = "its project's key"
    NOTHING = "none of them"


@dataclass(frozen=True)
class Column:
    """What is held in one column of wrapped keys; a destroyed key is not counted."""

    name: str
    under: Counter[Under]


def standing() -> list[Column]:
    """Return what every column of wrapped keys opens with, those of the master key first."""
    return [_standing(column, _under_master) for column in wrapped_columns(Wrapper.MASTER)] + [
        _standing(column, _under_project) for column in wrapped_columns(Wrapper.PROJECT)
    ]


def column_name(field: WrappedKeyField | EncryptedTextField) -> str:
    """Return the name of a column for a sentence: its model and its own."""
    return f"{field.model._meta.label}.{field.name}"


def rows_of(field: WrappedKeyField, **narrowing: Any) -> Any:
    """Return (primary key, wrapped value) of a column where a key was not destroyed."""
    rows = field.model._base_manager.filter(**narrowing).exclude(**{field.name: None})
    return rows.exclude(**{field.name: b""}).order_by("pk")


def unreadable_columns() -> list[str]:
    """Return the encrypted columns whose oldest or newest value cannot be read."""
    unreadable = []
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, EncryptedTextField) and not _is_readable(field):
                unreadable.append(column_name(field))
    return unreadable


def _is_readable(field: EncryptedTextField) -> bool:
    values = field.model._base_manager.values_list(field.name, flat=True)
    try:
        _ = values.order_by("pk").first(), values.order_by("-pk").first()
    except KeyUnavailable:
        return False
    return True


def _standing(field: WrappedKeyField, under: Any) -> Column:
    return Column(column_name(field), Counter(under(field)))


def _under_master(field: WrappedKeyField) -> Any:
    for wrapped in rows_of(field).values_list(field.name, flat=True).iterator():
        found = Under.NOTHING
        for master in master_keys():
            if _opens(wrapped, wrapping_key(master)):
                found = Under.MASTER if master == settings.RDMA_MASTER_KEY else Under.PREVIOUS
                break
        yield found


def _under_project(field: WrappedKeyField) -> Any:
    @cache
    def key_of(project: int) -> bytes | None:
        try:
            return unwrap_by_master(Project.objects.get(pk=project).wrapped_key)
        except KeyUnavailable:
            return None

    for project, wrapped in rows_of(field).values_list("project", field.name).iterator():
        key = key_of(project)
        yield Under.PROJECT if key and _opens(wrapped, key) else Under.NOTHING


def _opens(wrapped: bytes | memoryview, by: bytes) -> bool:
    try:
        unwrap(wrapped, by)
    except KeyUnavailable:
        return False
    return True
