"""The index's part of the results page, which stands last; the engine's part stays as it is."""

from collections.abc import Iterable, Sequence
from typing import Any

from benchmarks.bars import Bar
from benchmarks.report import VERDICTS, listed

HEADING = "# The tag index at scale"
MOST = {"inventory": 100, "element": 200, "value": 200}
"""Milliseconds of the three main pages (issue 5, point 6)."""

READING = """\
- **Rows are made, no files are**: series of invented scanners, protocols and participants, merged
  by the portal's own code, the five series of a study in one transaction. 40 of the 300 elements
  of a series differ in every image and are counted, not listed.
- **At ten million**, the first thousand series are merged and then copied nine times with all
  their participants, sums and all, since merging them all takes an hour; then 200 more are merged.
  Distinct values do not grow by copying, so the bytes of each are of the smaller index.
- **Merging** is the median over what was merged, and the mean over the last 200, when the sums
  are largest. Verdicts are settled in the same transaction, and the order of risk as well.
- **Pages** are asked for through Django's test client, signed in, all of the response included;
  the median of eight, after one that is not counted and that writes the rows which the process
  keeps (`review/rows.py`).
- **Index seconds** are what reading 1,000 files into rows takes, in one process, and merging them
  as one series on the slower of the databases; de-identifying is the engine alone, in a process
  of its own, over the same files.
"""


def section(
    outcomes: Sequence[dict[str, Any]],
    reading: Sequence[dict[str, Any]],
    machine: Iterable[tuple[str, str]],
    *,
    instances: int,
) -> str:
    """Return the section in Markdown."""
    slowest = max(one["last_ms"] for one in outcomes) / 1000
    head = (
        *("database", "images", "series", "merging, ms a series", "the last 200", "seconds in all"),
        *("inventory, ms", "element, ms", "value, ms", "MB", "values of elements", "bytes of each"),
    )
    return "\n".join(
        [
            f"{HEADING}\n",
            f'Written by `make bench ARGS="--index --write-results"`: series of {instances:,}.\n',
            listed(("", ""), machine),
            "## The bars of issue 5\n",
            listed(
                ("what", "bar", "measured", ""),
                [
                    (bar.what, bar.bar, bar.measured, VERDICTS[bar.is_held])
                    for bar in [*_of_pages(outcomes), *_of_reading(reading, slowest)]
                ],
            ),
            "## The times\n",
            listed(head, map(_row, outcomes)),
            "## How to read this part\n",
            READING,
        ]
    )


def _of_pages(outcomes: Sequence[dict[str, Any]]) -> Iterable[Bar]:
    for one in outcomes:
        images = one["instances"]
        for page, most in MOST.items():
            what = f"{page} page at {images:,} images, {one['database']}"
            took = one["pages"][page]
            yield Bar(what, f"below {most} ms", f"{took:.0f} ms", took < most)


def _of_reading(reading: Sequence[dict[str, Any]], slowest: float) -> Iterable[Bar]:
    for one in reading:
        index = one["index_seconds"] + slowest
        what = f"{one['kind']}: index seconds per 1,000 images, against de-identifying them"
        least = one["deidentify_seconds"]
        yield Bar(what, f"below {least:.2f} s", f"{index:.2f} s", index < least)


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    return (
        one["database"],
        f"{one['instances']:,}",
        f"{one['series']:,}",
        f"{one['median_ms']:.0f}",
        f"{one['last_ms']:.0f}",
        f"{one['seconds']:.0f}",
        *(f"{one['pages'][page]:.0f}" for page in MOST),
        f"{one['size'] / 1e6:.0f}",
        f"{one['element_values']:,}",
        f"{one['size'] / one['element_values']:.0f}",
    )
