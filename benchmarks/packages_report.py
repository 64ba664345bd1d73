"""The packages' part of the results page."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmarks.bars import Bar
from benchmarks.report import VERDICTS, listed

HEADING = "# Packages"
STORED, COMPRESSED = 1.4, 6.0
NIFTI = 0.9
MEMORY = 150  # MB of 10**6 bytes

READING = """\
- **Packing** is from the first image to the last checkpoint, safely on disk: every image is
  fetched, its SHA-256 proved against what was verified, its CRC-32 made, and the row told how far
  it is. `cat` writes the same files into one, and that one is synced as well; what it takes until
  it ends, without waiting for the disk, stands beside it.
- **Of one core**: the processor seconds of all threads, against the seconds of `cat`. Sums are
  made on another core while bytes are written, which helps the time and not these seconds.
- **The rest** is the proof that nothing was taken back, the manifest and the directory; **the
  door** is the sum of the whole file and the leak check over what is in it, which read it again.
- **NIfTI** against dcm2niix by hand: the same series and options, as many processes as cores, both
  until what comes out is on disk; ours reads and proves every file first, and packs it afterwards.
- Images are invented CT of 0.5 MB, each of them in the package many times.
"""


def section(
    cat: Mapping[str, float],
    rows: Sequence[Mapping[str, Any]],
    machine: Iterable[tuple[str, str]],
    *,
    images: int,
) -> str:
    """Return the section in Markdown."""
    of = {row["case"]: row for row in rows}
    return "\n".join(
        [
            f"{HEADING}\n",
            f'Written by `make bench ARGS="--packages --write-results"`: {images:,} images.\n',
            listed(("", ""), machine),
            "## The bars of issue 6\n",
            listed(
                ("what", "bar", "measured", ""),
                [
                    (bar.what, bar.bar, bar.measured, VERDICTS[bar.is_held])
                    for bar in _bars(cat, of)
                ],
            ),
            "## The times\n",
            listed(
                (
                    "package",
                    "GB in",
                    "GB out",
                    "packing, s",
                    "of one core, s",
                    "the rest, s",
                    "the door, s",
                    "peak MB",
                ),
                [_cat_row(cat, of["stored"]), *map(_row, rows)],
            ),
            "## How to read this part\n",
            READING,
        ]
    )


def _bars(cat: Mapping[str, float], of: Mapping[str, Mapping[str, Any]]) -> Iterable[Bar]:
    ratio = of["stored"]["pack"] / cat["synced"]
    yield _at_most("stored package, time against `cat`, both until on disk", ratio, STORED)
    ratio = of["compressed"]["pack_cpu"] / cat["written"]
    yield _at_most("compressed package, seconds of one core against `cat`", ratio, COMPRESSED)
    peak = of["large"]["peak"] / 1e6
    size = of["large"]["bytes"] / 1e9
    what = f"peak memory of a package of {size:.1f} GB"
    yield Bar(what, f"below {MEMORY} MB", f"{peak:.0f} MB", peak < MEMORY)
    speed = of["dcm2niix by hand"]["pack"] / of["NIfTI"]["pack"]
    what = "speed of NIfTI against dcm2niix by hand, as many processes as cores"
    yield Bar(what, f"at least {NIFTI} ×", f"{speed:.2f} ×", speed >= NIFTI)


def _at_most(what: str, ratio: float, most: float) -> Bar:
    return Bar(what, f"at most {most} ×", f"{ratio:.2f} ×", ratio <= most)


def _cat_row(cat: Mapping[str, float], stored: Mapping[str, Any]) -> tuple[str, ...]:
    size = f"{stored['bytes'] / 1e9:.2f}"
    took = f"{cat['synced']:.2f} ({cat['written']:.2f} without waiting for the disk)"
    return ("`cat`", size, size, took, "", "", "", "")


def _row(row: Mapping[str, Any]) -> tuple[str, ...]:
    if "door" not in row:
        return (
            row["case"],
            f"{row['bytes'] / 1e9:.2f}",
            f"{row['size'] / 1e9:.2f}",
            f"{row['pack']:.2f}",
            "",
            "",
            "",
            "",
        )
    return (
        row["case"],
        f"{row['bytes'] / 1e9:.2f}",
        f"{row['size'] / 1e9:.2f}",
        *(f"{row[name]:.2f}" for name in ("pack", "pack_cpu", "rest", "door")),
        f"{row['peak'] / 1e6:.0f}",
    )
