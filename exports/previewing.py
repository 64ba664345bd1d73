"""What a specification would give, before anything is built: for the editor and for who asks.

Shown are values of the research copy, and the review hides some of them. Here they are hidden as
well, in names of folders as in headers, until somebody who may review asks, which is on record.
If what a specification writes tells of persons (whatever a participant table says, true dates), all
of it but the counts is shown only to those who may see identified data, which is on record as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.template.defaultfilters import filesizeformat
from pydicom.datadict import tag_for_keyword

from exports import reidentification
from exports.actions.showing import may_look
from exports.choosing import Tree, dry_run
from exports.choosing.trying import Asked
from exports.errors import ExportError
from exports.naming.fields import FIELDS
from exports.naming.templates import read_file, read_folders
from exports.presenting import counted
from exports.room import warnings
from exports.specification import Specification
from exports.transforming import Transformer
from exports.untying import what_stays_linkable
from projects.models import Participant, Project, User
from projects.storage import storage
from review.actions.showing import show_values
from review.hiding import hides, with_hiding
from review.models import Element
from review.names import steps

MOST_CHANGES = 60
LONGEST = 200
COUNTS_ONLY = (
    "These are the counts alone: what it would write tells of persons, and is shown to those who "
    "may see identified data."
)


@dataclass(frozen=True)
class ChangeSaid:
    """One element of the header before and after; None stands for an element that is not there."""

    path: str
    name: str
    before: str | None
    after: str | None
    is_hidden: bool


@dataclass(frozen=True)
class _Sample:
    """The one image that is looked at."""

    participant: str
    run: int
    study: int = 1


@dataclass
class Preview:
    """What the page shows. `why_closed` says why nothing but counts is shown; "" if all is."""

    tree: Tree
    sentence: str
    why_closed: str = ""
    left_out: list[tuple[str, int, int]] = field(default_factory=list)
    left_out_sentence: str = ""
    changes: list[ChangeSaid] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    alone: reidentification.Table | None = None
    linkable: list[str] = field(default_factory=list)
    has_hidden: bool = False
    shows_hidden: bool = False


def preview(
    *,
    by: User,
    project: Project,
    specification: Specification,
    participants: Sequence[Participant] | None = None,
    shows_hidden: bool = False,
) -> Preview:
    """Return what a package of some participants (None: of all) would be.

    Raises PermissionDenied if hidden values are asked for by somebody who may not review.
    """
    if not may_look(by=by, project=project, specification=specification):
        return _counts(project, specification, participants)
    hidden = {one.path: one for one in _hidden(project)}
    named = {name for name in _fields_of(specification) if _path_of(name) in hidden}
    if shows_hidden:
        for name in named:
            show_values(by=by, element=hidden[_path_of(name)])
    try:
        tree = dry_run(
            project,
            specification,
            participants,
            hidden=() if shows_hidden else named,
        )
        shown = Preview(tree, _sentence(tree), shows_hidden=shows_hidden, has_hidden=bool(named))
        _add_left_out(shown)
        _add_changes(shown, by, project, specification, hidden)
        shown.alone = reidentification.table(project, specification, participants)
        shown.warnings += warnings(project, tree.size)
    except ExportError as error:
        return Preview(Tree(), str(error))
    shown.linkable = what_stays_linkable(specification) if specification.ties == "cut" else []
    return shown


def _counts(
    project: Project, specification: Specification, participants: Sequence[Participant] | None
) -> Preview:
    """Return how much would go in, and nothing that headers or tables say."""
    try:
        tree = dry_run(project, specification, participants, counts_only=True)
        tree.problems.append(COUNTS_ONLY)
        shown = Preview(tree, _sentence(tree), why_closed=COUNTS_ONLY)
        _add_left_out(shown)
        shown.warnings += warnings(project, tree.size)
    except ExportError as error:
        return Preview(Tree(), str(error))
    return shown


def _hidden(project: Project) -> list[Element]:
    """Return the elements whose values the review hides."""
    elements = with_hiding(Element.objects.filter(project=project).select_related("project"))
    return [element for element in elements if hides(element)]


def _fields_of(specification: Specification) -> frozenset[str]:
    return read_folders(specification.folders).fields | read_file(specification.file).fields


def _path_of(name: str) -> str:
    """Return the element of the main data set that a template's field is read from."""
    tag = tag_for_keyword(FIELDS[name].keyword) if FIELDS[name].keyword else None
    return "" if tag is None else f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def _add_left_out(shown: Preview) -> None:
    """Say what the specification leaves out, and by which of its words."""
    tree = shown.tree
    shown.left_out = [(why, *counts) for why, counts in tree.left_out.items()]
    if shown.left_out:
        series = sum(count for _, count, _ in shown.left_out)
        shown.left_out_sentence = (
            f"{counted(series, 'series', 'series')}, "
            f"{counted(tree.images_left_out, 'image')}, would be left out"
        )
    if tree.unread:
        shown.warnings.append(
            f"{counted(tree.unread, 'series', 'series')} could not be looked at in time; "
            "the counts may still change."
        )


def _add_changes(
    shown: Preview,
    by: User,
    project: Project,
    specification: Specification,
    hidden: Mapping[str, Element],
) -> None:
    """Compare the header of one image that goes in with what would go out."""
    outcome = shown.tree.sample
    if outcome is None or not (specification.transformations or specification.ties == "cut"):
        return
    pseudonym = outcome.run.transfer.participant.pseudonym
    with storage().fetch(outcome.key) as path:
        changes = Transformer(Asked(project, specification)).sample(
            path, _Sample(pseudonym, outcome.run_id)
        )
    for one in [one for one in changes if one.is_changed][:MOST_CHANGES]:
        is_hidden = one.path in hidden and not shown.shows_hidden
        shown.changes.append(
            ChangeSaid(
                path=one.path,
                name=steps(one.path)[-1].name,
                before=_cut(one.before),
                after=_cut(one.after),
                is_hidden=is_hidden,
            )
        )
        if one.path in hidden:
            shown.has_hidden = True
            if shown.shows_hidden:
                show_values(by=by, element=hidden[one.path])


def _cut(text: str | None) -> str | None:
    """Return the beginning of a long value."""
    return text if text is None or len(text) <= LONGEST else text[:LONGEST] + "…"


def _sentence(tree: Tree) -> str:
    if not tree.images:
        return "Nothing would go in."
    parts = [
        counted(tree.participants, "participant"),
        counted(tree.studies, "study", "studies"),
        counted(tree.series, "series", "series"),
        f"{counted(tree.images, 'image')}, {filesizeformat(tree.size)}",
    ]
    return ", ".join(parts) + "."
