"""The result: a row for each cell, the bars, and whether they are held."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from deidentify.elements import named
from rdma.selftest.actions import required
from rdma.selftest.packages import Searched
from rdma.selftest.planting.identities import known_of
from rdma.selftest.planting.needles import is_in
from rdma.selftest.planting.sheets import Way
from rdma.selftest.scoring import Verdict

CELLS = {
    "A": "Attributes of their own",
    "B": "Free text",
    "C": "Nested sequences and codes",
    "D": "Private elements and protocols",
    "E": "UIDs and references",
    "F": "Dates",
    "H": "Reports, annotations, waveforms",
    "I": "Whole documents",
    "J": "Around: file, packages, logs, database",
    "K": "Character sets",
    "numbers": "Numbers and geometry",
    "pixels": "Pixel data",
    "type 1": "Conformance to the standard",
}
TRACES = "J"
AROUND = {
    1: "the preamble",
    2: "an application entity of the file meta information",
    3: "private file meta information",
    4: "what follows the data set",
    5: "the file's name",
}
LEAST_PLANTED = 3000
LEAST_DONE, LEAST_KEPT = 0.999, 0.99
LEAST_FILES_PER_FALSE_ALARM = 200
MOST_SHOWN = 60
HELD_FOR_NOTHING = "held by a check, though the search found nothing left"
NOT_DONE = "held: cannot be de-identified"


@dataclass
class Row:
    """The counts of one cell.

    `planted` includes `held`, what was planted into files that do not leave; `to_keep` does not
    include `held_to_keep`, what was to be kept in those. `lost` and `broken` are of what leaves,
    `errors` of everything that was written.
    """

    cell: str
    title: str
    planted: int = 0
    leaked: int = 0
    held: int = 0
    to_keep: int = 0
    lost: int = 0
    held_to_keep: int = 0
    errors: int = 0
    broken: int = 0
    actions: int = 0
    done: int = 0

    @property
    def score(self) -> float | None:
        """The share of required actions that were done, None where none was required."""
        return self.done / self.actions if self.actions else None

    def add(self, other: "Row") -> None:
        """Add the counts of another row."""
        for name, value in asdict(other).items():
            if isinstance(value, int):
                setattr(self, name, getattr(self, name) + value)


@dataclass(frozen=True)
class Bar:
    """One thing that must hold: what, how much of it, what was found."""

    title: str
    needed: str
    found: str
    is_held: bool


@dataclass
class Report:
    """What a self test found. `apart` counts the files that did not leave, by why."""

    seed: int
    subjects: int
    files: int
    kinds: int
    rows: list[Row]
    total: Row
    apart: dict[str, int]
    by_action: dict[str, tuple[int, int]]
    bars: list[Bar] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    packages: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_held(self) -> bool:
        """Whether every bar is."""
        return all(bar.is_held for bar in self.bars)

    def as_data(self) -> dict[str, Any]:
        """Return it as plain data, to be stored."""
        return asdict(self) | {"is_held": self.is_held}


def report_on(
    verdicts: Sequence[Verdict],
    written_down: Mapping[str, bytes],
    packages: Sequence[Searched] = (),
    *,
    seed: int,
    subjects: int,
) -> Report:
    """Sum up verdicts and packages, with what the installation wrote down meanwhile, by where."""
    rows = {cell: Row(cell, title) for cell, title in CELLS.items()}
    for verdict in verdicts:
        _count_file(rows, verdict)
    actions = required(verdicts)
    for action in actions:
        rows[_cell(action.cell)].actions += 1
        rows[_cell(action.cell)].done += action.is_done
    traces = _count_traces(rows[TRACES], verdicts, written_down)
    traces += _count_packages(rows[TRACES], packages)
    total = Row("", "All")
    for row in rows.values():
        total.add(row)
    by_action = Counter(str(one.action) for one in actions)
    done = Counter(str(one.action) for one in actions if one.is_done)
    report = Report(
        seed=seed,
        subjects=subjects,
        files=len(verdicts),
        kinds=len({verdict.sheet.kind for verdict in verdicts}),
        rows=[row for row in rows.values() if row.planted or row.to_keep or row.actions],
        total=total,
        apart=dict(Counter(why for one in verdicts if (why := _why_apart(one)))),
        by_action={name: (done[name], by_action[name]) for name in sorted(by_action)},
        shown=[*traces, *_shown(verdicts)][:MOST_SHOWN],
    )
    report.packages = [
        {"title": one.title, "members": one.members, "end": one.how_it_ended} for one in packages
    ]
    report.bars = _bars(report)
    if packages:
        report.bars.append(_bar_of_packages(packages))
    return report


def _cell(name: str) -> str:
    """Return which of the CELLS a finer one belongs to."""
    return name if name in CELLS else name[0]


def _cell_at(verdict: Verdict, way: Way) -> str:
    """Return the cell of what was planted or is to be kept at a place."""
    cells = [keep.cell for keep in verdict.sheet.keeps if keep.way == way]
    cells += [plant.cell for plant in verdict.sheet.plants if plant.way == way]
    return _cell(cells[0]) if cells else "E"


def _count_file(rows: dict[str, Row], verdict: Verdict) -> None:
    for plant in verdict.sheet.plants:
        rows[_cell(plant.cell)].planted += 1
        rows[_cell(plant.cell)].held += verdict.stays
    for plant in verdict.leaks:
        rows[_cell(plant.cell)].leaked += 1
    for keep in verdict.sheet.keeps:
        row = rows[_cell(keep.cell)]
        row.held_to_keep += verdict.stays
        row.to_keep += not verdict.stays
    rows["type 1"].errors += len(verdict.new_errors)
    if verdict.stays:
        return
    for keep in verdict.lost:
        rows[_cell(keep.cell)].lost += 1
    for way in verdict.broken:
        rows[_cell_at(verdict, way)].broken += 1


def _count_traces(
    row: Row, verdicts: Sequence[Verdict], written_down: Mapping[str, bytes]
) -> list[str]:
    """Look for the patients in logs, database rows and the names of delivered files."""
    haystacks = {where: text.lower() for where, text in written_down.items()}
    left = []
    for person in {verdict.sheet.person for verdict in verdicts}:
        for name, needle in known_of(person):
            row.planted += 1
            where = [place for place, text in haystacks.items() if is_in(needle, text)]
            row.leaked += bool(where)
            left += [f"left: {name} in {place}" for place in where]
    return sorted(left)


def _count_packages(row: Row, packages: Sequence[Searched]) -> list[str]:
    """Count what was looked for in packages: what the door holds apart, as of files that stay."""
    lines: Counter[str] = Counter()
    for one in packages:
        row.planted += one.sought
        row.held += one.sought if one.is_held else 0
        row.leaked += 0 if one.is_held else len(one.left)
        word = "left, and held at the door" if one.is_held else "left"
        if not one.is_planted:
            lines.update(f"{word}: {what} in {place} of {one.title}" for _, what, place in one.left)
            lines.update(f"held at the door: {one.title}: {said}" for said in one.said)
    return [f"{count} × {line}" for line, count in sorted(lines.items())]


def _bar_of_packages(packages: Sequence[Searched]) -> Bar:
    right = sum(one.is_right for one in packages)
    return Bar(
        "Packages for export",
        "what is clean leaves, what is not is held at the door",
        f"{right} of {len(packages)} packages",
        right == len(packages),
    )


def _why_apart(verdict: Verdict) -> str:
    """Say why a file did not leave; empty for one that did."""
    if verdict.came.waits:
        return "pictures that wait for a look, searched all the same"
    if not verdict.stays:
        return ""
    if verdict.came.is_turned_away:
        return "turned away at the door"
    if verdict.is_document:
        return "whole documents, held on purpose"
    if verdict.output is None:
        return NOT_DONE
    return "held by a check, and something was left" if verdict.caught else HELD_FOR_NOTHING


def _bars(report: Report) -> list[Bar]:
    total = report.total
    kept = 1 - total.lost / total.to_keep if total.to_keep else 0.0
    score = total.score or 0.0
    searched = total.planted - total.held
    needless = report.apart.get(HELD_FOR_NOTHING, 0) + report.apart.get(NOT_DONE, 0)
    return [
        Bar(
            "Leaks",
            f"0 in at least {LEAST_PLANTED:,} identifiers planted into what leaves",
            f"{total.leaked:,} in {searched:,}",
            total.leaked == 0 and searched >= LEAST_PLANTED,
        ),
        Bar(
            "Required actions done",
            f"at least {LEAST_DONE * 100:g} %",
            f"{floored(score)} of {total.actions:,}",
            score >= LEAST_DONE,
        ),
        Bar(
            "Words and numbers kept",
            f"at least {LEAST_KEPT * 100:g} %",
            f"{floored(kept)} of {total.to_keep:,}",
            kept >= LEAST_KEPT,
        ),
        Bar("New conformance errors", "0", f"{total.errors:,}", total.errors == 0),
        Bar("Broken references", "0", f"{total.broken:,}", total.broken == 0),
        Bar(
            "Held without need",
            f"at most 1 file in {LEAST_FILES_PER_FALSE_ALARM}",
            f"{needless:,} of {report.files:,}",
            needless * LEAST_FILES_PER_FALSE_ALARM <= report.files,
        ),
    ]


def floored(share: float) -> str:
    """Return a share in per cent, cut and not rounded: 99.999 % of something is not all of it."""
    return f"{int(share * 10_000) / 100:.2f} %"


def _place(way: Way) -> str:
    """Name where a way leads: the attribute, or what surrounds the data set."""
    return AROUND.get(way[-1]) or named(way[-1])


def _shown(verdicts: Sequence[Verdict]) -> list[str]:
    """Say what fell short: where, of which kind, in which kind of file; never the value."""
    lines: Counter[str] = Counter()
    for verdict in verdicts:
        kind = verdict.sheet.kind
        lines.update(f"left: {p.cell}: {_place(p.way)} in {kind}" for p in verdict.leaks)
        lines.update(f"left, and held: {p.cell}: {_place(p.way)} in {kind}" for p in verdict.caught)
        if verdict.unread:
            lines[f"cannot be read again ({verdict.unread}): {kind}"] += 1
        lines.update(f"new error: {line} in {kind}" for line in verdict.new_errors)
        if verdict.stays:
            if _why_apart(verdict) in (HELD_FOR_NOTHING, NOT_DONE):
                lines[f"held: {kind}: {verdict.came.reason}"] += 1
            continue
        lines.update(f"lost: {k.cell}: {_place(k.way)} in {kind}" for k in verdict.lost)
        lines.update(f"broken: {_place(way)} in {kind}" for way in verdict.broken)
    return [f"{n} × {line}" for line, n in lines.most_common(MOST_SHOWN)]
