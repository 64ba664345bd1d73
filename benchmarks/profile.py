"""Where the engine's time goes, on one kind of file, inside one process.

    python -m benchmarks.profile mr                   microseconds an image, without a profiler
    python -m benchmarks.profile mr --functions       and where cProfile sees them go

`survey` reads every header, `rewrite` is the engine alone, and `folder` is all that a run over a
folder does: the survey, the rewriting, and what lies between. The profiler slows Python down far
more than it does the kernel, so its shares are a hint and the first figures are the truth.
`make bench` measures whole processes; this only helps to look inside.
"""

import argparse
import cProfile
import pstats
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.kinds import KINDS
from benchmarks.places import in_memory
from benchmarks.studies import write_study
from deidentify.folder import deidentify_folder
from deidentify.identity import Identity
from deidentify.outcomes import Settings, counts
from deidentify.plan import Plan, compile_plan
from deidentify.rewrite import rewrite
from deidentify.survey import files_of, survey

MULTI_FRAME_IMAGES = 12
ROOM = 2 * 10**9  # bytes


def main() -> None:
    """Generate a study, take it through the engine's parts, and print what each took."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--images", type=int)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--functions", action="store_true", help="ask cProfile as well")
    parser.add_argument("--lines", type=int, default=30, help="functions to print (30)")
    options = parser.parse_args()
    images = options.images or (MULTI_FRAME_IMAGES if options.kind == "multiframe" else 300)

    with TemporaryDirectory(dir=in_memory(ROOM)) as folder:
        source, target = Path(folder) / "source", Path(folder) / "target"
        target.mkdir()
        write_study(options.kind, source, images=images, seed=options.seed)
        files = list(files_of(source))
        print(f"{options.kind}, {images} images, microseconds an image")
        parts = {
            "survey": lambda: survey(files),
            "rewrite": lambda: _rewrite_all(files, target, plan()),
            "folder": lambda: _whole_folder(source, target, images),
        }
        for _ in range(options.rounds):
            times = [f"{name} {_micros(part) / images:7.0f}" for name, part in parts.items()]
            print("   ".join(times))
        if options.functions:
            profiler = cProfile.Profile()
            profiler.runcall(_rewrite_all, files, target, plan())
            pstats.Stats(profiler).sort_stats("tottime").print_stats(options.lines)


def plan() -> Plan:
    """Return the whole `research` plan for an invented participant, compiled anew."""
    identity = Identity(project="BENCH", pseudonym="BENCH_001", secret=bytes(range(32)))
    return compile_plan("research", identity=identity)


def _micros(part: Callable[[], object]) -> float:
    start = time.perf_counter()
    part()
    return 1e6 * (time.perf_counter() - start)


def _whole_folder(source: Path, target: Path, images: int) -> None:
    settings = Settings("research", (), (), {"": plan().identity}, verify=False)
    results = deidentify_folder(source, target, settings)
    if counts(results)["written"] != images:
        raise SystemExit("Not every file was written; nothing here can be trusted.")


def _rewrite_all(files: list[Path], target: Path, plan: Plan) -> None:
    for path in files:
        rewrite(path, target / path.name, plan, digest=False)


if __name__ == "__main__":
    main()
