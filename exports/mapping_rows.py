"""The rows of the page of a project's BIDS mapping: what is decided, guessed, or just typed."""

import hashlib
from collections.abc import Mapping as Texts
from dataclasses import dataclass, replace

from exports.bids.entities import CHOSEN, SUFFIXES, kinds_for, stem
from exports.bids.guessing import guess
from exports.bids.kinds import NATURES, Kind
from exports.bids.labels import label
from exports.bids.rows import ASIDE, Row
from exports.models import BidsMapping
from exports.presenting import counted
from exports.series_kinds import Found, kinds_in
from projects.models import Project

STANDINGS = {
    "unknown": ("held", "Not known"),
    "guessed": ("wait", "Guessed"),
    "decided": ("done", "Decided"),
}
LONGEST_LABEL = 32


@dataclass(frozen=True)
class Label:
    """One field of a row: what tells its files apart."""

    name: str
    title: str
    value: str
    is_needed: bool


@dataclass(frozen=True)
class MappingRow:
    """One kind of series: how much there is, and what it is.

    `standing` is a key of STANDINGS: what the choice comes from, if nobody changes it here.
    """

    found: Found
    row: Row
    standing: str

    @property
    def key(self) -> str:
        """What its fields are named by; the description itself is in no field."""
        return hashlib.sha256("\0".join(self.found.kind).encode()).hexdigest()[:16]

    @property
    def title(self) -> str:
        """The description, or that there is none."""
        return self.found.kind.description or "No description"

    @property
    def words(self) -> str:
        """Of which modality and nature, and how much of it there is."""
        kind = self.found.kind
        nature = f", {NATURES[kind.nature].lower()}" if kind.nature else ""
        series = counted(self.found.series, "series", "series")
        people = counted(self.found.participants, "participant")
        many = f"{series} of {people}" if self.found.series else "none here any more"
        return f"{kind.modality or 'No modality'}{nature}: {many}"

    @property
    def pill(self) -> tuple[str, str]:
        """The colour and the word of its standing."""
        return STANDINGS[self.standing]

    @property
    def groups(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """What it can be, by folder, each with its words."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for place in kinds_for(self.found.kind.modality):
            one = SUFFIXES[place]
            groups.setdefault(one.datatype, []).append((place, one.title))
        return [*groups.items(), ("not in BIDS", list(ASIDE.items()))]

    @property
    def labels(self) -> list[Label]:
        """The fields that its place knows."""
        if self.row.place not in SUFFIXES:
            return []
        one = SUFFIXES[self.row.place]
        return [
            Label(name, title, getattr(self.row, name), name in one.needs)
            for name, title in CHOSEN.items()
            if name in one.entities
        ]

    @property
    def problems(self) -> list[str]:
        """What is wrong with the choice."""
        return self.row.problems()

    @property
    def example(self) -> str:
        """What a file of it would be called; "" where it has no place."""
        if self.row.place not in SUFFIXES or self.problems:
            return ""
        datatype, suffix = self.row.place.split("/")
        top = {"sub": label(self.found.participant) or "01"}
        top["ses"] = label(self.found.event) or "01"
        name = stem(top | self.row.entities, suffix)
        return f"sub-{top['sub']}/ses-{top['ses']}/{datatype}/{name}.nii.gz"


def rows_shown(
    project: Project, saved: BidsMapping | None, typed: Texts[str, str] | None
) -> list[MappingRow]:
    """Return a row for each kind of series here and each that was decided about once.

    Args:
        project: whose they are.
        saved: the newest version.
        typed: what was sent from the page, if anything was.
    """
    decided = saved.mapping(unmapped="source").rows if saved else {}
    found = {one.kind: one for one in kinds_in(project)}
    found |= {kind: Found(kind) for kind in decided if kind not in found}
    rows = [_row(found[kind], decided) for kind in sorted(found)]
    rows.sort(key=lambda one: list(STANDINGS).index(one.standing))  # what wants a person first
    return [_typed(one, typed) for one in rows] if typed is not None else rows


def _row(found: Found, decided: Texts[Kind, Row]) -> MappingRow:
    if known := decided.get(found.kind):
        return MappingRow(found, known, "decided")
    guessed = guess(found.kind)
    return MappingRow(found, guessed.row, "guessed" if guessed.is_plain else "unknown")


def _typed(one: MappingRow, typed: Texts[str, str]) -> MappingRow:
    """Put what was sent in the place of what is decided or guessed."""
    place = typed.get(f"place-{one.key}")
    if place is None:
        return one
    labels = {
        name: typed.get(f"{name}-{one.key}", getattr(one.row, name)).strip()[:LONGEST_LABEL]
        for name in CHOSEN
    }
    return replace(one, row=Row(one.found.kind, place, **labels))
