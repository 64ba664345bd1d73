"""The run as a page: the machine, the bars, the times, and how to read them."""

from collections.abc import Iterable, Sequence

from benchmarks.bars import Bar
from benchmarks.contenders import COPY, ENGINE
from benchmarks.rounds import ONE, PART, WHOLE, Outcome, Runs

VERDICTS = {True: "held", False: "**MISSED**", None: "not measured"}
STUDIES = {WHOLE: "whole", PART: "part"}

READING = """\
## How to read this

- **Whole processes.** A time is that of a child process from its start to its end: the
  interpreter starts, modules are imported, the plan is compiled, every file is found, read and
  written. `cp -r` is a process as well. What a single image takes is nearly all start-up.
- **Two ways of copying.** Since coreutils 9, `cp -r` has the kernel copy from file to file; before,
  and with `--reflink=never`, it read and wrote. The bars are held against the first. Who compares
  with figures from elsewhere needs to know which.
- **Memory is laid ready** before each run, as much as the output takes. A virtual machine gives
  what was freed back to its host, and the first to need it again waits for the host: without this
  ratios say who came first.
- **Ratios within the run** are what counts; they are ratios of the medians. Times say something
  about this machine only. Every contender is timed once a round, the rounds are interleaved, and
  each begins with another contender. One run over a single file goes before and is not counted.
- **The engine** has the whole `research` plan, cleaning of texts included, and does not verify
  (`--no-verify`): the proof is a second reading of every file, and no other program here has one.
  What it costs is in the row "ours, verified": leak check and conformance check of every output.
- **More than its copy** is what each further image costs for its elements: compare the kinds. An
  ultrasound image is four times as large as one of CT, and has fewer elements.
- **Two studies of each kind.** The slower programs get a part of the whole study, or all of it
  where a bar is about them (CT and MR); copy and engine are timed on that as well, and ratios are
  between runs over the same files.
- **Still naming** counts the files that hold the patient's surname, number or accession number as
  plain bytes. It says what a time was spent on. It is no leak check: dates, other spellings and
  what is compressed are not looked for.
- **Peak memory** is that of the largest process of the tree, not the sum of all. The kernel counts
  the process that starts a child as well, so nothing here is below the 25 MB or so of that one.
- **The files** are generated with a seed: an invented patient, texts that name that patient, and
  new UIDs for every image and for every image that it refers to, so that no memory of values can
  make the figure. `benchmarks/kinds.py` says what differs from file to file.
- gdcmanon encrypts what it takes away into the file, as PS3.15 E.1.1 has it; no other program
  here does. deid is driven from Python with its own default recipe, in one pass. All others are
  started as their manuals show.
"""


def page(
    outcomes: Sequence[Outcome],
    bars: Sequence[Bar],
    machine: Iterable[tuple[str, str]],
    *,
    rounds: int,
    seed: int,
) -> str:
    """Return the run in Markdown."""
    parts = [
        "# The engine against a plain copy and other programs\n",
        f"Written by `make bench ARGS=--write-results`: median of {rounds}, seed {seed}.\n",
        "## The machine\n",
        listed(("", ""), machine),
        "## The bars of issues 3 and 4\n",
        listed(
            ("what", "bar", "measured", ""),
            [(bar.what, bar.bar, bar.measured, VERDICTS[bar.is_held]) for bar in bars],
        ),
        "## The times\n",
    ]
    for outcome in outcomes:
        parts += _of_kind(outcome)
    return "\n".join([*parts, READING])


def _of_kind(outcome: Outcome) -> list[str]:
    start, ours, copy = (
        outcome.on(ONE, ENGINE), outcome.on(WHOLE, ENGINE), outcome.on(WHOLE, COPY),
    )  # fmt: skip
    each = outcome.size / outcome.images / 1e6
    about = f"{outcome.images} images of {each:.2f} MB, {outcome.size / 1e6:.0f} MB in all"
    if start is not None:
        about += f"; a single one takes the engine {start.seconds:.2f} s"
    if start is not None and ours is not None and copy is not None and outcome.images > 1:
        each_more = (ours.seconds - start.seconds) / (outcome.images - 1)
        beyond = each_more - copy.seconds / outcome.images
        about += f", each further one {1000 * beyond:.3f} ms more than its copy"
    head = (
        "contender", "study", "images", "seconds", "ms an image", "× cp -r", "× engine",
        "peak MB", "still naming",
    )  # fmt: skip
    rows = [
        _row(outcome, study, runs) for (study, _), runs in outcome.runs.items() if study in STUDIES
    ]
    return [f"### {outcome.kind}\n", f"{about}.\n", listed(head, rows)]


def _row(outcome: Outcome, study: str, runs: Runs) -> tuple[str, ...]:
    name = runs.contender.name
    if runs.failed:
        return (name, STUDIES[study], str(runs.images), runs.failed, "", "", "", "", "")
    copy, ours = outcome.on(study, COPY), outcome.on(study, ENGINE)
    return (
        name,
        STUDIES[study],
        str(runs.images),
        f"{runs.seconds:.3f}",
        f"{1000 * runs.seconds / runs.images:.3f}",
        f"{runs.seconds / copy.seconds:.2f}" if copy else "",
        f"{runs.seconds / ours.seconds:.2f}" if ours else "",
        f"{runs.peak / 1e6:.0f}",
        str(runs.naming),
    )


def listed(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"
