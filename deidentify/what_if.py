"""What a run would do, printed without doing it: element by element, or summed over a folder."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from deidentify.errors import Refused
from deidentify.explain import explain
from deidentify.plan import Plan


def print_explanation(files: Iterable[Path], plan: Plan) -> int:
    """Print for every file every element, what becomes of it and why; 1 if a file was refused."""
    refused = 0
    for path in files:
        print(f"# {path.name}")
        try:
            for line in explain(path, plan):
                print(
                    f"{line.path}\t{line.keyword}\t{line.vr}\t{line.action}\t{line.meaning}\t"
                    f"{line.because}"
                )
        except Refused as error:
            refused += 1
            print(f"  {error.sentence}")
    return 1 if refused else 0


def print_what_if(files: Iterable[Path], plan: Plan) -> int:
    """Print for every element path of a folder how many instances it is in and what it becomes."""
    rows: Counter[tuple[str, str, str, str]] = Counter()
    instances, refused = 0, 0
    for path in files:
        try:
            lines = set(explain(path, plan))
        except Refused:
            refused += 1
            continue
        instances += 1
        rows.update({(line.path, line.keyword, line.meaning, line.because) for line in lines})
    for (path_, keyword, meaning, because), number in sorted(rows.items()):
        print(f"{number}\t{path_}\t{keyword}\t{meaning}\t{because}")
    print(f"{instances} instances would be written, {refused} files refused.")
    return 1 if refused else 0
