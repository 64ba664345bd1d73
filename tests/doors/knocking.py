"""Asking for one address as one person, and seeing what of it stayed.

Whatever a request wrote is noted and rolled back, and what it did to files is undone, so that the
next one finds everything as it was.
"""

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from celery import Task
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

WRITING = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)
# What every request may leave: its session, that it was counted, and that somebody looked.
ALWAYS = re.compile(r"django_session|projects_audit\w*|projects_requestcount")
SAFE = ("GET", "HEAD", "OPTIONS")


@dataclass
class Answer:
    """What came back, and what the request wrote, rang for, and did to files."""

    response: Any
    wrote: set[str] = field(default_factory=set)
    rang: list[str] = field(default_factory=list)
    touched: set[Path] = field(default_factory=set)
    text: str = ""

    @property
    def status(self) -> int:
        """The HTTP status."""
        status: int = self.response.status_code
        return status

    @property
    def is_sign_in(self) -> bool:
        """Whether it was sent to a page for signing in, or for handing over a link's token."""
        location = self.response.headers.get("Location", "").partition("?")[0]
        is_link = location.startswith(reverse("export-get"))
        return self.status == 302 and (
            is_link or location in (reverse("sign-in"), reverse("admin:login"))
        )

    @property
    def is_refused(self) -> bool:
        """Whether the door stayed shut."""
        return self.status in (401, 403, 404) or self.is_sign_in

    @property
    def left(self) -> str:
        """Say what it left behind; "" if nothing."""
        parts = [f"wrote {name}" for name in sorted(self.wrote)]
        parts += [f"rang {name}" for name in self.rang]
        return ", ".join([*parts, *(f"touched {path}" for path in sorted(self.touched))])


@dataclass(frozen=True)
class House:
    """The data folder with a copy of itself, to mend what a request did to it."""

    folder: Path
    backup: Path

    def files(self) -> dict[Path, int]:
        """Return every file with its size."""
        found = (path for path in self.folder.rglob("*") if path.is_file())
        return {path.relative_to(self.folder): path.stat().st_size for path in found}

    def mend(self, touched: set[Path]) -> None:
        """Put files back as they were."""
        for path in touched:
            (self.folder / path).unlink(missing_ok=True)
            if (self.backup / path).exists():
                (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(self.backup / path, self.folder / path)


def knock(
    house: House,
    client: Client,
    method: str,
    path: str,
    body: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Ask for an address; REST gets its body as JSON, pages as a form."""
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    with watching(house) as answer:
        how = {} if method in SAFE else _sent(method, path, dict(body or {}))
        answer.response = getattr(client, method.lower())(path, **how, headers=dict(headers or {}))
        answer.text = _read(answer.response)
    client.cookies.clear()
    for name, value in cookies.items():
        client.cookies[name] = value
    return answer


@contextmanager
def watching(house: House) -> Iterator[Answer]:
    """Note what happens inside, and undo it."""
    before = house.files()
    with transaction.atomic(), _watched() as (wrote, rang):
        answer = Answer(None, wrote, rang)
        yield answer
        transaction.set_rollback(True)
    answer.touched = {path for path, _ in before.items() ^ house.files().items()}
    house.mend(answer.touched)
    cache.clear()


def _sent(method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Return how a body goes: files make it a form anywhere."""
    for name, value in body.items():
        if isinstance(value, bytes):
            body[name] = SimpleUploadedFile("scan.json", value)
    has_file = any(isinstance(value, SimpleUploadedFile) for value in body.values())
    if path.startswith("/api/") and not has_file:
        return {"data": body, "content_type": "application/json"}
    if method != "POST":
        return {"data": "", "content_type": "application/x-www-form-urlencoded"}
    return {"data": body}


def _read(response: Any) -> str:
    """Return the body as text, streamed or not; reading it is part of the request."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return str(body.decode("utf-8", errors="replace"))


@contextmanager
def _watched() -> Iterator[tuple[set[str], list[str]]]:
    """Note which tables are written to, and which tasks are rung for."""
    wrote: set[str] = set()
    rang: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        found = WRITING.match(sql)
        if found and context["cursor"].rowcount != 0 and not ALWAYS.fullmatch(found[1]):
            wrote.add(found[1])
        return result

    def ring(task: Task, *_: Any, **__: Any) -> None:
        rang.append(task.name)

    with connection.execute_wrapper(note), patch.object(Task, "apply_async", ring):
        yield wrote, rang
