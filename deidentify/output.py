"""Writing an output: what was made anew from memory, what stays block by block from the source.

It is written beside its place and renamed, so that nobody ever meets half a file.
"""

import hashlib
import os
from pathlib import Path

from deidentify.errors import Refused
from deidentify.pixel_data import Chunk, Masked

COPY = 256 * 1024  # stays in the processor's cache: faster than leaving it to the kernel
_blocks: list[memoryview] = []  # to read into: fresh memory for each file costs as much as copying
MOST_JOINED = 8192  # chunks that are written at once; more would stand in memory twice


def length_of(chunks: list[Chunk]) -> int:
    """How many bytes the chunks make."""
    return sum(len(c) if isinstance(c, bytes) else c[1] - c[0] for c in chunks)


def write_chunks(
    descriptor: int, target: Path | str, chunks: list[Chunk], *, digest: bool
) -> tuple[int, str]:
    """Write the chunks beside `target` and rename; return length and SHA-256."""
    place = os.fspath(target)
    part = place + ".part"
    hasher = hashlib.sha256() if digest else None
    output = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
    try:
        try:
            length = _put(descriptor, output, chunks, hasher)
        finally:
            os.close(output)
        os.replace(part, place)  # noqa: PTH105 - once for each file
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
    return length, hasher.hexdigest() if hasher else ""


def _put(descriptor: int, output: int, chunks: list[Chunk], hasher: "hashlib._Hash | None") -> int:
    length = 0
    waiting: list[bytes] = []
    for chunk in chunks:
        if isinstance(chunk, bytes):
            waiting.append(chunk)
            if len(waiting) == MOST_JOINED:
                length += _put_bytes(output, waiting, hasher)
                waiting = []
            continue
        length += _put_bytes(output, waiting, hasher)
        waiting = []
        _copy(descriptor, output, chunk, hasher)
        length += chunk[1] - chunk[0]
    return length + _put_bytes(output, waiting, hasher)


def _put_bytes(output: int, waiting: list[bytes], hasher: "hashlib._Hash | None") -> int:
    block = b"".join(waiting)
    _put_block(output, block, hasher)
    return len(block)


def _put_block(output: int, block: bytes | memoryview, hasher: "hashlib._Hash | None") -> None:
    if hasher:
        hasher.update(block)
    count = os.write(output, block) if block else 0
    while count < len(block):
        count += os.write(output, memoryview(block)[count:])


def _copy(
    descriptor: int,
    output: int,
    chunk: tuple[int, int] | Masked,
    hasher: "hashlib._Hash | None",
) -> None:
    """Copy a range of the source, block by block."""
    start, end = chunk[0], chunk[1]
    try:
        block = _blocks.pop()
    except IndexError:  # none is free, in this thread or another
        block = memoryview(bytearray(COPY))
    try:
        while start < end:
            count = os.preadv(descriptor, [block[: end - start]], start)
            if not count:
                raise Refused("truncated")
            start += count
            read = block[:count]
            _put_block(output, chunk.apply(read) if isinstance(chunk, Masked) else read, hasher)
    finally:
        _blocks.append(block)
