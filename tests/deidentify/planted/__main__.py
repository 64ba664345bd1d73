"""`python -m tests.deidentify.planted --subjects 12`: the whole benchmark, printed."""

import argparse
import sys
import tempfile
from pathlib import Path

from rdma.selftest import scoring
from rdma.selftest.planting import corpus
from tests.deidentify.planted import table, validity
from tests.deidentify.planted.door import through
from tests.deidentify.planted.real import ALL


def run() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--subjects", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", nargs="*", default=list(ALL))
    parser.add_argument("--verify", action="store_true", help="hold what the leak check finds")
    parser.add_argument("--profile", default="research")
    parser.add_argument("--no-dciodvfy", action="store_true")
    parser.add_argument("--folder", type=Path, help="keep the corpus there")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="planted-") as scratch:
        folder = args.folder or Path(scratch)
        sheets = corpus.make(
            folder / "in",
            seed=args.seed,
            subjects=args.subjects,
            builders={kind: ALL[kind] for kind in args.kinds},
        )
        outcomes = through(folder, sheets, verify=args.verify, profile=args.profile)
        verdicts = scoring.judge(sheets, outcomes)
        if not args.no_dciodvfy:
            for verdict in verdicts:
                validity.compare_errors(verdict)
    lines = [*table.details(verdicts), "", *table.by(verdicts, what="kind"), ""]
    lines += [*table.by(verdicts, what="cell"), ""]
    lines += [f"{name:12} {number}" for name, number in table.totals(verdicts).items()]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    run()
