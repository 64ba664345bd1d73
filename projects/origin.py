"""Where what happens comes from: a page, REST with which token, a task or a command; which address.

Middleware, tasks and commands say it when they begin; whatever writes the audit while they run
reads it here, so that no action has to hand it on. A door is a closed word, with a name after a
colon where there are many: `page`, `rest`, `dicomweb`, `admin`, `task:transfers.tasks.advance`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

PROGRAM = "program"
DOOR_LENGTH = 60


@dataclass
class Origin:
    """Where one request, task or command comes from."""

    door: str = PROGRAM
    address: str = ""  # of the person's machine; empty for what nobody asks for from outside
    token: int | None = None
    wrote: bool = False  # whether an audit event was written under it


_current: ContextVar[Origin | None] = ContextVar("origin", default=None)
_of_process = Origin()


def origin() -> Origin:
    """Return where what happens now comes from; the process's own origin if nobody said."""
    return _current.get() or _of_process


@contextmanager
def coming_from(door: str, *, address: str = "") -> Iterator[Origin]:
    """Say where everything inside the block comes from."""
    one = Origin(door[:DOOR_LENGTH], address)
    before = _current.set(one)
    try:
        yield one
    finally:
        _current.reset(before)


def come_by_token(token: int) -> None:
    """Say that the request that runs now was let in by a token, by its number."""
    origin().token = token


def process_is(door: str) -> None:
    """Say what this process is, for everything that no request and no task does in it."""
    _of_process.door = door[:DOOR_LENGTH]
