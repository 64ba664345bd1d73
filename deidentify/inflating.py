"""Deflated data sets, inflated piece by piece into a file that can be read as it stands.

Source: DICOM PS3.5 Annex A.5; zlib without header, RFC 1951.
"""

import zlib
from pathlib import Path
from typing import BinaryIO

from deidentify.errors import Refused
from deidentify.file_meta import DEFLATED, MOST_META, read_meta, write_meta

PIECE = 1024 * 1024
MOST_BYTES = 2 * 1024**3


def inflate(source: Path, scratch: Path) -> bool:
    """Write `source` to `scratch` inflated; say False, and write nothing, if it is not deflated.

    Raises:
        Refused: what is deflated is damaged, or larger than any real object.
    """
    with source.open("rb") as file:
        try:
            meta = read_meta(file.read(MOST_META))
        except Refused:
            return False
        syntax = DEFLATED.get(meta.transfer_syntax_uid)
        if syntax is None:
            return False
        file.seek(meta.end)
        with scratch.open("wb") as output:
            output.write(write_meta(meta.sop_class_uid, meta.sop_instance_uid, syntax))
            try:
                _inflate(file, output)
            except zlib.error as error:
                raise Refused("unreadable") from error
    return True


def _inflate(file: BinaryIO, output: BinaryIO) -> None:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    rest, written = b"", 0
    while not inflater.eof:
        rest = rest or file.read(PIECE)
        if not rest:
            raise Refused("truncated")
        written += output.write(inflater.decompress(rest, PIECE))
        rest = inflater.unconsumed_tail
        if written > MOST_BYTES:
            raise Refused("too-large")
