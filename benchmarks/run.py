"""Measure the engine against a plain copy, naive pydicom and other programs: `make bench`.

    make bench
    make bench ARGS="--kinds ct,mr --rounds 3 --images 500"
    make bench ARGS=--write-results
    make bench ARGS="--index --write-results"
    make bench ARGS="--packages --write-results"

A bar that is missed is said plainly, and the status is still 0: a busy machine is no error. An
engine that does not write every file is one.
"""

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import index, index_report
from benchmarks.bars import judged
from benchmarks.contenders import ENGINE, Contender, copy, copy_by_reading, others, ours
from benchmarks.machine import described
from benchmarks.places import in_memory
from benchmarks.report import page
from benchmarks.rounds import ONE, PART, ROOT, WHOLE, Outcome, measured
from benchmarks.sections import FIRST, with_part

RESULTS = Path(__file__).with_name("RESULTS.md")
PEERS = ROOT / ".venv" / "peers"

# kind -> images of the whole study, of the part that slower programs get, megabytes an image
SIZES = {
    "ct": (2000, 2000, 0.53),
    "mr": (2000, 2000, 0.21),
    "compressed": (2000, 100, 0.19),
    "multiframe": (24, 3, 42.2),
    "ultrasound": (400, 60, 2.4),
}
SLICES = 50  # of --images make one multi-frame image
# As they stand in the source, in ISO 8859-1.
TERMS = (b"Nordlifjell", b"NORDLIFJELL", b"Torunn", b"13836033390", b"NRA2403120077")


def main() -> None:
    """Measure what was asked for; print the page, and write it if that was asked for, too."""
    options = _options()
    if options.index or options.packages:
        (_index if options.index else _packages)(options)
        return
    kinds = options.kinds.split(",") if options.kinds else list(SIZES)
    if unknown := set(kinds) - set(SIZES):
        raise SystemExit(
            f"No such kind: {', '.join(sorted(unknown))}. There are {', '.join(SIZES)}."
        )
    sizes = {kind: _size(kind, options.images) for kind in kinds}
    needed = max(2.2 * images * SIZES[kind][2] for kind, (images, _) in sizes.items()) * 10**6
    with TemporaryDirectory(prefix="bench-", dir=in_memory(int(needed))) as folder:
        place = Path(folder)
        machine = described(place)
        entries = _entries(place, with_peers=not options.no_peers)
        outcomes: list[Outcome] = []
        for kind, (images, part) in sizes.items():
            outcome = measured(
                kind, entries, place, images=images, part=part, rounds=options.rounds,
                seed=options.seed, terms=TERMS, say=_say,
            )  # fmt: skip
            if outcome.on(WHOLE, ENGINE) is None:
                raise SystemExit("The engine did not write every file: there is nothing to judge.")
            outcomes.append(outcome)
    text = page(outcomes, judged(outcomes), machine, rounds=options.rounds, seed=options.seed)
    print(text)
    if options.write_results:
        _write(text, FIRST)


def _index(options: argparse.Namespace) -> None:
    """Measure the tag index, and put its part in the place of the one that was there."""
    with TemporaryDirectory(prefix="bench-") as folder:
        machine = described(Path(folder))
    series = (options.series,) if options.series else index.SERIES
    text = index.measured(series=series, machine=machine, say=_say)
    print(text)
    if options.write_results:
        _write(text, index_report.HEADING)


def _packages(options: argparse.Namespace) -> None:
    """Measure packages, and put their part in the place of the one that was there."""
    # Imported late: it is large, and who starts a process is counted with it (measure.py).
    from benchmarks import packages, packages_report

    with TemporaryDirectory(prefix="bench-") as folder:
        machine = described(Path(folder))
    text = packages.measured(images=options.images, machine=machine, say=_say)
    print(text)
    if options.write_results:
        _write(text, packages_report.HEADING)


def _write(text: str, heading: str) -> None:
    before = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
    RESULTS.write_text(with_part(before, text, heading=heading), encoding="utf-8")
    _say(f"written to {RESULTS.relative_to(ROOT)}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kinds", default="", help=f"of {','.join(SIZES)}; all if left out")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is timed (5)")
    parser.add_argument(
        "--images", type=int, help=f"of each study; {SLICES} count as one multi-frame image"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-peers", action="store_true", help="only copy and engine")
    parser.add_argument("--index", action="store_true", help="measure the tag index instead")
    parser.add_argument("--packages", action="store_true", help="measure packages instead")
    parser.add_argument(
        "--series",
        type=int,
        help="with --index: series of 1,000 images; 1,000 and 10,000 if left out",
    )
    parser.add_argument("--write-results", action="store_true", help="write benchmarks/RESULTS.md")
    return parser.parse_args()


def _size(kind: str, images: int | None) -> tuple[int, int]:
    whole, part, _ = SIZES[kind]
    if images is not None:
        whole = max(1, images // SLICES if kind == "multiframe" else images)
    return whole, min(whole, part)


def _entries(place: Path, *, with_peers: bool) -> list[tuple[str, Contender]]:
    key = place / "key"
    key.write_bytes(bytes(range(32)))
    one, two, verified = ours(key), ours(key, jobs=2), ours(key, verify=True)
    copies = [(WHOLE, copy()), (WHOLE, copy_by_reading())]
    entries = [*copies, (WHOLE, one), (WHOLE, two), (WHOLE, verified), (ONE, one)]
    if with_peers:
        _say("installing the other programs, each in an environment of its own")
        more = others(PEERS, place)
        entries += [(PART, copy()), (PART, one), *((PART, contender) for contender in more)]
    return entries


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
