"""Which output was made of which source, where nobody says so.

Outputs are paired with their sources by the UID map that the de-identification wrote, or else
by what an output cannot hide: its pixel data and its instance and series numbers.
"""

import csv
import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from deidentify.leaks.character_sets import decoded
from deidentify.leaks.elements import Layout, load
from deidentify.leaks.reading import read_layout

SOP_INSTANCE_UID, PATIENT_ID, ISSUER = 0x00080018, 0x00100020, 0x00100021
STUDY_INSTANCE_UID, SERIES_INSTANCE_UID = 0x0020000D, 0x0020000E
SERIES_NUMBER, INSTANCE_NUMBER = 0x00200011, 0x00200013
METHOD = 0x00120063
WRITTEN_BY_PLANS = frozenset(
    {
        0x00080050,  # Accession Number
        0x00080080,  # Institution Name
        0x00100010,  # Patient's Name
        0x00100020,  # Patient ID
        0x00120010,  # Clinical Trial Sponsor Name
        0x00120020,  # Clinical Trial Protocol ID
        0x00120021,  # Clinical Trial Protocol Name
        0x00120030,  # Clinical Trial Site ID
        0x00120031,  # Clinical Trial Site Name
        0x00120040,  # Clinical Trial Subject ID
        0x00120050,  # Clinical Trial Time Point ID
        0x00200010,  # Study ID
    }
)


@dataclass(frozen=True)
class Header:
    """What pairing and the choice of search terms need of one file."""

    path: Path
    sop_instance_uid: str
    patient: tuple[str, str]
    likeness: tuple[str, str, str]
    values: dict[str, str] = field(repr=False)
    codes: frozenset[str]


def read_uid_map(path: Path) -> dict[str, str]:
    """Return the original UID of each new one, from a CSV file `id_old,id_new`."""
    with path.open(newline="", encoding="utf-8") as file:
        return {row["id_new"]: row["id_old"] for row in csv.DictReader(file)}


def pair(
    sources: list[Header], outputs: list[Header], uid_map: dict[str, str]
) -> list[tuple[Header, Header | None]]:
    """Return every output with its source, or with None if no single source answers to it."""
    by_uid: dict[str, list[Header]] = defaultdict(list)
    by_likeness: dict[tuple[str, str, str], list[Header]] = defaultdict(list)
    for original in sources:
        by_uid[original.sop_instance_uid].append(original)
        by_likeness[original.likeness].append(original)
    pairs: list[tuple[Header, Header | None]] = []
    for ours in outputs:
        alike = by_likeness[ours.likeness]
        named = by_uid.get(uid_map.get(ours.sop_instance_uid, ""), [])
        if len(named) > 1:
            # several contents under one SOP Instance UID: the pixel data tells them apart
            named = [original for original in named if original.likeness == ours.likeness]
        candidates = named or alike
        pairs.append((ours, candidates[0] if candidates else None))
    return pairs


def header(path: Path) -> Header:
    """Read what pairing needs; the pixel data is digested, its comment segments left out."""
    layout = read_layout(load(path))
    values: dict[str, str] = {}
    codes = set()
    for element in layout.elements:
        if not element.tag or element.end - element.start > 1024:
            continue
        is_code = element.tag == 0x00080100 and element.path.startswith("(0012,0064)")
        if element.tag not in _READ and not is_code:
            continue
        raw = bytes(layout.data[element.start : element.end])
        text = decoded(raw, element.place.character_set).strip(" \0")
        if is_code:
            codes.add(text)
        elif not element.place.prefix:
            values[element.path] = text
    return Header(
        path=path,
        sop_instance_uid=values.get("(0008,0018)", ""),
        patient=(values.get("(0010,0021)", ""), values.get("(0010,0020)", "")),
        likeness=(
            _pixel_digest(layout),
            values.get("(0020,0011)", ""),
            values.get("(0020,0013)", ""),
        ),
        values=values,
        codes=frozenset(codes),
    )


_READ = WRITTEN_BY_PLANS | {
    SOP_INSTANCE_UID,
    STUDY_INSTANCE_UID,
    SERIES_INSTANCE_UID,
    ISSUER,
    METHOD,
    SERIES_NUMBER,
    INSTANCE_NUMBER,
}


def _pixel_digest(layout: Layout) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for element in layout.pixels:
        for at in range(element.start, element.end, 1 << 20):
            digest.update(layout.data[at : min(at + (1 << 20), element.end)])
    return digest.hexdigest()


def dicom_files(folder: Path) -> list[Path]:
    """Return the DICOM files under a folder, or the one file itself."""
    paths = sorted(folder.rglob("*")) if folder.is_dir() else [folder]
    return [path for path in paths if path.is_file() and _is_dicom(path)]


def _is_dicom(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(132)
    return head[128:] == b"DICM" or head[:4] in (b"\x08\x00\x05\x00", b"\x08\x00\x08\x00")


def outputs_of(pairs: Iterable[tuple[Header, Header]]) -> dict[bytes, set[bytes]]:
    """Return the UIDs that stand for each original study, series and instance.

    Args:
        pairs: (output, source).
    """
    outputs: dict[bytes, set[bytes]] = defaultdict(set)
    for ours, theirs in pairs:
        for path in ("(0020,000D)", "(0020,000E)", "(0008,0018)"):
            old, new = theirs.values.get(path, ""), ours.values.get(path, "")
            if old and new:
                outputs[old.encode()].add(new.encode())
    return outputs
