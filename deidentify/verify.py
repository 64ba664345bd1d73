"""`python -m deidentify verify SOURCE TARGET`: the leak and conformance checks over two folders.

Outputs are compared with their sources. What is left without one is searched for the terms of
all patients, and said.

What the plan kept and wrote is read from the outputs: the method codes they carry (CID 7050)
say which options were applied, and the values in the places where a plan writes are its own,
unless they are the source's.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from deidentify.conformance import ConformanceCheck
from deidentify.conformance.waivers import waiver_of
from deidentify.leaks import Finding, LeakCheck, SearchTerms
from deidentify.leaks.folding import normalised
from deidentify.pairing import (
    WRITTEN_BY_PLANS,
    Header,
    dicom_files,
    header,
    outputs_of,
    pair,
    read_uid_map,
)
from deidentify.profiles import MMIV
from deidentify.table import rows

OF_MMIV_2019 = "{Per DICOM PS 3.15 AnnexE}"
"""De-identification Method by which outputs of the profile mmiv-2019 are known."""
KEPT_BY_CODE = {
    "113106": "full_dates",
    "113108": "patient_characteristics",
    "113109": "device",
    "113110": "uids",
    "113112": "institution",
}
"""CID 7050 codes of options that keep values, and their column of PS3.15 Table E.1-1."""


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
    sources = [header(path) for path in dicom_files(source)]
    outputs = [header(path) for path in dicom_files(target)]
    pairs = pair(sources, outputs, uid_map)
    of_patient: dict[tuple[str, str], list[Header]] = defaultdict(list)
    for original in sources:
        of_patient[original.patient].append(original)
    for patient, originals in of_patient.items():
        mine = [(ours, theirs) for ours, theirs in pairs if theirs and theirs.patient == patient]
        if mine:
            yield from _verified(LeakCheck(_terms(originals, mine)), mine, target)
    lost = [ours for ours, theirs in pairs if theirs is None]
    if lost:
        check = LeakCheck(_terms(sources, [(ours, ours) for ours in lost]))
        for ours in lost:
            name = _name(ours.path, target)
            yield Result(ours.path, False, check.search(ours.path, name=name))


def _name(path: Path, target: Path) -> str:
    """Return what an output is called below TARGET: its folders may name somebody, too."""
    return str(path.relative_to(target)) if path != target else path.name


def _verified(
    leaks: LeakCheck, pairs: list[tuple[Header, Header]], target: Path
) -> Iterator[Result]:
    """Yield the results of one patient's outputs."""
    is_old = any(ours.values.get("(0012,0063)") == OF_MMIV_2019 for ours, _ in pairs)
    conformance = ConformanceCheck(
        outputs=outputs_of(pairs), waives=waiver_of(MMIV) if is_old else None
    )
    results = []
    for ours, theirs in pairs:
        findings = leaks.examine(theirs.path, ours.path, name=_name(ours.path, target))
        findings += conformance.examine(theirs.path, ours.path)
        results.append(Result(ours.path, True, findings))
    if conformance.agreement.is_broken:
        for result, (ours, theirs) in zip(results, pairs, strict=True):
            result.findings.extend(conformance.compare(theirs.path, ours.path))
    yield from results


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
        description="Search outputs for whatever their sources say must not be left, and for what "
        "breaks the standard where their sources did not.",
    )
    parser.add_argument("source", type=Path, metavar="SOURCE", help="folder of the originals")
    parser.add_argument("target", type=Path, metavar="TARGET", help="folder of the outputs")
    parser.add_argument("--uid-map", type=Path, metavar="CSV", help="id_old,id_new of the run")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the findings as JSON")
    return parser
