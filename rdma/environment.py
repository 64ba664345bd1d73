"""Settings readers: each stops with a sentence on a value it cannot use.

Every name can also be given as NAME_FILE, a path to a file that holds the value, so that
secrets need not stand in the environment.
"""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from projects.auditing.syslog import LogServer

USUAL_PORTS = {"udp": 514, "tcp": 601, "tls": 6514}


def env(name: str, default: str | None = None) -> str:
    """Return the value of NAME, or the content of the file that NAME_FILE points to."""
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text().strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error.strerror}.") from error
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"Set {name} (see .env.example).")
    return value


def env_int(name: str, default: int) -> int:
    """Return NAME as a whole number; what is set to nothing is not set."""
    value = env(name, "") or str(default)
    try:
        return int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number.") from error


def env_bool(name: str, *, default: bool) -> bool:
    """Return NAME as yes or no; nothing is not set, and any other word stops the start."""
    value = env(name, "").lower() or ("yes" if default else "no")
    if value in {"1", "yes", "true", "on"}:
        return True
    if value in {"0", "no", "false", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be yes or no.")


def env_list(name: str, default: str) -> list[str]:
    """Return NAME, separated by commas, as a list without empty members."""
    return [part.strip() for part in env(name, default).split(",") if part.strip()]


def env_log_server(name: str) -> LogServer | None:
    """Return NAME as a log server: udp://host:514, tcp://host:601, tls://host:6514, unix:/path."""
    value = env(name, "")
    if not value:
        return None
    if value.startswith("unix:/"):
        return LogServer("unix", value.removeprefix("unix:").replace("//", "/"), 0)
    parts = urlsplit(value)
    try:
        port = parts.port or USUAL_PORTS.get(parts.scheme)
    except ValueError:
        port = None
    if parts.hostname is None or port is None or parts.scheme not in USUAL_PORTS:
        raise ImproperlyConfigured(
            f"{name} must be udp://host:port, tcp://host:port, tls://host:port or unix:/path."
        )
    return LogServer(parts.scheme, parts.hostname, port)


def drawn_once(name: str, folder: Path) -> str:
    """Return NAME; with none set, a secret drawn once and kept in the data folder (mode 0600).

    That is for one person on one machine. With a database of their own, keys must be set: a key
    that lies beside the data it protects protects nothing.
    """
    if name in os.environ or f"{name}_FILE" in os.environ:
        return env(name)
    path = folder / "keys" / name.lower()
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
        try:
            os.link(beside, path)  # the first of several processes wins; the others read its key
        except FileExistsError:
            pass
        finally:
            beside.unlink()
    return path.read_text().strip()
