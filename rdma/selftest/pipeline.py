"""From a seed to verdicts: make the corpus, send it through a scratch installation, judge it."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings

from rdma.demo.processes import end, unwound_when_ended
from rdma.selftest.packages import Searched, search_packages
from rdma.selftest.planting import corpus
from rdma.selftest.planting.sheets import Sheet
from rdma.selftest.scoring import Came, Verdict, judge, read
from rdma.selftest.scratch import scratch_installation
from rdma.selftest.validity import note_errors
from transfers.actions.verdicts import PICTURES
from transfers.states import OutcomeState

KINDS_EACH = 10
"""How many kinds of files a patient of the corpus has; all kinds take their turn."""
SHIFTS = range(-365, -29)
STOP_SECONDS = 30
Say = Callable[[str], None]


class PipelineBroke(Exception):
    """The scratch installation ended before the corpus was through; its log says why."""


class Through(NamedTuple):
    """What came through: verdicts on files, what was written down by where, and packages."""

    verdicts: list[Verdict]
    written_down: dict[str, bytes]
    packages: list[Searched]


def through_pipeline(
    folder: Path, *, seed: int, subjects: int, each: int = KINDS_EACH, say: Say
) -> Through:
    """Return what became of every file of a corpus, and of the packages that were built of them.

    Args:
        folder: an empty folder; what is left in it is the caller's to remove.
        seed: the same seed gives the same corpus.
        subjects: how many patients.
        each: how many kinds of files each has.
        say: told how far it is.

    Raises NoScratchDatabase, and PipelineBroke.
    """
    say(f"Planting identifiers into files of {subjects} invented patients")
    sheets = corpus.make(folder / "in", seed=seed, subjects=subjects, each=each)
    patients = {sheet.person.mrn: sheet.person.pseudonym for sheet in sheets}
    (folder / "patients.json").write_text(json.dumps(patients))
    say(f"{len(sheets)} files into a scratch installation")
    with scratch_installation(folder) as environment:
        _walk(folder, environment, say)
    came = what_came(folder, sheets)
    say("Searching what came out")
    verdicts = judge(sheets, came)
    note_errors(verdicts)
    say("Searching the packages")
    return Through(verdicts, _written_down(folder), search_packages(folder, verdicts))


def _walk(folder: Path, environment: Mapping[str, str], say: Say) -> None:
    log = folder / "walk.log"
    with (
        unwound_when_ended(),
        log.open("wb") as errors,
        subprocess.Popen(
            [sys.executable, "-m", "rdma.selftest", str(folder)],
            stdout=subprocess.PIPE,
            stderr=errors,
            stdin=subprocess.DEVNULL,
            cwd=settings.BASE_DIR,
            env={**environment, "PYTHONUNBUFFERED": "1"},
            text=True,
        ) as process,
    ):
        try:
            for line in process.stdout or ():
                say(f"  {line.strip()}")
            status = process.wait()
        finally:
            end(process, within=STOP_SECONDS)
    if status:
        last = (log.read_text(errors="replace").strip().splitlines() or ["nothing"])[-1]
        raise PipelineBroke(f"The scratch installation ended early. Its last line: {last}")


def what_came(folder: Path, sheets: Sequence[Sheet]) -> dict[str, Came]:
    """Return what became of each file, by its name."""
    found = json.loads((folder / "outcomes.json").read_text())["files"]
    rows = {sheet.name: found.get(sheet.dataset.SOPInstanceUID) for sheet in sheets}
    outputs = {name: _path(row["output"]) for name, row in rows.items() if row is not None}
    shifts = shifts_of(sheets, outputs)
    return {
        sheet.name: _came(rows[sheet.name], shifts.get(sheet.person.number)) for sheet in sheets
    }


def _came(row: Mapping[str, Any] | None, shift: int | None) -> Came:
    if row is None:
        return Came(None, "turned away at the door", is_turned_away=True)
    kinds = {finding["kind"] for finding in row["findings"]}
    # a picture waits for a person to look at it: the header is searched as if somebody had
    is_held = row["state"] == OutcomeState.HELD and kinds != {PICTURES}
    return Came(
        _path(row["output"]),
        reason=row["reason"],
        is_held=is_held,
        waits=row["state"] == OutcomeState.HELD and kinds == {PICTURES},
        delivered=_path(row["delivered"]),
        shift=shift,
    )


def _path(said: str) -> Path | None:
    return Path(said) if said else None


def shifts_of(sheets: Sequence[Sheet], outputs: Mapping[str, Path | None]) -> dict[int, int]:
    """Return by how many days each patient's dates moved, as the first study date tells.

    A shift that none may be counts as 0, which no date of the patient then stands up to.
    """
    shifts: dict[int, int] = {}
    for sheet in sheets:
        path = outputs.get(sheet.name)
        if path is None or sheet.person.number in shifts:
            continue
        said = str(read(path).get("StudyDate", ""))
        if len(said) == 8 and said.isdecimal():
            now = datetime.strptime(said, "%Y%m%d").date()  # noqa: DTZ007 - a date of no zone
            days = (now - sheet.person.examined).days
            shifts[sheet.person.number] = days if days in SHIFTS else 0
    return shifts


def _written_down(folder: Path) -> dict[str, bytes]:
    """Return the logs, the rows of each table and the names of delivered files, by where."""
    logs = [*sorted((folder / "logs").glob("*.log")), folder / "walk.log"]
    tables = json.loads((folder / "tables.json").read_text())
    names = "\n".join(path.name for path in (folder / "research-pacs").rglob("*"))
    return {
        **{f"the log {path.stem}": path.read_bytes() for path in logs},
        **{f"the table {table}": text.encode() for table, text in tables.items()},
        "the names of delivered files": names.encode(),
    }
