"""What a specification would make, without making it: the tree of folders, counts, what stays out.

For the preview, which asks again at every change. Headers are read for a while only; what was read
is kept, so that asking again gets further. Counts that need no header are exact at once.
"""

import time
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from exports.choosing.candidates import candidates
from exports.choosing.facts import HEADERS, SeriesFacts, Values, wanted_elements
from exports.choosing.outgoing import Outgoing, outgoing
from exports.choosing.places import Places, series_values
from exports.choosing.rules import Chooser
from exports.errors import ExportError
from exports.naming.templates import read_file, read_folders
from exports.specification.parts import Specification
from exports.transforming import Transformer
from projects.models import Participant, Project
from transfers.models import Outcome

SECONDS = 2.0
SHOWN = 300
"""Series whose folders are shown."""
HIDDEN = "hidden"
"""What names show of a field whose values are hidden until somebody asks."""
UNREAD: Values = {}
"""Stands for the values of a header that there was no time to read."""


@dataclass(frozen=True)
class Asked:
    """What a package would be asked for with."""

    project: Project
    spec: Specification


@dataclass(frozen=True)
class Line:
    """One line of a tree.

    Args:
        depth: 0 for the folders at the top.
        name: of the folder, or of the files in it.
        images, size: of a series' folder; 0 for folders that only hold others.
    """

    depth: int
    name: str
    images: int = 0
    size: int = 0


@dataclass
class Tree:
    """What would be in the package.

    Args:
        participants, studies, series, images, size: what goes in.
        left_out: by the words of the specification, how many series and images stay out.
        lines: of the first SHOWN series; unshown is how many more there are.
        file: the name of the first image, without ending.
        unread: series whose header was not read yet; above 0 the counts may still change.
        problems: why headers cannot be transformed, each sentence once.
        sample: an image that goes in, for the preview of a header; None if nothing does.
    """

    participants: int = 0
    studies: int = 0
    series: int = 0
    images: int = 0
    size: int = 0
    left_out: dict[str, tuple[int, int]] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    file: str = ""
    unshown: int = 0
    unread: int = 0
    problems: list[str] = field(default_factory=list)
    sample: Outcome | None = None

    @property
    def images_left_out(self) -> int:
        """How many images the specification leaves out."""
        return sum(images for _, images in self.left_out.values())


def dry_run(
    project: Project,
    specification: Specification,
    participants: Iterable[Participant] | None = None,
    *,
    seconds: float = SECONDS,
    hidden: Collection[str] = (),
    counts_only: bool = False,
) -> Tree:
    """Return what a package of some participants (None: of all) would be.

    Of the fields named in `hidden` names show only that they are there; with `counts_only` there
    are no names of folders and files at all. Raises SourceChanged if an image is gone from the
    storage.
    """
    transformer = Transformer(Asked(project, specification))
    trying = _Trying(specification, transformer, seconds, hidden, counts_only=counts_only)
    everybody = project.participants.all() if participants is None else participants
    for _, found in candidates(project, {one.pk for one in everybody}, trying.read):
        trying.add(found)
    return trying.done()


class _Trying:
    """One preview under way."""

    def __init__(
        self,
        specification: Specification,
        transformer: Transformer,
        seconds: float,
        hidden: Collection[str],
        *,
        counts_only: bool,
    ) -> None:
        self.transformer, self.hidden = transformer, hidden
        self.counts_only = counts_only
        self.chooser = Chooser(specification.selection)
        self.places = Places(read_folders(specification.folders), read_file(specification.file))
        self.wanted = wanted_elements(specification.selection, self.places.fields)
        self.until = time.monotonic() + seconds
        self.tree = Tree()
        self.people: set[int] = set()
        self.series: Counter[str] = Counter()
        self.images: Counter[str] = Counter()
        self.folders: dict[str, tuple[int, int]] = {}

    def read(self, image: Outcome) -> Values:
        """Read a header while there is time; afterwards what is known already, or UNREAD."""
        if time.monotonic() < self.until:
            return HEADERS.read(image, self.wanted)
        known = HEADERS.known(image, self.wanted)
        return UNREAD if known is None else known

    def add(self, found: Iterable[SeriesFacts]) -> None:
        """Take the series of one run into account."""
        tree = self.tree
        chosen = [one for one in found if self._is_chosen(one)]
        tree.studies += bool(chosen)
        for one in chosen:
            tree.series += 1
            tree.images += one.images
            tree.size += one.size
            tree.sample = tree.sample or one.first
            self.people.add(one.run.transfer.participant_id)
            is_unread = one.values is UNREAD or self._is_late()
            if self.counts_only or tree.series > SHOWN or is_unread:
                tree.unshown += 1
            else:
                self._place(one)

    def _is_late(self) -> bool:
        """Whether there is no time left to transform another header for its names."""
        return self.transformer.changes_anything and time.monotonic() > self.until

    def _is_chosen(self, one: SeriesFacts) -> bool:
        if one.values is UNREAD and self.chooser.reads_headers:
            self.tree.unread += 1
            return False
        reason = self.chooser.refusal(one)
        if reason:
            self.series[reason] += 1
            self.images[reason] += one.images
        return not reason

    def _place(self, one: SeriesFacts) -> None:
        leaving = self._outgoing(one)
        values = series_values(
            leaving.facts, leaving.participant, study=self.tree.studies, counter=self.tree.series
        )
        if self.transformer.is_cutting:
            values["site"] = ""
        values |= {name: HIDDEN for name in self.hidden if values[name]}
        folder = self.places.folder(leaving.facts, values)
        for parent in reversed(PurePosixPath(folder).parents[:-1]):
            self.folders.setdefault(str(parent), (0, 0))
        images, size = self.folders.get(folder, (0, 0))
        self.folders[folder] = (images + one.images, size + one.size)
        if not self.tree.file:
            self.tree.file = next(self.places.file_names(folder, values, [1]))

    def _outgoing(self, one: SeriesFacts) -> Outgoing:
        try:
            return outgoing(one, self.transformer, self.wanted, self.tree.studies)
        except ExportError as error:
            if str(error) not in self.tree.problems:
                self.tree.problems.append(str(error))
            return Outgoing(HIDDEN, one, one)

    def done(self) -> Tree:
        """Return the tree, counted."""
        self.tree.participants = len(self.people)
        self.tree.left_out = {
            reason: (self.series[reason], self.images[reason]) for reason in sorted(self.series)
        }
        for folder in sorted(self.folders, key=PurePosixPath):
            path = PurePosixPath(folder)
            self.tree.lines.append(Line(len(path.parts) - 1, path.name, *self.folders[folder]))
        return self.tree
