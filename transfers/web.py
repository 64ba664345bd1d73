"""Talking HTTP with a destination that has a web interface beside its DICOM node."""

import base64
from contextlib import closing
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from projects.outgoing import HostRefused, connect_web
from transfers.errors import Away, TransferError
from transfers.models import Destination

ANSWER_SECONDS = 60
MOST_BYTES = 64 * 1024**2
"""A page of a list takes some hundred kB; who answers more is not believed."""


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

    Raises Away if it does not answer, answers with any other error or with a redirect, or stands on
    a host that operations have not named.
    """
    at = urlsplit(root)
    headers = {"Accept": accept, "Connection": "close"} | _credentials(destination)
    try:
        line = connect_web(
            at,
            allowed=settings.DESTINATION_HOSTS,
            setting="RDMA_DESTINATION_HOSTS",
            seconds=ANSWER_SECONDS,
        )
        with closing(line):
            line.request(method, at.path.rstrip("/") + path, body=body, headers=headers)
            answer = line.getresponse()
            content = answer.read(MOST_BYTES + 1)
    except HostRefused as error:
        raise Away(f"{destination.name}: {error}") from error
    except (OSError, HTTPException) as error:
        raise Away(f"{destination.name} cannot be reached over the web.") from error
    if answer.status == 404:
        return None
    if not 200 <= answer.status < 300:
        raise Away(f"{destination.name} answered {answer.status} over the web.")
    if len(content) > MOST_BYTES:
        raise Away(f"{destination.name} answered more than anybody can use over the web.")
    return content


def _credentials(destination: Destination) -> dict[str, str]:
    """Return the header of who we are, read from a file of the folder for credentials."""
    if not destination.web_credentials_file:
        return {}
    folder = settings.CREDENTIALS_DIR.resolve()
    path = Path(destination.web_credentials_file).resolve()
    if not path.is_relative_to(folder):
        raise TransferError(
            f"The credentials of {destination.name} lie outside of the folder for them "
            "(RDMA_CREDENTIALS_DIR)."
        )
    try:
        secret = path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Away(f"The credentials of {destination.name} cannot be read.") from error
    return {"Authorization": f"Basic {base64.b64encode(secret.encode()).decode()}"}
