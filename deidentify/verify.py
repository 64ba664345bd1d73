"""`python -m deidentify verify SOURCE TARGET`: the leak check over two folders.

Outputs are paired with their sources by the UID map that the de-identification wrote, or else
by what an output cannot hide: its pixel data and its instance and series numbers. What stays
unpaired is searched for the terms of all patients, and said.

What the plan kept and wrote is read from the outputs: the method codes they carry (CID 7050)
say which options were applied, and the values in the places where a plan writes are its own,
unless they are the source's.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from deidentify.leaks import Finding, LeakCheck, SearchTerms
from deidentify.leaks.character_sets import decoded
from deidentify.leaks.elements import Layout, load
from deidentify.leaks.folding import normalised
from deidentify.leaks.reading import read_layout
from deidentify.table import rows

SOP_INSTANCE_UID, PATIENT_ID, ISSUER = 0x00080018, 0x00100020, 0x00100021
SERIES_NUMBER, INSTANCE_NUMBER = 0x00200011, 0x00200013
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
KEPT_BY_CODE = {
    "113106": "full_dates",
    "113108": "patient_characteristics",
    "113109": "device",
    "113110": "uids",
    "113112": "institution",
}
"""CID 7050 codes of options that keep values, and their column of PS3.15 Table E.1-1."""


@dataclass(frozen=True)
class Header:
    """What pairing and the choice of search terms need of one file."""

    path: Path
    sop_instance_uid: str
    patient: tuple[str, str]
    likeness: tuple[str, str, str]
    values: dict[str, str] = field(repr=False)
    codes: frozenset[str]


@dataclass(frozen=True)
class Result:
    """One output: its findings, and whether its source was found."""

    path: Path
    is_paired: bool
    findings: list[Finding]


def main(argv: Sequence[str]) -> int:
    """Check a folder of outputs against their sources.

    Returns 0 if nothing was found, 1 if something was, 2 for wrong usage.
    """
    try:
        chosen = _parser().parse_args(argv)
    except SystemExit as stop:
        return 2 if stop.code else 0
    for folder in (chosen.source, chosen.target):
        if not folder.exists():
            print("There is no such folder: SOURCE and TARGET must both exist.")
            return 2
    try:
        uid_map = read_uid_map(chosen.uid_map) if chosen.uid_map else {}
    except (OSError, KeyError, csv.Error):
        print("The UID map cannot be read: it is a CSV file with the columns id_old and id_new.")
        return 2
    results = list(verify(chosen.source, chosen.target, uid_map=uid_map))
    _print(results)
    if chosen.report:
        chosen.report.write_text(json.dumps(_as_data(results, chosen.target), indent=2) + "\n")
    return 1 if any(result.findings for result in results) else 0


def verify(source: Path, target: Path, *, uid_map: dict[str, str]) -> Iterator[Result]:
    """Yield the result of every output under `target`, patient by patient.

    Args:
        uid_map: original SOP Instance UID of each new one; empty if there is none.
    """
    sources = [header(path) for path in _files(source)]
    outputs = [header(path) for path in _files(target)]
    pairs = pair(sources, outputs, uid_map)
    of_patient: dict[tuple[str, str], list[Header]] = defaultdict(list)
    for original in sources:
        of_patient[original.patient].append(original)
    for patient, originals in of_patient.items():
        mine = [(ours, theirs) for ours, theirs in pairs if theirs and theirs.patient == patient]
        if mine:
            check = LeakCheck(_terms(originals, mine))
            for ours, theirs in mine:
                yield Result(ours.path, True, check.examine(theirs.path, ours.path))
    lost = [ours for ours, theirs in pairs if theirs is None]
    if lost:
        check = LeakCheck(_terms(sources, [(ours, ours) for ours in lost]))
        for ours in lost:
            yield Result(ours.path, False, check.search(ours.path))


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


_READ = WRITTEN_BY_PLANS | {SOP_INSTANCE_UID, ISSUER, SERIES_NUMBER, INSTANCE_NUMBER}


def _pixel_digest(layout: Layout) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for element in layout.pixels:
        for at in range(element.start, element.end, 1 << 20):
            digest.update(layout.data[at : min(at + (1 << 20), element.end)])
    return digest.hexdigest()


def _files(folder: Path) -> list[Path]:
    """Return the DICOM files under a folder, or the one file itself."""
    paths = sorted(folder.rglob("*")) if folder.is_dir() else [folder]
    return [path for path in paths if path.is_file() and _is_dicom(path)]


def _is_dicom(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(132)
    return head[128:] == b"DICM" or head[:4] in (b"\x08\x00\x05\x00", b"\x08\x00\x08\x00")


def _terms(originals: list[Header], pairs: list[tuple[Header, Header]]) -> SearchTerms:
    kept: set[int] = set()
    codes = frozenset[str].intersection(*(ours.codes for ours, _ in pairs))
    for code in codes & KEPT_BY_CODE.keys():
        kept |= _kept_under(KEPT_BY_CODE[code])
    written = {
        text
        for ours, theirs in pairs
        for path, text in ours.values.items()
        if _is_written(path) and text and not _is_original(text, theirs, ours)
    }
    terms = SearchTerms(kept_tags=kept, written=written)
    for original in originals:
        terms.read(original.path)
    return terms


def _is_original(text: str, theirs: Header, ours: Header) -> bool:
    """Say whether what looks written is a value the source already had."""
    if theirs is ours:
        return False
    return normalised(text) in {normalised(value) for value in theirs.values.values()}


def _is_written(path: str) -> bool:
    return int(path[1:5] + path[6:10], 16) in WRITTEN_BY_PLANS


def _kept_under(column: str) -> set[int]:
    return {
        int(row.tag, 16)
        for row in rows().values()
        if row.options.get(column) == "K" and len(row.tag) == 8 and "x" not in row.tag
    }


def _print(results: list[Result]) -> None:
    counts: Counter[tuple[str, str, str]] = Counter()
    for result in results:
        for finding in result.findings:
            counts[finding.kind, finding.sure, finding.path] += 1
    held = sum(1 for result in results if result.findings)
    unpaired = sum(1 for result in results if not result.is_paired)
    print(f"{len(results)} outputs checked, {held} with findings, {unpaired} without their source.")
    if unpaired:
        print("Outputs without their source were searched for the terms of all patients.")
    if counts:
        print(f"{'instances':>9}  {'kind':<12} {'sure':<9} element")
    for (kind, sure, path), number in counts.most_common():
        print(f"{number:>9}  {kind:<12} {sure:<9} {path}")


def _as_data(results: list[Result], target: Path) -> dict[str, object]:
    return {
        "outputs": len(results),
        "with_findings": sum(1 for result in results if result.findings),
        "without_source": sum(1 for result in results if not result.is_paired),
        "findings": [
            {
                "file": str(result.path.relative_to(target) if target.is_dir() else result.path),
                "is_paired": result.is_paired,
                "findings": [asdict(finding) for finding in result.findings],
            }
            for result in results
            if result.findings
        ],
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m deidentify verify",
        description="Search outputs for whatever their sources say must not be left.",
    )
    parser.add_argument("source", type=Path, metavar="SOURCE", help="folder of the originals")
    parser.add_argument("target", type=Path, metavar="TARGET", help="folder of the outputs")
    parser.add_argument("--uid-map", type=Path, metavar="CSV", help="id_old,id_new of the run")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the findings as JSON")
    return parser
