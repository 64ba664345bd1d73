"""The files of a check: a folder of their own, which nothing else in the house ever reads.

No part of a path comes from a browser: files get names that are drawn here, and what they were
called is noted beside them.
"""

import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

from projects.storage import storage

NAMES = "names.jsonl"
CONTENT = ".bin"


def folder_of(token: UUID) -> Path:
    """Return where the files of one check lie."""
    return checks_folder() / token.hex


def checks_folder() -> Path:
    """Return the folder of all checks."""
    folder = storage().root / "checks"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def write_file(token: UUID, pieces: Iterable[bytes], name: str) -> int:
    """Write one file and note what it is called; return its size. Raises OSError.

    A file whose writing broke off is not one of the check's: it has no name.
    """
    folder = folder_of(token)
    folder.mkdir(mode=0o700, exist_ok=True)
    stem = uuid4().hex
    path = folder / f"{stem}{CONTENT}"
    size = 0
    try:
        with path.open("wb") as file:
            for piece in pieces:
                size += file.write(piece)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    with (folder / NAMES).open("a") as names:
        names.write(json.dumps([stem, name]) + "\n")
    return size


def files_of(token: UUID) -> Iterator[tuple[Path, str]]:
    """Yield each file with what it is called, in the order in which they came."""
    folder = folder_of(token)
    if not (folder / NAMES).is_file():
        return
    with (folder / NAMES).open() as lines:
        for line in lines:
            try:
                stem, name = json.loads(line)
            except ValueError:
                continue  # the last line of a process that was killed while it wrote
            if (path := folder / f"{stem}{CONTENT}").is_file():
                yield path, name


def delete_files(token: UUID) -> None:
    """Delete all files of a check; those that are gone already are no error."""
    shutil.rmtree(folder_of(token), ignore_errors=True)


def tokens_on_disk() -> Iterator[UUID]:
    """Yield the token of every check that has a folder."""
    for folder in checks_folder().iterdir():
        try:
            yield UUID(folder.name)
        except ValueError:
            continue
