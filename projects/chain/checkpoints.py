"""Checkpoints: each seal's digest outside of the database, where its administrator has no hand.

One file a day in the data folder, a line for each seal. Whoever rewrites the chain as a whole
would have to rewrite these too, and every copy that was taken elsewhere.
"""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from projects.chain.links import moment
from projects.models import AuditSeal

LINE = re.compile(r"seal (\d+) ([0-9a-f]{64}) through event (\d+) at (\S+)")
DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Checkpoint:
    """A seal as it was said to be; `number` is None where only its digest is known."""

    digest: str
    number: int | None
    source: str


def folder() -> Path:
    """Return where checkpoints are written."""
    return Path(settings.RDMA_DATA_DIR) / "checkpoints"


def line(seal: AuditSeal) -> str:
    """Return a seal's checkpoint as text."""
    return (
        f"seal {seal.number} {seal.digest} through event {seal.last_event} "
        f"at {moment(seal.sealed_at)}"
    )


def write_checkpoint(seal: AuditSeal) -> None:
    """Add a seal to the file of its day; whole lines only, whoever else writes."""
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder() / f"{timezone.localdate(seal.sealed_at):%Y-%m-%d}.txt"
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, f"{line(seal)}\n".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def kept() -> Iterator[Checkpoint]:
    """Yield every checkpoint of the data folder, the oldest first."""
    for path in sorted(folder().glob("*.txt")):
        yield from read(path)


def read(path: Path) -> Iterator[Checkpoint]:
    """Yield the checkpoints of one file. Raises ValueError for a line that is none."""
    with path.open() as lines:
        for number, text in enumerate(lines, start=1):
            if not text.strip():
                continue
            found = LINE.fullmatch(text.strip())
            if found is None:
                raise ValueError(f"Line {number} of {path.name} is no checkpoint.")
            yield Checkpoint(found[2], int(found[1]), path.name)


def asked(text: str) -> Iterable[Checkpoint]:
    """Return the checkpoints that somebody names: a digest, or a file of them.

    Raises ValueError for what is neither.
    """
    if DIGEST.fullmatch(text.strip().lower()):
        return [Checkpoint(text.strip().lower(), None, "the digest that was given")]
    path = Path(text)
    if not path.is_file():
        raise ValueError("A checkpoint is 64 hexadecimal digits, or a file of checkpoints.")
    return read(path)
