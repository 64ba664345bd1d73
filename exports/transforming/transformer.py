"""The images of one package, changed as its specification says, one file at a time."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from deidentify.inventory import SeriesInventory
from exports.element_columns import joined
from exports.specification import Specification
from exports.transforming.deeds import add_deeds
from exports.transforming.people import People
from exports.untying import Drawn, Pseudonyms, cut_ties
from exports.walking.edits import Level
from exports.walking.writing import rewrite
from projects.models import Project
from transfers.models import Run


class Asked(Protocol):
    """What is asked for: a package, or for a preview one that was never saved."""

    @property
    def project(self) -> Project: ...

    @property
    def spec(self) -> Specification: ...


class Chosen(Protocol):
    """An image as the choice of a package knows it."""

    @property
    def participant(self) -> str: ...

    @property
    def study(self) -> int: ...

    @property
    def run(self) -> int: ...


@dataclass(frozen=True)
class Change:
    """One element of a header, before and after; None where it is missing.

    `path` is as the review writes it: `(0040,0275)(0020,0010)`, for all items of a sequence alike,
    private ones by creator: `(0051,"SIEMENS MR HEADER",1F)`. Values are those of the research copy:
    hide what the review hides.
    """

    path: str
    keyword: str
    before: str | None
    after: str | None

    @property
    def is_changed(self) -> bool:
        """Whether anything is done to it."""
        return self.before != self.after


class Transformer:
    """What changes the images of a package.

    May be used by several threads once made: what it learns it only adds. The same image under
    the same specification and tables always gives the same bytes.
    """

    def __init__(self, package: Asked) -> None:
        self.specification = package.spec
        self._people = People(package.project)
        self._drawn = Drawn() if self.specification.ties == "cut" else None
        self._everybody = Pseudonyms(
            package.project.participants.values_list("pseudonym", flat=True)
            if self.is_cutting
            else ()
        )
        self._levels: dict[tuple[str, int], Level] = {}

    @property
    def changes_anything(self) -> bool:
        """Whether any image is changed; if not, files are packed as they lie in the storage."""
        return bool(self.specification.transformations) or self.is_cutting

    @property
    def is_cutting(self) -> bool:
        """Whether all ties are cut: such a package is built by one worker in one go, or anew."""
        return self._drawn is not None

    def apply(self, source: Path, target: Path, image: Chosen) -> bool:
        """Write the changed form of an image to `target`; False if nothing of it changes.

        Raises:
            CannotTransform: a value does not fit its element, or a table lacks a row.
        """
        if not self.changes_anything:
            return False
        return rewrite(source, target, self._level(image))

    def _level(self, image: Chosen) -> Level:
        key = (image.participant, image.study)
        found = self._levels.get(key)
        if found is None:
            found = Level()
            if self._drawn is not None:
                cut_ties(
                    found,
                    image.participant,
                    image.study,
                    self._drawn,
                    everybody=self._everybody,
                    keeps_intervals=self.specification.keeps_intervals,
                )
            person = self._people.person(image.participant, lambda: self._run(image))
            add_deeds(found, self.specification.transformations, person)
            self._levels[key] = found
        return found

    def order(self, pseudonym: str) -> bytes:
        """Return what participants are sorted by first; the same for all unless ties are cut."""
        return self._drawn.order(pseudonym) if self._drawn is not None else b""

    def seal(self, text: str) -> str:
        """Return a line for the scratch folder: where ties are cut, only this process reads it.

        Otherwise, what is written down while a package is built would lead from the new names to
        the old ones for whoever gets hold of the disk.
        """
        return self._drawn.seal(text) if self._drawn is not None else text

    def unseal(self, line: str) -> str:
        """Return what was sealed. Raises CannotTransform where another process sealed it."""
        return self._drawn.unseal(line) if self._drawn is not None else line

    def _run(self, image: Chosen) -> Run:
        rows = Run.objects.select_related("transfer__participant", "transfer__project")
        return rows.select_related("plan_version", "transfer__event").get(pk=image.run)

    def sample(self, source: Path, image: Chosen) -> list[Change]:
        """Return every element of an image's header, before and after."""
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "after.dcm"
            is_changed = self.apply(source, target, image)
            before = _listed(source)
            return _differences(before, _listed(target) if is_changed else before)


def _differences(
    before: dict[str, tuple[str, str]], after: dict[str, tuple[str, str]]
) -> list[Change]:
    changes = []
    for path in sorted({*before, *after}):
        keyword, old = before.get(path, ("", None))
        name, new = after.get(path, (keyword, None))
        changes.append(Change(path, keyword or name, old, new))
    return changes


def _listed(path: Path) -> dict[str, tuple[str, str]]:
    """Return path -> keyword and text of every element, of sequences the values of all items."""
    inventory = SeriesInventory()
    inventory.add(path)
    return {row.path: (row.keyword, joined(row.values, row.distinct)) for row in inventory.rows()}
