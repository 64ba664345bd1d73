"""Changing one header in a test: a person, transformations, a file in and a file out."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset

from exports.specification import Transformation
from exports.transforming.deeds import add_deeds
from exports.transforming.people import Person
from exports.walking.edits import Level
from exports.walking.writing import rewrite

CELLS = {"birth_date": "1954-08-07", "age": "71", "sex": "k", "identifier": "NEW-77"}
DAYS = -100


def person(
    pseudonym: str = "BICAM_0001",
    cell: Callable[[str, str], str] = lambda table, column: CELLS[column],
) -> Person:
    """Return an invented participant whose dates were moved by a hundred days."""
    return Person(pseudonym=pseudonym, cell=cell, days=lambda: DAYS, secret=bytes(32))


def changed(
    source: Path, *deeds: Transformation, who: Person | None = None, target: Path | None = None
) -> Path:
    """Return the file that transformations make of another; the same one if nothing changes."""
    level = Level()
    add_deeds(level, tuple(deeds), who or person())
    target = target or source.with_suffix(".changed")
    return target if rewrite(source, target, level) else source


def read(path: Path) -> Dataset:
    """Read a header with its pixels."""
    return pydicom.dcmread(path)


def differing(before: Dataset, after: Dataset) -> Sequence[str]:
    """Return the keywords, or tags, of what is not the same in two data sets, at any depth."""
    found = []
    for tag in sorted({*before.keys(), *after.keys()}):
        old, new = before.get(tag), after.get(tag)
        if old == new:
            continue
        element = old if old is not None else new
        found.append(element.keyword or str(element.tag))
    return found
