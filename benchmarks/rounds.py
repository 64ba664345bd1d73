"""One kind of file, every contender in turn, round after round.

There are two studies of the kind. The whole one is copied and rewritten; a part of it, the same
files under the same names, goes to the slower programs, and to the copy and the engine once more,
so that every ratio is between runs over the same files. Rounds are interleaved, and each begins
with another contender, so that what disturbs the machine for a while disturbs all alike.
"""

import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.contenders import ENGINE, Contender
from benchmarks.measure import Taken, naming, run

ROOT = Path(__file__).parents[1]
WHOLE, PART, ONE = "whole", "part", "one"


@dataclass
class Runs:
    """What a contender took, round by round, on one study.

    Args:
        contender: who.
        images: of the study.
        taken: one for each round that succeeded.
        failed: why there is no figure; empty if there is.
        naming: files in which the patient still stands, None if nobody looked.
    """

    contender: Contender
    images: int
    taken: list[Taken] = field(default_factory=list)
    failed: str = ""
    naming: int | None = None

    @property
    def seconds(self) -> float:
        """The median over the rounds."""
        return statistics.median(one.seconds for one in self.taken)

    @property
    def peak(self) -> int:
        """The largest over the rounds, in bytes."""
        return max(one.peak for one in self.taken)


@dataclass
class Outcome:
    """Everything measured on one kind of file; `size` is that of the whole study in bytes."""

    kind: str
    images: int
    size: int
    runs: dict[tuple[str, str], Runs] = field(default_factory=dict)

    def on(self, study: str, name: str) -> Runs | None:
        """Return a contender's runs on a study, None if there is no figure."""
        found = self.runs.get((study, name))
        return None if found is None or found.failed or not found.taken else found


def measured(
    kind: str,
    entries: Sequence[tuple[str, Contender]],
    place: Path,
    *,
    images: int,
    part: int,
    rounds: int,
    seed: int,
    terms: Sequence[bytes],
    say: Callable[[str], None],
) -> Outcome:
    """Generate the studies of one kind and measure every contender on them.

    Args:
        kind: of file.
        entries: study (whole, part or one) and contender.
        place: a folder for all this; what is made there is removed again.
        images: of the whole study.
        part: images of the part.
        rounds: how often each is timed.
        seed: of the generator.
        terms: what identifies the patient, as it stands in the source.
        say: is told how it goes.
    """
    sources = {name: place / name for name in (WHOLE, PART, ONE)}
    target = place / "target"
    numbers = {WHOLE: images, PART: min(part, images), ONE: 1}
    try:
        say(f"{kind}: generating {images} images")
        _generate(kind, sources[WHOLE], images=images, seed=seed)
        for name in (PART, ONE):
            _link(sources[WHOLE], sources[name], numbers[name])
        size = sum(path.stat().st_size for path in sources[WHOLE].iterdir())
        outcome = Outcome(kind, images, size)
        for study, contender in entries:
            runs = Runs(contender, numbers[study], failed=contender.absent)
            outcome.runs[study, contender.name] = runs
            if not runs.failed:  # over one file, so that bytecode is compiled
                runs.failed = _run(contender, sources[ONE], target, expected=1, say=say).failed
                shutil.rmtree(target)
        if any(runs.failed for (_, name), runs in outcome.runs.items() if name == ENGINE):
            return outcome  # without the engine there is nothing to compare with
        for number in range(rounds):
            say(f"{kind}: round {number + 1} of {rounds}")
            turn = number % len(entries)
            for study, contender in [*entries[turn:], *entries[:turn]]:
                runs = outcome.runs[study, contender.name]
                _have_memory(place, size)
                _once(runs, sources[study], target, terms=terms, say=say)
        return outcome
    finally:
        for folder in (*sources.values(), target):
            shutil.rmtree(folder, ignore_errors=True)


def _generate(kind: str, folder: Path, *, images: int, seed: int) -> None:
    command = [sys.executable, "-m", "benchmarks.studies", kind, str(folder)]
    command += ["--images", str(images), "--seed", str(seed)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def _link(whole: Path, folder: Path, number: int) -> None:
    """Make a folder of the first files; links, so that it takes no memory."""
    folder.mkdir()
    for path in sorted(whole.iterdir())[:number]:
        os.link(path, folder / path.name)


def _have_memory(place: Path, size: int) -> None:
    """Have the machine lay memory for an output ready, and give it back to whoever comes next.

    A virtual machine may return what was freed to its host within seconds, and getting it back
    takes longer than copying into it: whoever ran first paid for that, three times over.
    """
    part = place / "memory"
    try:
        with part.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)
    finally:
        part.unlink(missing_ok=True)


def _run(
    contender: Contender, source: Path, target: Path, *, expected: int, say: Callable[[str], None]
) -> Taken:
    taken = run(contender.command(source, target), target, cwd=ROOT, expected=expected)
    if taken.failed:
        say(f"{contender.name} {taken.failed}\n{taken.said}")
    return taken


def _once(
    runs: Runs,
    source: Path,
    target: Path,
    *,
    terms: Sequence[bytes],
    say: Callable[[str], None],
) -> None:
    if runs.failed:
        return
    taken = _run(runs.contender, source, target, expected=runs.images, say=say)
    runs.failed = taken.failed
    runs.taken.append(taken)
    if runs.naming is None and not taken.failed:
        runs.naming = naming(target, terms)
    shutil.rmtree(target)
