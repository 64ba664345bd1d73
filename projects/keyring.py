"""Keys: the master key wraps data keys and project keys, a project key wraps its participants'.

Only wrapping keys ever change. What they wrap never does, or a late series would get other UIDs
than its study, and a blind index would find nothing (docs/adr/0006).

Wrapping is AES key wrap (RFC 3394).
"""

import secrets
from contextlib import suppress
from functools import lru_cache

from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap,
    aes_key_wrap,
)
from django.conf import settings
from django.db import models

from projects.errors import KeyUnavailable
from projects.keys.deriving import KEY_BYTES, derive, key_id, wrapping_key
from projects.wrapped import WrappedKeyField, Wrapper

COLUMNS = "columns"
DESTROYED = "This key was destroyed; what it protected cannot be linked again."
OPENS_NOT = (
    "A key does not open with this master key. Set the RDMA_MASTER_KEY "
    "that this database was made with."
)


class DataKey(models.Model):
    """A key that protects data at rest, wrapped by the master key. Drawn by a migration."""

    name = models.CharField(max_length=32, unique=True)
    wrapped_key = WrappedKeyField(by=Wrapper.MASTER)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "projects"

    def __str__(self) -> str:
        return self.name


def master_key() -> bytes:
    """Return the key that wraps, drawn from RDMA_MASTER_KEY."""
    return wrapping_key(settings.RDMA_MASTER_KEY)


def master_keys() -> list[str]:
    """Return the master keys that this process was given: its own, and the one before it.

    Both are given while one takes the other's place (docs/operations.md, "Another master key").
    """
    return [key for key in (settings.RDMA_MASTER_KEY, settings.RDMA_MASTER_KEY_PREVIOUS) if key]


def key_in_force(*, to_write: bool = False) -> str:
    """Return the master key that wraps what this database holds; the new one if it holds nothing.

    While machines are moved over, those that have both keys already must not write what those
    that have the old one alone cannot read: the database says which key it is. Who asks in order
    `to_write`, inside a transaction, locks out whoever would change it until that ends.
    """
    row = DataKey.objects.filter(name=COLUMNS)
    drawn = (row.select_for_update(no_key=True) if to_write else row).first()
    return settings.RDMA_MASTER_KEY if drawn is None else _opens(drawn.wrapped_key)[0]


def master_key_id() -> str:
    """Return the name of the master key in force."""
    return key_id(key_in_force())


def new_key() -> bytes:
    """Draw 32 random bytes."""
    return secrets.token_bytes(KEY_BYTES)


def wrap(key: bytes, by: bytes) -> bytes:
    """Return `key` wrapped `by` another."""
    return aes_key_wrap(by, key)


def unwrap(wrapped: bytes | memoryview | None, by: bytes) -> bytes:
    """Return the key inside. Raises KeyUnavailable if it was destroyed or `by` is not its key."""
    if not wrapped:
        raise KeyUnavailable(DESTROYED)
    try:
        return aes_key_unwrap(by, bytes(wrapped))
    except InvalidUnwrap as error:
        raise KeyUnavailable(OPENS_NOT) from error


def wrap_by_master(key: bytes) -> bytes:
    """Return `key` wrapped by the master key in force; inside the transaction that saves it."""
    return wrap(key, wrapping_key(key_in_force(to_write=True)))


def unwrap_by_master(wrapped: bytes | memoryview | None) -> bytes:
    """Return the key inside, whichever of the master keys wraps it. Raises KeyUnavailable."""
    return _opens(wrapped)[1]


def _opens(wrapped: bytes | memoryview | None) -> tuple[str, bytes]:
    """Return which master key opens this, and what is inside. Raises KeyUnavailable."""
    for master in master_keys():
        with suppress(InvalidUnwrap):
            return master, aes_key_unwrap(wrapping_key(master), bytes(wrapped or b""))
    raise KeyUnavailable(OPENS_NOT if wrapped else DESTROYED)


def draw_data_key(model: type[models.Model] = DataKey, name: str = COLUMNS) -> None:
    """Draw a data key if there is none yet (`model` may be a migration's historical one)."""
    model._default_manager.get_or_create(
        name=name, defaults={"wrapped_key": wrap(new_key(), master_key())}
    )


@lru_cache(maxsize=8)
def data_key(name: str = COLUMNS) -> bytes:
    """Return a data key. Raises KeyUnavailable if the database has none: it never draws one here,

    because a key drawn inside a transaction that is rolled back would be lost with what it wrote.
    """
    row = DataKey.objects.filter(name=name).first()
    if row is None:
        raise KeyUnavailable("The database has no data key. Run `manage.py migrate`.")
    return unwrap_by_master(row.wrapped_key)


@lru_cache(maxsize=64)
def purpose_key(purpose: str) -> bytes:
    """Return the key for one purpose, derived from the data key."""
    return derive(data_key(), purpose)


def forget() -> None:
    """Drop cached keys, after another database or master key was chosen."""
    data_key.cache_clear()
    purpose_key.cache_clear()
