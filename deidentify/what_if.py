"""What a run would do, printed without doing it: element by element, or summed over a folder."""

import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from deidentify.errors import Refused
from deidentify.explain import Explainer, Line
from deidentify.identity import Identity
from deidentify.outcomes import Settings
from deidentify.progress import ProgressLine
from deidentify.survey import Job, Survey

ITEM_NUMBER = re.compile(r"\[\d+\]")
HEAD = ("path", "keyword", "vr", "kind of value", "action", "outcome", "decided by")


@dataclass
class Explainers:
    """An explainer for each participant of a folder, made when first needed."""

    settings: Settings
    found: Survey
    show_values: bool = False
    _made: dict[Identity, Explainer] = field(default_factory=dict, repr=False)

    def lines(self, job: Job) -> list[Line]:
        """Explain one file as the run would treat it.

        Raises:
            Refused: it would be refused.
        """
        identity = self.settings.identity(job.patient_id)
        if identity is None:
            raise Refused("unknown-patient")
        known = self.found.known.get(job.patient_id)
        return self._explainer(identity).explain(job.source, known=known, apart=job.apart)

    def heard(self, source: Path) -> tuple[Line, ...]:
        """What can be read of a file that would be refused, until that is noticed."""
        explainer = self._explainer(next(iter(self.settings.identities.values())))
        with suppress(Refused):
            explainer.explain(source)
        return explainer.heard

    def _explainer(self, identity: Identity) -> Explainer:
        explainer = self._made.get(identity)
        if explainer is None:
            plan = self.settings.plan(identity)
            explainer = self._made[identity] = Explainer(plan, show_values=self.show_values)
        return explainer


def print_explanation(source: Path, explainers: Explainers) -> int:
    """Print for every file every element, what becomes of it and why.

    Of a file that would be refused, as much as can be read of it, and the reason.
    Returns 1 if a file would be refused, else 0.
    """
    refused = dict(explainers.found.rejected())
    jobs = {job.source: job for job in explainers.found.jobs}
    head = (*HEAD, "value") if explainers.show_values else HEAD
    for number, path in enumerate(sorted({*jobs, *refused})):
        print(("\n" if number else "") + f"# {_named(source, path)}")
        lines: Sequence[Line] = ()
        try:
            if path in jobs:
                lines = explainers.lines(jobs[path])
        except Refused as error:
            refused[path] = error.sentence
        if path in refused:
            print(f"# refused, nothing would be written: {refused[path]}")
            lines = explainers.heard(path)
        rows = [
            (line.path, line.keyword, line.vr, line.kind, f"{line.action} {line.meaning}",
             line.outcome, line.because, line.value)[: len(head)]
            for line in lines
        ]  # fmt: skip
        _print_table(head, rows)
    return _print_refused(source, list(refused.items()))


def print_what_if(source: Path, explainers: Explainers) -> int:
    """Print one table for a folder: how often each element becomes what, and why.

    Returns 1 if a file would be refused, else 0.
    """
    refused = explainers.found.rejected()
    rows: Counter[tuple[str, ...]] = Counter()
    totals: Counter[tuple[str, str]] = Counter()
    instances = 0
    jobs = explainers.found.jobs
    progress = ProgressLine(sys.stderr) if sys.stderr.isatty() else None
    for number, job in enumerate(jobs, 1):
        if progress:
            progress(number, len(jobs))
        try:
            lines = explainers.lines(job)
        except Refused as error:
            refused.append((job.source, error.sentence))
            continue
        instances += 1
        rows.update(set(map(_row, lines)))
        totals.update((line.action, line.outcome) for line in lines)
    _print_table(
        ("instances", *HEAD[:3], *HEAD[4:]),
        [(str(number), *row) for row, number in sorted(rows.items())],
    )
    print()
    meanings = {row[3] for row in rows}
    _print_table(
        ("elements", "action", "outcome"),
        [
            (str(number), next(m for m in sorted(meanings) if m[0] == letter), outcome)
            for (letter, outcome), number in sorted(totals.items())
        ],
    )
    print(f"\n{instances} instances would be written, {len(refused)} files refused.")
    return _print_refused(source, refused)


def _row(line: Line) -> tuple[str, ...]:
    path = ITEM_NUMBER.sub("", line.path)
    action = f"{line.action} {line.meaning}"
    return (path, line.keyword, line.vr, action, line.outcome, line.because)


def _named(source: Path, path: Path) -> str:
    return str(path.relative_to(source)) if source.is_dir() else path.name


def _print_refused(source: Path, refused: list[tuple[Path, str]]) -> int:
    for path, sentence in sorted(refused):
        print(f"refused: {_named(source, path)}: {sentence}", file=sys.stderr)
    return 1 if refused else 0


def _print_table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """Print columns parted by tabs; padded to stand below each other on a terminal."""
    for line in _lines([head, *rows], is_padded=sys.stdout.isatty()):
        print(line)


def _lines(rows: list[tuple[str, ...]], *, is_padded: bool) -> Iterator[str]:
    if not is_padded:
        yield from ("\t".join(row) for row in rows)
        return
    widths = [min(max(map(len, column)), 60) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
