"""What dcm2niix made of one series: images told apart by what differs between them.

It tells several images of one series apart by a suffix of what differs (`_e1` an echo, `_ph` the
phase), and by a letter where nothing does, in the order in which it happened to read the folder.
Instead of letters they get numbers by content, so that a series always gives the same names.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from isal import isal_zlib

from exports.converting.headers import clean_header
from exports.converting.running import STEM
from exports.converting.sidecars import clean_sidecar, read_sidecar, write_sidecar
from exports.converting.wishes import Wishes

LETTER = re.compile(r"[a-z]")
ENDINGS = (".nii", ".json", ".bval", ".bvec")  # and not the logs of pulse and breath
CHUNK = 1 << 20
GZIP = 31  # window bits: deflate in a gzip wrapper, whose header then has no time and no name
LEVEL = 1


@dataclass(frozen=True)
class Output:
    """One image with its side files.

    Args:
        kind: what dcm2niix says differs, such as `_e1` or `_e2_ph`; "" if it is the only one.
        number: 1, or 2 and so on where several are of one kind.
        files: by ending: `.nii` or `.nii.gz`, `.json`, `.bval`, `.bvec`.
    """

    kind: str
    number: int
    files: dict[str, Path]

    @property
    def image(self) -> Path | None:
        """The image itself; None where dcm2niix wrote side files only."""
        return self.files.get(".nii.gz") or self.files.get(".nii")


def read_outputs(target: Path) -> list[Output]:
    """Return what lies in the folder that dcm2niix wrote into, always in the same order."""
    suffixes: dict[str, dict[str, Path]] = {}
    for path in sorted(target.iterdir()):
        if path.suffix not in ENDINGS:
            continue
        suffixes.setdefault(path.stem.removeprefix(STEM), {})[path.suffix] = path
    alike: dict[str, list[str]] = {}
    for suffix in sorted(suffixes):
        is_letter = LETTER.fullmatch(suffix[-1:]) and suffix[:-1] in suffixes
        alike.setdefault(suffix[:-1] if is_letter else suffix, []).append(suffix)
    return [
        Output(kind, number, suffixes[suffix])
        for kind, members in alike.items()
        for number, suffix in enumerate(_by_content(members, suffixes), start=1)
    ]


def _by_content(members: list[str], suffixes: dict[str, dict[str, Path]]) -> list[str]:
    if len(members) == 1:
        return members
    return sorted(members, key=lambda one: [_digest(path) for path in suffixes[one].values()])


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def cleaned(outputs: list[Output], wishes: Wishes) -> Iterator[Output]:
    """Yield the outputs after cleaning their texts, compressed if that was asked for."""
    for output in outputs:
        files = dict(output.files)
        image, sidecar = files.get(".nii"), files.get(".json")
        if image:
            clean_header(image, keeps_times=wishes.keeps_times)
        if sidecar:
            facts = clean_sidecar(
                read_sidecar(sidecar),
                keeps_times=wishes.keeps_times,
                keeps_devices=wishes.keeps_devices,
            )
            write_sidecar(sidecar, facts)
        if image and wishes.is_compressed:
            del files[".nii"]
            files[".nii.gz"] = compressed(image)
        yield Output(output.kind, output.number, files)


def compressed(path: Path) -> Path:
    """Replace a file by its gzip; the same file gives the same bytes, without time and name."""
    target = path.with_name(f"{path.name}.gz")
    squeeze = isal_zlib.compressobj(LEVEL, isal_zlib.DEFLATED, GZIP)
    with path.open("rb") as plain, target.open("wb") as packed:
        while chunk := plain.read(CHUNK):
            packed.write(squeeze.compress(chunk))
        packed.write(squeeze.flush())
    path.unlink()
    return target
