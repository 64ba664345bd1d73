"""Where the engine's time goes, on one kind of file, inside one process.

    python -m benchmarks.profile mr --images 300            wall time per image, without a profiler
    python -m benchmarks.profile mr --images 300 --functions     and where cProfile sees it go

The profiler slows Python down far more than it does the kernel, so its shares are a hint and the
first figure is the truth. `make bench` measures whole processes; this only helps to look inside.
"""

import argparse
import cProfile
import pstats
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.kinds import KINDS
from benchmarks.places import in_memory
from benchmarks.studies import write_study
from deidentify.folder import files_of, survey
from deidentify.identity import Identity
from deidentify.plan import Plan, compile_plan
from deidentify.rewrite import rewrite

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
        for _ in range(options.rounds):
            start = time.perf_counter()
            found = survey(files)
            surveyed = time.perf_counter()
            _rewrite_all(files, target, plan())
            rewritten = time.perf_counter()
            per_image = 1e6 / images
            print(
                f"survey {(surveyed - start) * per_image:7.0f}   "
                f"rewrite {(rewritten - surveyed) * per_image:7.0f}"
            )
        if len(found.jobs) != images:
            raise SystemExit("The survey lost files; nothing here can be trusted.")
        if options.functions:
            profiler = cProfile.Profile()
            profiler.runcall(_rewrite_all, files, target, plan())
            pstats.Stats(profiler).sort_stats("tottime").print_stats(options.lines)


def plan() -> Plan:
    """Return the whole `research` plan for an invented participant, compiled anew."""
    identity = Identity(project="BENCH", pseudonym="BENCH_001", secret=bytes(range(32)))
    return compile_plan("research", identity=identity)


def _rewrite_all(files: list[Path], target: Path, plan: Plan) -> None:
    for path in files:
        rewrite(path, target / path.name, plan, digest=False)


if __name__ == "__main__":
    main()
