"""What the editor of a specification shows: its fields with what can be chosen in each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from exports.editing import ROWS, Draft, Row, option_text
from exports.models import PackageDestination, ParticipantTable
from exports.naming.fields import FIELDS, FILTERS
from exports.specification.attachment_kinds import ATTACHMENTS
from exports.specification.deeds import DEEDS
from exports.specification.options import OPTIONS, Option
from exports.specification.parts import COMPRESSIONS, TESTS, TIES, WITHOUT_VALUE
from exports.states import Format
from projects.models import Event, Project
from review.models import Element, ResearchSeries

MOST_ELEMENTS = 400
FORMATS = {
    "dicom": "The images as they were delivered, or with the changes below.",
    "medium": "For a CD, a stick or a clinical system: with a DICOMDIR and short file names.",
    "nifti": "A volume for each series, with its JSON and gradients, as dcm2niix makes them.",
    "bids": "NIfTI, named and ordered as the Brain Imaging Data Structure wants it.",
    "pictures": "A picture for each slice.",
    "headers": "No pixels: what the headers say, as a table.",
}
"""What each format is for, by its name in a specification."""


@dataclass(frozen=True)
class Choice:
    """One thing that can be chosen: its value, its words, whether it is chosen now."""

    value: str
    title: str
    sentence: str
    is_chosen: bool
    takes: str = ""


@dataclass(frozen=True)
class OptionField:
    """An option of a format, as a field."""

    name: str
    option: Option
    text: str
    choices: list[Choice]

    @property
    def kind(self) -> str:
        """What the field is: check, number, choice or text."""
        if isinstance(self.option.default, bool):
            return "check"
        if self.option.choices is not None:
            return "choice"
        return "number" if isinstance(self.option.default, int) else "text"


@dataclass(frozen=True)
class EditorRow:
    """One row of fields.

    Attributes:
        cells: text by column.
        chosen: what can be chosen in the column that decides which others mean something.
        sentence: what the chosen thing does.
        is_new: whether it was added just now.
        has_lost_table: whether it names a participant table that is not there any more.
    """

    number: int
    cells: Row
    chosen: list[Choice]
    sentence: str
    is_new: bool
    has_lost_table: bool


def editor_facts(project: Project, draft: Draft, *, added: str = "") -> dict[str, Any]:
    """Return what the editor's template shows of a draft; `added` is where a row was just added."""
    chosen = draft.texts.get("format", "")
    tables = list(
        ParticipantTable.objects.filter(project=project)
        .order_by("name")
        .values_list("name", flat=True)
    )
    return {
        "draft": draft,
        "formats": [_format(one, chosen) for one in Format],
        "option_groups": _option_groups(draft, chosen),
        "events": _ticked(draft, "selection.events", _names(project.events.all())),
        "sites": _ticked(draft, "selection.sites", _site_names(project)),
        "modalities": _ticked(draft, "selection.modalities", _modalities(project)),
        "row_groups": {
            place.rpartition(".")[2]: _rows(draft, place, tables, added == place) for place in ROWS
        },
        "ties": _closed(TIES, draft.texts.get("ties", "")),
        "compressions": _closed(COMPRESSIONS, draft.texts.get("compression", "")),
        "template_fields": FIELDS,
        "template_filters": FILTERS,
        "tables": tables,
        "elements": _elements(project),
        **_destinations(project, draft.texts.get("deliver_to", "")),
    }


def _format(one: Format, chosen: str) -> Choice:
    name = one.name.lower()
    return Choice(name, str(one.label), FORMATS.get(name, ""), name == chosen)


def _option_groups(draft: Draft, chosen: str) -> list[tuple[Choice, list[OptionField]]]:
    """Return each format that has options, with them as fields."""
    return [
        (
            _format(one, chosen),
            [
                _option(f"{one.name.lower()}.{name}", option, draft)
                for name, option in OPTIONS[one].items()
            ],
        )
        for one in Format
        if OPTIONS.get(one)
    ]


def _option(name: str, option: Option, draft: Draft) -> OptionField:
    text = draft.options.get(name)
    if text is None:
        text = option_text(option.default)
    return OptionField(name, option, text, _closed(option.choices or {}, text))


def _rows(draft: Draft, place: str, tables: list[str], has_new: bool) -> list[EditorRow]:
    rows = draft.rows.get(place, [])
    return [
        EditorRow(
            number,
            row,
            _row_choices(place, row),
            _does(row),
            is_new=has_new and number == len(rows),
            has_lost_table=bool(row.get("table")) and row["table"] not in tables,
        )
        for number, row in enumerate(rows, start=1)
    ]


def _row_choices(place: str, row: Row) -> list[Choice]:
    if place == "transformations":
        return [
            Choice(
                key, deed.title, deed.sentence, key == row["do"], " ".join(deed.needs + deed.may)
            )
            for key, deed in DEEDS.items()
        ]
    if place == "attachments":
        return [
            Choice(key, kind.title, kind.sentence, key == row["kind"],
                   " ".join(("name", *kind.needs, *kind.may)))
            for key, kind in ATTACHMENTS.items()
        ]  # fmt: skip
    return [
        Choice(key, words, "", key == row["test"], "" if key in WITHOUT_VALUE else "value")
        for key, words in TESTS.items()
    ]


def _does(row: Row) -> str:
    """Say what the row's choice does."""
    if row.get("do") in DEEDS:
        return DEEDS[row["do"]].sentence
    if row.get("kind") in ATTACHMENTS:
        return ATTACHMENTS[row["kind"]].sentence
    return ""


def _closed(table: Mapping[str, str], chosen: str) -> list[Choice]:
    return [Choice(key, words, "", key == chosen) for key, words in table.items()]


def _ticked(draft: Draft, place: str, possible: Iterable[tuple[str, str]]) -> list[Choice]:
    """Return what can be ticked; what is ticked and is not there any more stays to be seen."""
    known = dict(possible)
    ticked = draft.ticks.get(place, [])
    return [
        *(Choice(value, words, "", value in ticked) for value, words in known.items()),
        *(Choice(value, value, "", True) for value in ticked if value not in known),
    ]


def _names(events: Iterable[Event]) -> list[tuple[str, str]]:
    return [(event.name, event.name) for event in events]


def _site_names(project: Project) -> list[tuple[str, str]]:
    return [(f"{site.code:02}", str(site)) for site in project.sites.all()]


def _modalities(project: Project) -> list[tuple[str, str]]:
    series = ResearchSeries.objects.filter(study__project=project).exclude(modality="")
    found = series.order_by("modality").values_list("modality", flat=True).distinct()
    return [(one, one) for one in found]


def _destinations(project: Project, chosen: str) -> dict[str, Any]:
    """Return where packages can go; a place that is closed by now stays to be seen."""
    names = list(PackageDestination.objects.open_to(project).values_list("name", flat=True))
    return {"destinations": names, "has_lost_destination": bool(chosen) and chosen not in names}


def _elements(project: Project) -> list[str]:
    """Return keywords of elements that the project has, for typing ahead; no values."""
    known = Element.objects.filter(project=project, is_nested=False).exclude(keyword="")
    found = known.order_by("keyword").values_list("keyword", flat=True)[:MOST_ELEMENTS]
    return list(found)
