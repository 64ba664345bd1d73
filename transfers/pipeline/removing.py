"""Asking a destination to delete, and reading back whether it did."""

import json

from django.db.models.functions import Now

from transfers.errors import TransferError
from transfers.models import Destination, LedgerEntry
from transfers.web import ask_web


def remove_instances(destination: Destination, entries: list[LedgerEntry]) -> None:
    """Delete instances at a destination and note it once it confirms that they are gone.

    Raises Away if it does not answer, TransferError if it answers and still has them.
    """
    for entry in entries:
        for identifier in _lookup(destination, entry.sop_instance_uid):
            _ask(destination, "DELETE", f"/instances/{identifier}")
        if _lookup(destination, entry.sop_instance_uid):
            raise TransferError(f"{destination.name} still has an instance it was asked to delete.")
        LedgerEntry.objects.filter(pk=entry.pk).update(withdrawn_at=Now())


def _lookup(destination: Destination, sop_instance_uid: str) -> list[str]:
    """Return the destination's own names of an instance (Orthanc: POST /tools/lookup)."""
    answer = _ask(destination, "POST", "/tools/lookup", sop_instance_uid.encode())
    rows = json.loads(answer or b"[]")
    return [row["ID"] for row in rows if row.get("Type") == "Instance"]


def _ask(destination: Destination, method: str, path: str, body: bytes | None = None) -> bytes:
    """Ask below the destination's web address; what is gone already answers nothing."""
    return ask_web(destination, destination.web_url, path, method=method, body=body) or b""
