"""Identified values at rest: an encrypted column, and a keyed blind index to look it up by.

    patient_id = EncryptedTextField()
    patient_id_index = BlindIndexField(of="patient_id")

    Study.objects.filter(patient_id_index="12345")

A value is sealed with AES-256-GCM under a fresh nonce and bound to its column, so that it cannot
be moved into another one. The index is an HMAC over the value without outer spaces and case: equal
values are found, and nobody without the key can try guesses.
"""

import hashlib
import hmac
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.exceptions import FieldError
from django.db import models

from projects.errors import KeyUnavailable
from projects.keyring import purpose_key

VERSION = b"\x01"
NONCE_BYTES = 12
INDEX_DIGITS = 32


def seal(value: str, column: str) -> bytes:
    """Encrypt a text for one column."""
    nonce = os.urandom(NONCE_BYTES)
    cipher = AESGCM(purpose_key("encrypted columns"))
    return VERSION + nonce + cipher.encrypt(nonce, value.encode(), column.encode())


def unseal(sealed: bytes, column: str) -> str:
    """Return the text. Raises KeyUnavailable if the key or the column is another one."""
    nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    cipher = AESGCM(purpose_key("encrypted columns"))
    try:
        return cipher.decrypt(nonce, body, column.encode()).decode()
    except InvalidTag as error:
        raise KeyUnavailable(f"{column} cannot be decrypted with this master key.") from error


def blind_index(value: str, kind: str) -> str:
    """Return 32 hexadecimal digits that stand for a value of one kind; empty for an empty value."""
    folded = " ".join(value.split()).casefold()
    if not folded:
        return ""
    key = purpose_key(f"blind index {kind}")
    return hmac.new(key, folded.encode(), hashlib.sha256).hexdigest()[:INDEX_DIGITS]


class EncryptedTextField(models.Field):
    """A text column that is encrypted in the database. It cannot be searched; index it blindly."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", "")
        kwargs.setdefault("blank", True)
        kwargs["editable"] = kwargs.get("editable", False)
        super().__init__(*args, **kwargs)

    @property
    def column_name(self) -> str:
        return f"{self.model._meta.label_lower}.{self.name}"

    def get_internal_type(self) -> str:
        return "BinaryField"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is None or value == "":
            return connection.Database.Binary(b"")
        return connection.Database.Binary(seal(str(value), self.column_name))

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str:
        return unseal(bytes(value), self.column_name) if value else ""

    def get_lookup(self, lookup_name: str) -> Any:
        raise FieldError(f"{self.name} is encrypted: look it up by its blind index.")


class Digest(str):
    """A blind index already computed, as opposed to a value still to be."""

    __slots__ = ()


class BlindIndexField(models.CharField):
    """The blind index of the encrypted field `of`. Filters take the plain value.

    `kind` is shared by columns that hold the same kind of value, so that a value of one table is
    found in another; it defaults to the name of the field.
    """

    def __init__(self, *args: Any, of: str = "", kind: str = "", **kwargs: Any) -> None:
        self.of = of
        self.kind = kind or of
        kwargs["max_length"] = INDEX_DIGITS
        kwargs["editable"] = False
        kwargs.setdefault("default", "")
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        for fixed in ("max_length", "editable"):
            kwargs.pop(fixed, None)
        return name, path, args, {**kwargs, "of": self.of, "kind": self.kind}

    def pre_save(self, model_instance: models.Model, add: bool) -> Digest:
        digest = Digest(blind_index(getattr(model_instance, self.of), self.kind))
        setattr(model_instance, self.attname, digest)
        return digest

    def get_prep_value(self, value: Any) -> Any:
        if value is None or isinstance(value, Digest):
            return value
        return Digest(blind_index(str(value), self.kind))

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return None if value is None else Digest(value)
