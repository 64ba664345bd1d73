"""Sending a folder of DICOM files, a batch at a time.

Files are told apart by a number alone: their own names, which often hold a patient's, stay here.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import uuid4

from rdma_client.wire import Parcel

MOST_FILES = 500
MOST_BYTES = 512 * 1024 * 1024
CHUNK = 1024 * 1024


def files_in(folder: Path) -> list[Path]:
    """Return the files of a folder, in order, without what is hidden; or the one file it is."""
    if folder.is_file():
        return [folder]
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def batches(paths: Iterable[Path]) -> Iterator[list[Path]]:
    """Part files into what goes in one request."""
    batch: list[Path] = []
    size = 0
    for path in paths:
        length = path.stat().st_size
        if batch and (len(batch) == MOST_FILES or size + length > MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(path)
        size += length
    if batch:
        yield batch


def as_form(paths: list[Path]) -> Parcel:
    """Return files as one form; they are read while they are sent. Source: RFC 7578."""
    boundary = uuid4().hex
    heads = [_head(boundary, number, path) for number, path in enumerate(paths, start=1)]
    sizes = [path.stat().st_size for path in paths]
    end = f"--{boundary}--\r\n".encode()

    def make() -> Iterator[bytes]:
        for head, path in zip(heads, paths, strict=True):
            yield head
            with path.open("rb") as file:
                while chunk := file.read(CHUNK):
                    yield chunk
            yield b"\r\n"
        yield end

    length = sum(map(len, heads)) + sum(sizes) + 2 * len(paths) + len(end)
    return Parcel(make, f"multipart/form-data; boundary={boundary}", length)


def _head(boundary: str, number: int, path: Path) -> bytes:
    ending = ".zip" if path.suffix.lower() == ".zip" else ".dcm"
    return (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="files"; filename="{number:06}{ending}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode()
