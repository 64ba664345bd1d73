"""Templates of folders and files: `{participant}/{event|lower}/{series_number:04}_{protocol}`.

The grammar is this house's own and small: text, `/`, and fields of one closed table with an
optional width and filters of another. There are no attributes, indexes or conversions to reach
anything else with, and what a field says becomes part of one name, whatever it holds: it can
neither open a folder nor leave one.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from exports.naming.fields import FIELDS, FILTERS, Field, Level
from exports.naming.safe import LONGEST, slug

LONGEST_TEMPLATE = 400
LONGEST_SEGMENT = 128
LONGEST_FOLDERS = 240
"""Bytes of all folders together: short enough for Windows together with where it is unpacked."""
LONGEST_FILE = 96
MOST_FOLDERS = 8
LITERAL = re.compile(r"[A-Za-z0-9_.-]*")
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
WIDTH = re.compile(r"0[1-9]")
FORM = re.compile(r"(?:%[YymdjHMS]|[0-9A-Za-z_.-])+")
SPLIT = re.compile(r"[\s_\-]+")
MOST_DIGITS = 12


class TemplateError(ValueError):
    """The template cannot be used. The message is a sentence."""


@dataclass(frozen=True)
class Placeholder:
    """One field in a template, with its width and its filters."""

    name: str
    width: int = 0
    filters: tuple[tuple[str, str], ...] = ()

    @property
    def field(self) -> Field:
        """The facts about the field."""
        return FIELDS[self.name]

    def fill(self, values: Mapping[str, str]) -> str:
        """Return what stands in the name: letters, digits, `_`, `.` and `-` only, or nothing."""
        text = values.get(self.name, "")
        if self.field.kind == "number":
            text = _number(text, self.width) or _number(self.field.fallback, self.width)
        for name, argument in self.filters:
            is_date = name == "date"
            text = _date(text, argument, self.field) if is_date else _filtered(name, argument, text)
        return slug(text, slug(self.field.fallback, ""))


@dataclass(frozen=True)
class Segment:
    """One name between two slashes: text and fields in turn."""

    parts: tuple[str | Placeholder, ...]

    @property
    def level(self) -> Level:
        """The narrowest that a field of it belongs to."""
        levels = [part.field.level for part in self.parts if isinstance(part, Placeholder)]
        return max(levels, default=Level.PROJECT)

    @property
    def fields(self) -> Iterator[str]:
        """The names of its fields."""
        return (part.name for part in self.parts if isinstance(part, Placeholder))

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the name: never empty, never longer than 128 letters."""
        filled = (part if isinstance(part, str) else part.fill(values) for part in self.parts)
        return slug("".join(filled), "unnamed", LONGEST_SEGMENT)


@dataclass(frozen=True)
class Template:
    """A checked template."""

    typed: str
    segments: tuple[Segment, ...]

    @property
    def fields(self) -> frozenset[str]:
        """The names of all fields in it."""
        return frozenset(name for segment in self.segments for name in segment.fields)

    def fill(self, values: Mapping[str, str], most: int = LONGEST_FOLDERS) -> tuple[str, ...]:
        """Return the names, together at most `most` letters with the slashes between them.

        What is too long is cut at the longest name first, so that short ones stay readable.
        """
        names = [segment.fill(values) for segment in self.segments]
        while sum(map(len, names)) + len(names) - 1 > most:
            longest = max(range(len(names)), key=lambda place: len(names[place]))
            over = sum(map(len, names)) + len(names) - 1 - most
            names[longest] = slug(names[longest], "unnamed", max(len(names[longest]) - over, 8))
        return tuple(names)


@lru_cache(maxsize=512)
def read_folders(typed: str) -> Template:
    """Check a template of folders. Raises TemplateError."""
    template = _read(typed)
    if len(template.segments) > MOST_FOLDERS:
        raise TemplateError(f"There are at most {MOST_FOLDERS} folders inside one another.")
    if any(segment.level == Level.INSTANCE for segment in template.segments):
        raise TemplateError("A folder is not made for each image; name images by the file.")
    return template


@lru_cache(maxsize=512)
def read_file(typed: str) -> Template:
    """Check a template of files, without ending. Raises TemplateError."""
    template = _read(typed)
    if len(template.segments) > 1:
        raise TemplateError("A file's name has no slash; put folders into the folders.")
    return template


def _read(typed: str) -> Template:
    if not typed:
        raise TemplateError("This is empty; write at least one name, such as {participant}.")
    if len(typed) > LONGEST_TEMPLATE:
        raise TemplateError(f"A template has at most {LONGEST_TEMPLATE} characters.")
    return Template(typed, tuple(_segment(one) for one in _split(typed)))


def _split(typed: str) -> list[str]:
    """Split at the slashes that are not inside of braces."""
    inside = PLACEHOLDER.sub(lambda found: "x" * len(found[0]), typed)
    ends = [place for place, sign in enumerate(inside) if sign == "/"]
    starts = [0, *(end + 1 for end in ends)]
    return [typed[start:end] for start, end in zip(starts, [*ends, len(typed)], strict=True)]


def _segment(text: str) -> Segment:
    if not text:
        raise TemplateError("A folder has no name: take out the slash at the beginning, at the "
                            "end, or the second of two.")  # fmt: skip
    if text.strip(".") == "":
        raise TemplateError("A folder cannot be called . or .. here.")
    parts: list[str | Placeholder] = []
    end = 0
    for found in PLACEHOLDER.finditer(text):
        parts += [_literal(text[end : found.start()]), _placeholder(found[1])]
        end = found.end()
    parts.append(_literal(text[end:]))
    return Segment(tuple(part for part in parts if part))


def _literal(text: str) -> str:
    if not LITERAL.fullmatch(text):
        if "{" in text or "}" in text:
            raise TemplateError("A brace is not closed, or stands inside another.")
        raise TemplateError("Between fields only letters (a to z), digits and _ . - can stand.")
    return text


def _placeholder(typed: str) -> Placeholder:
    head, *steps = typed.split("|")
    name, colon, width = head.partition(":")
    if name not in FIELDS:
        raise TemplateError(f"There is no such field; there is {', '.join(FIELDS)}.")
    if colon and not WIDTH.fullmatch(width):
        raise TemplateError("A width is 0 and the number of digits, as in {series_number:04}.")
    if colon and FIELDS[name].kind != "number":
        raise TemplateError(f"A width is for numbers; {name} is none.")
    filters = tuple(_filter(name, step) for step in steps)
    return Placeholder(name, int(width) if colon else 0, filters)


def _filter(field: str, typed: str) -> tuple[str, str]:
    name, colon, argument = typed.partition(":")
    if name not in FILTERS:
        raise TemplateError(f"There is no such filter; there is {', '.join(FILTERS)}.")
    takes = FILTERS[name].takes
    if not takes and colon:
        raise TemplateError(f"The filter {name} takes nothing after a colon.")
    if takes == "number" and not (argument.isascii() and argument.isdigit() and
                                  0 < int(argument[:4]) <= LONGEST):  # fmt: skip
        raise TemplateError(f"The filter {name} takes a number up to {LONGEST}, as in first:20.")
    if takes == "form" and not (FORM.fullmatch(argument) and "%" in argument):
        raise TemplateError("The filter date takes a form such as date:%Y%m.")
    if takes == "form" and FIELDS[field].kind not in ("date", "time"):
        raise TemplateError(f"The filter date is for dates and times; {field} is neither.")
    if takes == "text" and not (argument and LITERAL.fullmatch(argument)):
        raise TemplateError(f"The filter {name} takes letters or digits, as in or:none.")
    return name, argument


def _number(text: str, width: int) -> str:
    """Return a whole number with leading zeros; what is below nothing counts as nothing."""
    try:
        number = max(int(text), 0)
    except ValueError:
        return ""
    return str(min(number, 10**MOST_DIGITS - 1)).zfill(width)


def _filtered(name: str, argument: str, text: str) -> str:
    if name == "or":
        return text if slug(text, "") else argument
    if name in ("first", "last"):
        plain, length = slug(text, ""), int(argument)
        return plain[:length] if name == "first" else plain[-length:]
    if name == "dash":
        return SPLIT.sub("-", slug(text, ""))
    if name == "slug":
        return re.sub(r"[^A-Za-z0-9]+", "_", slug(text, ""))
    if name == "plain":
        return re.sub(r"[^A-Za-z0-9]+", "", slug(text, ""))
    return text.lower() if name == "lower" else text.upper()


def _date(text: str, form: str, field: Field) -> str:
    """Return a date (YYYYMMDD) or time (HHMMSS, or less) in another form; "" for what is none."""
    digits = text.strip().partition(".")[0].replace(":", "")
    shapes = {8: "%Y%m%d"} if field.kind == "date" else {6: "%H%M%S", 4: "%H%M", 2: "%H"}
    if len(digits) not in shapes or not (digits.isascii() and digits.isdigit()):
        return ""
    try:
        moment = datetime.strptime(digits, shapes[len(digits)])  # noqa: DTZ007 - no zone in names
    except ValueError:
        return ""
    return moment.strftime(form)
