"""The texts in a NIfTI header: emptied but for what tells of the image alone.

dcm2niix writes the time of day of the acquisition into `descrip`, and comments and names of the
sequence into the fields beside it. All of them are text for people: no program reads geometry,
timing or voxels from them.

Source: nifti1.h and nifti2.h (NIfTI DFWG): the offsets and lengths of the text fields.
"""

import gzip
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

HEAD_1, HEAD_2 = 348, 540
DESCRIP_1, DESCRIP_2 = (148, 80), (240, 80)
OTHER_TEXTS_1 = ((4, 10), (14, 18), (228, 24), (328, 16))  # data_type, db_name, aux_file, intent
OTHER_TEXTS_2 = ((320, 24), (508, 16))  # aux_file, intent_name
# TE and TI in milliseconds, which echo, phase or multiband: of the image, not of the examination.
OF_THE_IMAGE = re.compile(rb"(TE|TI|TR|phase|mb|dwell|echo)=[0-9.eE+-]{1,16}")
TIME = 0x38  # the bits of xyzt_units that tell the unit of time
SECONDS = {8: 1.0, 16: 1e-3, 24: 1e-6}
OF_THE_TIME = re.compile(rb"Time=[0-9.]{1,16}")


def clean_header(path: Path, *, keeps_times: bool = False) -> bool:
    """Empty the texts of a NIfTI file in place; tell whether anything changed.

    Of `descrip`, known facts of the image stay; with `keeps_times` the time of day too. All other
    bytes of the file stay as they are. Raises ValueError if it is no NIfTI file.
    """
    with path.open("r+b") as file:
        head = bytearray(file.read(HEAD_2))
        descrip, others = _places(head)
        before = bytes(head)
        start, length = descrip
        said = bytes(head[start : start + length]).split(b"\0", 1)[0]
        head[start : start + length] = _cleaned(said, keeps_times).ljust(length, b"\0")[:length]
        for start, length in others:
            head[start : start + length] = bytes(length)
        if bytes(head) == before:
            return False
        file.seek(0)
        file.write(head)
    return True


def _places(head: bytearray) -> tuple[tuple[int, int], tuple[tuple[int, int], ...]]:
    for order in "<>":
        size = struct.unpack_from(f"{order}i", head)[0] if len(head) >= HEAD_1 else 0
        if size == HEAD_1:
            return DESCRIP_1, OTHER_TEXTS_1
        if size == HEAD_2 and len(head) >= HEAD_2:
            return DESCRIP_2, OTHER_TEXTS_2
    raise ValueError("The file does not begin with a NIfTI header.")


def _cleaned(text: bytes, keeps_times: bool) -> bytes:
    parts = text.split(b";")
    kept = [
        part
        for part in parts
        if OF_THE_IMAGE.fullmatch(part) or (keeps_times and OF_THE_TIME.fullmatch(part))
    ]
    return b";".join(kept)


@dataclass(frozen=True)
class Shape:
    """How many volumes an image has, and how many seconds lie between them (0: not said)."""

    volumes: int
    seconds: float


def read_shape(path: Path) -> Shape:
    """Read it from a `.nii` or `.nii.gz`. Raises ValueError if it is no NIfTI file."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        head = bytearray(cast(BinaryIO, file).read(HEAD_2))
    _places(head)
    order = "<" if head[0] else ">"
    if struct.unpack_from(f"{order}i", head)[0] == HEAD_1:
        dims = struct.unpack_from(f"{order}8h", head, 40)
        step, units = struct.unpack_from(f"{order}f", head, 92)[0], head[123]
    else:
        dims = struct.unpack_from(f"{order}8q", head, 16)
        step, units = struct.unpack_from(f"{order}d", head, 136)[0], head[500]
    volumes = dims[4] if dims[0] > 3 else 1
    return Shape(volumes, step * SECONDS.get(units & TIME, 0.0) if volumes > 1 else 0.0)
