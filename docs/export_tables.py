"""The tables of a specification for the manual: fields, filters, tests, deeds, options, presets."""

from docs.markdown import NOTE, table
from exports.naming.fields import FIELDS, FILTERS
from exports.presets import PRESETS
from exports.specification.attachment_kinds import ATTACHMENTS, PLACEHOLDERS
from exports.specification.deeds import DEEDS
from exports.specification.options import OPTIONS, Option
from exports.specification.parts import ALTERNATIVES, COMPRESSIONS, FILE, FOLDERS, TESTS, TIES
from exports.states import Format


def exports() -> str:
    """Return what can stand in a specification, part by part."""
    parts = [
        NOTE.format(source="exports/specification/, exports/naming/fields.py, exports/presets.py"),
        "# What can stand in a specification",
        "Names in `code` are those of YAML and REST; elements are written as a keyword "
        "(`SeriesDescription`), a tag (`(0008,103E)`), a private element by its creator "
        '(`(0019,"SIEMENS MR HEADER",0C)`), or a way through sequences '
        "(`RequestAttributesSequence.CodeValue`).",
        *_presets(),
        *_formats(),
        *_selection(),
        *_names(),
        *_deeds(),
        *_attachments(),
        *_rest(),
    ]
    return "\n\n".join(parts)


def _presets() -> list[str]:
    rows = ([f"`{key}`", one.title, one.sentence] for key, one in PRESETS.items())
    return ["## Ready-made", table(["", "name", "what it makes"], rows)]


def _formats() -> list[str]:
    parts = ["## Formats and their options"]
    for kind in Format:
        parts.append(f"### `{kind.name.lower()}`: {kind.label}")
        rows = [
            [f"`{name}`", one.title, _can_be(one), _usual(one.default), one.sentence]
            for name, one in OPTIONS[kind].items()
        ]
        head = ["option", "", "can be", "usual", "what it does"]
        parts.append(table(head, rows) if rows else "It has no options.")
    return parts


def _can_be(option: Option) -> str:
    if option.choices:
        one_or_many = "any of " if isinstance(option.default, tuple) else ""
        return one_or_many + ", ".join(f"`{name}`" for name in option.choices)
    if isinstance(option.default, bool):
        return "`true`, `false`"
    if isinstance(option.default, int):
        return f"{option.least:,} to {option.most:,}"
    return "a list of texts" if isinstance(option.default, tuple) else "a text"


def _usual(value: object) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if value in ("", ()):
        return "nothing"
    return ", ".join(f"`{one}`" for one in (value if isinstance(value, tuple) else (value,)))


def _selection() -> list[str]:
    rows = (
        [f"`{name}`", words, "one is enough" if name in ALTERNATIVES else "all must hold"]
        for name, words in TESTS.items()
    )
    return [
        "## Rules about series",
        "A rule looks at the header of a series' first image in the research copy. A series goes "
        "in if `include` allows it and no rule of `exclude` holds. Small and capital letters are "
        "alike, but not in patterns, which speak of whole values.",
        table(["test", "the element", "several in `include` about one element"], rows),
    ]


def _names() -> list[str]:
    fields = (
        [f"`{{{name}}}`", one.sentence, f"`{one.example}`", one.kind]
        for name, one in FIELDS.items()
    )
    filters = (
        [f"`{name}`", one.sentence, f"`{_cell(one.example[0])}`", f"`{one.example[1]}`"]
        for name, one in FILTERS.items()
    )
    return [
        "## Folders and files",
        f"As usual, folders are `{FOLDERS}` and files `{FILE}`. Names are made of what the header "
        "says once it has left. Whatever a value holds becomes letters, digits, `_`, `.` and `-` "
        "of one name; what is empty leaves no mark. A number can have a width: "
        "`{series_number:04}`. Filters follow a bar, one after the other.",
        table(["field", "what it is", "example", "kind"], fields),
        table(["filter", "what it does", "written", "becomes"], filters),
    ]


def _cell(text: str) -> str:
    """Return text that ends no cell of a table."""
    return text.replace("|", "\\|")


def _deeds() -> list[str]:
    rows = (
        [
            f"`{name}`",
            one.sentence,
            ", ".join(f"`{field}`" for field in one.needs) or "nothing",
            ", ".join(f"`{field}`" for field in one.may),
            "yes" if one.is_identifying else "",
        ]
        for name, one in DEEDS.items()
    )
    head = ["`do`", "what it does", "needs", "can have", "tells of the person"]
    return ["## Transformations", table(head, rows)]


def _attachments() -> list[str]:
    rows = (
        [f"`{name}`", one.sentence, f"`{one.file_name}`", ", ".join(f"`{n}`" for n in one.needs)]
        for name, one in ATTACHMENTS.items()
    )
    filled = ([f"`{{{name}}}`", words] for name, words in PLACEHOLDERS.items())
    return [
        "## Attached files",
        table(["`kind`", "what it holds", "called", "needs"], rows),
        "In the text of a `readme`, braces are filled in:",
        table(["in the text", "becomes"], filled),
    ]


def _rest() -> list[str]:
    rows = [
        ["`ties`", ", ".join(f"`{key}`: {words}" for key, words in TIES.items())],
        ["`keeps_intervals`", "With ties cut: the days between a participant's examinations stay."],
        ["`compression`", ", ".join(f"`{key}`: {words}" for key, words in COMPRESSIONS.items())],
        ["`is_encrypted`", "The zip opens with a password alone (AES-256)."],
        ["`deliver_to`", "The name of a place that packages are sent to; empty for download."],
        ["`keep_days`", "After how many days the file goes, 1 to 365."],
    ]
    return ["## The package as a whole", table(["", ""], rows)]
