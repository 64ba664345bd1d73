"""What a run says when it is over: the report, the maps, and a few lines on standard output."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from deidentify.outcomes import Result, Settings, counts
from deidentify.plan import Plan
from deidentify.version import ENGINE, VERSION


@dataclass(frozen=True)
class Papers:
    """Where to write what; None for what nobody asked for. The maps are identified data."""

    report: Path | None
    uid_map: Path | None
    patient_map: Path | None

    def write(self, source: Path, settings: Settings, results: list[Result], plan: Plan) -> None:
        """Write the report as JSON and the maps as CSV.

        Args:
            source: the folder or file that was read.
            settings: of the run.
            results: one for each file that was found.
            plan: one that was gone by; they differ in the identity alone.
        """
        if self.report:
            data = {
                "program": f"{ENGINE} {VERSION}",
                "plan": {**plan.as_data(), "digest": plan.digest},
                "counts": counts(results),
                "verified": settings.verify,
                "files": [_as_data(source, result) for result in results],
            }
            # Imported late, as little as it is: most runs ask for no report.
            import json

            text = json.dumps(data, indent=1, ensure_ascii=False) + "\n"
            # A file name may hold bytes that are no text; JSON knows the escape that takes them.
            self.report.write_text(text, encoding="utf-8", errors="backslashreplace")
        if self.uid_map:
            pairs = {old: new for result in results for old, new in result.uids.items()}
            _write_map(self.uid_map, sorted(pairs.items()))
        if self.patient_map:
            listed = {(old, who.pseudonym) for old, who in settings.identities.items() if old}
            _write_map(self.patient_map, sorted(listed | patients_of(results)))


def _as_data(source: Path, result: Result) -> dict[str, object]:
    inside = result.source.relative_to(source) if source.is_dir() else result.source.name
    data: dict[str, object] = {"source": str(inside), "outcome": result.outcome}
    if result.code:
        data |= {"code": result.code, "reason": result.sentence}
    if result.written:
        data |= {
            "target": result.target,
            "sop_instance_uid": result.written.sop_instance_uid,
            "size": result.written.size,
            "changed": dict(result.written.changed),
        }
    if result.is_apart:
        data["apart"] = "Another file with other content has the same SOP Instance UID."
    if result.findings:
        data["findings"] = list(result.findings)
    return data


def _write_map(path: Path, pairs: Iterable[tuple[str, str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id_old", "id_new"])
        writer.writerows(pairs)


def patients_of(results: list[Result]) -> set[tuple[str, str]]:
    """Return who became whom among the files that were written: (Patient ID, pseudonym)."""
    return {result.patient for result in results if result.patient[0]}


def summary(results: list[Result]) -> list[str]:
    """Return the counts and the reasons, a line each; without any value of the files."""
    total = counts(results)
    lines = [", ".join(f"{number} {name}" for name, number in total.items())]
    reasons: dict[str, int] = {}
    for result in results:
        if result.outcome in ("held", "rejected"):
            reasons[result.sentence] = reasons.get(result.sentence, 0) + 1
    for sentence, number in sorted(reasons.items()):
        lines.append(f"  {number} × {sentence}")
    apart = sum(result.is_apart for result in results)
    if apart:
        lines.append(f"  {apart} × kept apart: they share a SOP Instance UID but differ.")
    patients = patients_of(results)
    if len(patients) > len({pseudonym for _, pseudonym in patients}):
        said = f"{len(patients)} patients became one participant: --identities tells them apart."
        lines.append(f"  {said}")
    return lines
