"""Talking HTTP with a destination that has a web interface beside its DICOM node."""

import base64
import urllib.error
import urllib.request
from pathlib import Path

from transfers.errors import Away, TransferError
from transfers.models import Destination

ANSWER_SECONDS = 60


def ask_web(
    destination: Destination,
    root: str,
    path: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    accept: str = "*/*",
) -> bytes | None:
    """Return what a destination answers at `path` below `root`; None where it has nothing (404).

    Raises Away if it does not answer, or answers with any other error.
    """
    address = root.rstrip("/") + path
    if not address.startswith(("http://", "https://")):
        raise TransferError(f"{destination.name} has no web address that starts with http.")
    request = urllib.request.Request(address, data=body, method=method)  # noqa: S310
    request.add_header("Accept", accept)
    if destination.web_credentials_file:
        secret = Path(destination.web_credentials_file).read_text().strip()
        token = base64.b64encode(secret.encode()).decode()
        request.add_header("Authorization", f"Basic {token}")
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return None
        raise Away(f"{destination.name} answered {error.code} over the web.") from error
    except OSError as error:
        raise Away(f"{destination.name} cannot be reached over the web.") from error
