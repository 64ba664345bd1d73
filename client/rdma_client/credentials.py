"""Where the portal is, and who asks: from the environment, or from files that nobody else reads.

RDMA_URL and RDMA_TOKEN, or RDMA_TOKEN_FILE, or `rdma/token` in the folder of configurations
(XDG_CONFIG_HOME, else ~/.config). A token on the command line would stand in the list of processes
and in the history of the shell, so there is no option for it.
"""

import os
import stat
from pathlib import Path
from urllib.parse import urlsplit

from rdma_client.errors import NotSetUp

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def portal_address(said: str = "") -> str:
    """Return the portal's address without a slash at its end. Raises NotSetUp.

    A token is not sent in the clear: anything but this machine itself has to be reached by https.
    """
    address = (said or os.environ.get("RDMA_URL", "")).strip().rstrip("/")
    if not address:
        raise NotSetUp("Say where the portal is: set RDMA_URL, or give --url.")
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query:
        raise NotSetUp("The portal's address is of the form https://portal.example.")
    if parts.username or parts.password:
        raise NotSetUp("The portal's address holds no name or password: a token says who asks.")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise NotSetUp("A token would go in the clear: use https for the portal's address.")
    return address


def token() -> str:
    """Return the token of whoever asks. Raises NotSetUp."""
    if said := os.environ.get("RDMA_TOKEN", "").strip():
        return said
    named = os.environ.get("RDMA_TOKEN_FILE", "")
    path = Path(named).expanduser() if named else _usual_place()
    try:
        mode = path.stat().st_mode
        kept = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise NotSetUp(
            f"There is no token: set RDMA_TOKEN, or write one into {path} (mode 0600). "
            "You make tokens in the portal, under your name."
        ) from error
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise NotSetUp(f"Others can read {path}, which holds your token: chmod 600 it.")
    if not kept:
        raise NotSetUp(f"{path} is empty: write a token into it.")
    return kept


def _usual_place() -> Path:
    folder = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(folder).expanduser() / "rdma" / "token"
