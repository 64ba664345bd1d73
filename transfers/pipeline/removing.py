"""Asking a destination to delete, and reading back whether it did."""

import base64
import json
import urllib.error
import urllib.request
from pathlib import Path

from django.db.models.functions import Now

from transfers.errors import Away, TransferError
from transfers.models import Destination, LedgerEntry

ANSWER_SECONDS = 60


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
    address = destination.web_url.rstrip("/") + path
    if not address.startswith(("http://", "https://")):
        raise TransferError(f"{destination.name} has no web address that starts with http.")
    request = urllib.request.Request(address, data=body, method=method)  # noqa: S310
    if destination.web_credentials_file:
        secret = Path(destination.web_credentials_file).read_text().strip()
        token = base64.b64encode(secret.encode()).decode()
        request.add_header("Authorization", f"Basic {token}")
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        if error.code == 404:  # it is gone already
            return b""
        raise Away(f"{destination.name} answered {error.code} when asked to delete.") from error
    except OSError as error:
        raise Away(f"{destination.name} cannot be reached to delete.") from error
