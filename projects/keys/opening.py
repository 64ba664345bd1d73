"""What a project's key wraps: wrapped and opened so that a change of that key harms nobody.

Whoever wraps holds the project's row until the end of the transaction, so that the key cannot be
changed between wrapping and saving. Whoever opens and fails looks once more: the row and its
project may have been read before and after a change.
"""

from typing import Any

from django.db import models

from projects.errors import KeyUnavailable
from projects.keyring import unwrap, wrap


def wrap_by_project(key: bytes, project: Any) -> bytes:
    """Return `key` wrapped by the project's; inside the transaction that saves it.

    Raises KeyUnavailable, and TransactionManagementError outside a transaction.
    """
    held = type(project)._base_manager.select_for_update(no_key=True).get(pk=project.pk)
    return wrap(key, held.key)


def open_by_project(row: Any, column: str = "wrapped_secret") -> bytes:
    """Return the key that a row of a project holds. Raises KeyUnavailable, also once destroyed."""
    try:
        return unwrap(getattr(row, column), row.project.key)
    except KeyUnavailable:
        model: type[models.Model] = type(row)
        fresh: Any = model._base_manager.select_related("project").filter(pk=row.pk).first()
        if fresh is None:
            raise
        return unwrap(getattr(fresh, column), fresh.project.key)
