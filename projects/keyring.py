"""Keys: the master key wraps data keys and project keys, a project key wraps its participants'.

Only wrapping keys ever change. What they wrap never does, or a late series would get other UIDs
than its study, and a blind index would find nothing (docs/adr/0006).

Wrapping is AES key wrap (RFC 3394); derivation is HKDF-SHA-256 (RFC 5869).
"""

import secrets
from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap,
    aes_key_wrap,
)
from django.conf import settings
from django.db import models

from projects.errors import KeyUnavailable

KEY_BYTES = 32
COLUMNS = "columns"


class DataKey(models.Model):
    """A key that protects data at rest, wrapped by the master key. Drawn by a migration."""

    name = models.CharField(max_length=32, unique=True)
    wrapped_key = models.BinaryField(editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "projects"

    def __str__(self) -> str:
        return self.name


def derive(key: bytes, purpose: str) -> bytes:
    """Return 32 bytes that belong to one purpose and say nothing about the key or each other."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose.encode()).derive(key)


def master_key() -> bytes:
    """Return the key that wraps, drawn from RDMA_MASTER_KEY."""
    return derive(settings.RDMA_MASTER_KEY.encode(), "rdma master wrapping key")


def master_key_id() -> str:
    """Return eight hexadecimal digits that name the master key without giving it away."""
    return derive(settings.RDMA_MASTER_KEY.encode(), "rdma master key name")[:4].hex()


def new_key() -> bytes:
    """Draw 32 random bytes."""
    return secrets.token_bytes(KEY_BYTES)


def wrap(key: bytes, by: bytes) -> bytes:
    """Return `key` wrapped `by` another."""
    return aes_key_wrap(by, key)


def unwrap(wrapped: bytes | memoryview | None, by: bytes) -> bytes:
    """Return the key inside. Raises KeyUnavailable if it was destroyed or `by` is not its key."""
    if not wrapped:
        raise KeyUnavailable("This key was destroyed; what it protected cannot be linked again.")
    try:
        return aes_key_unwrap(by, bytes(wrapped))
    except InvalidUnwrap as error:
        raise KeyUnavailable(
            "A key does not open with this master key. Set the RDMA_MASTER_KEY "
            "that this database was made with."
        ) from error


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
    return unwrap(row.wrapped_key, master_key())


@lru_cache(maxsize=64)
def purpose_key(purpose: str) -> bytes:
    """Return the key for one purpose, derived from the data key."""
    return derive(data_key(), purpose)


def forget() -> None:
    """Drop cached keys, after another database or master key was chosen."""
    data_key.cache_clear()
    purpose_key.cache_clear()
