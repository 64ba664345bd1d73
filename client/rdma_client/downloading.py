"""Fetching a package: from where it broke off, and kept only if its sum is right.

The bytes that have come lie beside the target under a name that holds the sum that they should
get, so that what belongs to another package is never continued.
"""

import hashlib
import http.client
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from rdma_client.errors import CameOtherwise, Damaged, PortalError, Unreachable
from rdma_client.wire import Wire

CHUNK = 1024 * 1024
IDLE_ATTEMPTS = 6


def fetch(
    wire: Wire,
    package: dict[str, Any],
    target: Path,
    *,
    resume: bool,
    told: Callable[[int, int], None] = lambda done, size: None,
) -> Path:
    """Fetch a ready package and return where it lies.

    Args:
        package: as the portal tells it, with id, size, sha256 and file_name.
        target: a file, or a folder in which the file gets the portal's name.
        resume: go on with what an earlier call has left, instead of anew.
        told: called with the bytes that are here and those that will be.

    Raises CameOtherwise, Damaged, Refused and Unreachable.
    """
    if package.get("state") != "ready":
        raise CameOtherwise(f"The package is {package.get('state')}: there is nothing to download.")
    path = target / _own_name(package) if target.is_dir() else target
    size, sum_of_it = int(package["size"]), str(package["sha256"])
    if path.exists():
        if _sum(path) == sum_of_it:
            return path
        raise PortalError(f"{path} is there already and is something else.")
    part = path.with_name(f".{path.name}.{sum_of_it[:16]}.part")
    if not resume:
        part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        _fill(wire, int(package["id"]), file, size, told)
        file.flush()
        os.fsync(file.fileno())
    if part.stat().st_size != size or _sum(part) != sum_of_it:
        part.unlink()
        raise Damaged("What arrived has another sum than the portal says; it was deleted.")
    part.replace(path)
    return path


def _fill(
    wire: Wire, number: int, file: BinaryIO, size: int, told: Callable[[int, int], None]
) -> None:
    """Ask for what is missing until it is here; give up when several attempts bring nothing."""
    idle = 0
    while (here := file.seek(0, os.SEEK_END)) < size:
        headers = {"Range": f"bytes={here}-"} if here else {}
        with wire.opened("GET", f"/api/v1/exports/{number}/download/", headers=headers) as answer:
            if here and answer.status != 206:
                file.seek(0)
                file.truncate()
            try:
                while chunk := answer.read(CHUNK):
                    file.write(chunk)
                    told(file.tell(), size)
            except (http.client.HTTPException, OSError) as error:
                file.write(getattr(error, "partial", b""))
        idle = 0 if file.tell() > here else idle + 1
        if idle == IDLE_ATTEMPTS:
            raise Unreachable("The download broke off again and again; --resume goes on with it.")


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _own_name(package: dict[str, Any]) -> str:
    """Return the portal's name for the file, never a path."""
    name = Path(str(package["file_name"]).replace("\\", "/")).name.lstrip(".")
    return name or f"package-{int(package['id'])}.zip"
