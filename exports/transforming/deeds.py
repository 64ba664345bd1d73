"""What each deed does to a header: from a table of functions, one for each name of DEEDS.

What has to be there is never taken away: an element of type 1 gets a dummy where it would be
emptied, one of type 2 is emptied where it would be removed, in the instance's own IOD.

Source: DICOM PS3.5 section 7.4 (types); PS3.15 E.3.6 (dates) and E.3.7 (ages).
"""

import re
from collections.abc import Callable

from deidentify.dates import shift_da
from exports.errors import CannotTransform
from exports.specification.elements import ElementPath, Step
from exports.specification.parts import Transformation
from exports.specification.patterns import compiled
from exports.transforming.people import (
    Person,
    age_at,
    read_age,
    read_date,
    read_identifier,
    read_sex,
)
from exports.walking.amending import constant, emptied, moving, of_text, removed, renamed, with_uids
from exports.walking.edits import At, Edit, Everywhere, Level

UNCLEAN = re.compile(r"[^A-Za-z0-9_^ \u00c0-\u017f]")
BIRTH_DATE, AGE, SEX = 0x00100030, 0x00101010, 0x00100040
STUDY_DATE = 0x00080020
TIME_INFORMATION = 0x00280303
DIGESTS = frozenset({0x00080050, 0x00200010})
"""Accession Number and Study ID: the engine writes digests there that tell studies apart."""
METHOD_CODES = (
    ("CodeValue", "113107", "113106"),
    (
        "CodeMeaning",
        "Retain Longitudinal Temporal Information Modified Dates Option",
        "Retain Longitudinal Temporal Information Full Dates Option",
    ),
)
"""CID 7050: what the header says about dates that were moved, and about dates as they were."""
COLUMNS = {"birth_date": "birth_date", "age": "age", "sex": "sex", "identifiers": "identifier"}
"""Of a deed that reads a table, the column where the specification names none."""

Doing = Callable[[Level, Transformation, Person], None]


def _at(level: Level, one: Transformation, edit: Edit, *, creates: bool = False) -> None:
    path = ElementPath.parse(one.element)
    vr = path.last.vr.split(" ")[0]
    level.add(path.steps, edit, creates=vr if creates else "")


def _set(level: Level, one: Transformation, person: Person) -> None:
    _at(level, one, constant(one.value), creates=True)


def _empty(level: Level, one: Transformation, person: Person) -> None:
    _at(level, one, emptied)


def _remove(level: Level, one: Transformation, person: Person) -> None:
    _at(level, one, removed)


def _replace(level: Level, one: Transformation, person: Person) -> None:
    pattern = compiled(one.pattern)
    _at(level, one, of_text(lambda text: pattern.sub(one.value, text)))


def _map(level: Level, one: Transformation, person: Person) -> None:
    table = dict(one.mapping)
    _at(level, one, of_text(lambda text: table.get(text.strip(), text)))


def _dash(level: Level, one: Transformation, person: Person) -> None:
    _at(level, one, of_text(lambda text: text.replace("_", "-")))


def _clean(level: Level, one: Transformation, person: Person) -> None:
    _at(level, one, of_text(lambda text: UNCLEAN.sub("-", text)))


def _birth_date(level: Level, one: Transformation, person: Person) -> None:
    born = read_date(person.cell(one.table, one.column or COLUMNS["birth_date"]))
    if not born:
        raise CannotTransform("A birth date of the participant table is no date.")
    _put(level, BIRTH_DATE, constant(born), "DA")
    # An age beside the true birth date tells about when the study was, and so by how much
    # its dates were moved.
    _put(level, AGE, removed)


def _age(level: Level, one: Transformation, person: Person) -> None:
    age = read_age(person.cell(one.table, one.column or COLUMNS["age"]))
    if not age:
        raise CannotTransform("An age of the participant table is no age.")
    _put(level, AGE, constant(age), "AS")


def _sex(level: Level, one: Transformation, person: Person) -> None:
    sex = read_sex(person.cell(one.table, one.column or COLUMNS["sex"]))
    if not sex:
        raise CannotTransform("A sex of the participant table is none of F, M and O.")
    _put(level, SEX, constant(sex), "CS")


def _age_for_birth_date(level: Level, one: Transformation, person: Person) -> None:
    def age(value: bytes | None, at: At) -> bytes | None:
        born = at.file.seen.get(BIRTH_DATE, b"").decode("latin-1")
        day = at.file.seen.get(STUDY_DATE, b"")
        if value or not born or not day:
            return value
        # Birth dates are cut, not moved: they go with the true day, and only years come out.
        found = age_at(born, shift_da(day, -person.days()).decode("latin-1"))
        return found.encode() if found else value

    _put(level, AGE, age, "AS")
    _put(level, BIRTH_DATE, emptied)


def _year_of_birth(level: Level, one: Transformation, person: Person) -> None:
    def year(value: bytes | None, at: At) -> bytes | None:
        return value[:4] + b"0101" if value and value[:4].isdigit() else value

    _put(level, BIRTH_DATE, year)


def _shift(level: Level, one: Transformation, person: Person) -> None:
    edit = moving(int(one.value))
    if one.element:
        _at(level, one, edit)
    else:
        level.add_everywhere(_dates(edit))
        _put(level, TIME_INFORMATION, _said("MODIFIED"))


def _shift_back(level: Level, one: Transformation, person: Person) -> None:
    days = person.days()
    if days:
        level.add_everywhere(_dates(moving(-days)))
        _put(level, TIME_INFORMATION, _said("UNMODIFIED"))
        for keyword, moved, whole in METHOD_CODES:
            way = ElementPath.parse(f"DeidentificationMethodCodeSequence.{keyword}")
            level.add(way.steps, _turned(moved.encode(), whole.encode()))


def _dates(edit: Edit) -> Everywhere:
    def everywhere(tag: int, vr: str, creator: str, parents: tuple[int, ...]) -> Edit | None:
        # The birth date was cut, not moved; it is given back from a table.
        return edit if vr in ("DA", "DT") and tag != BIRTH_DATE else None

    return everywhere


def _turned(moved: bytes, whole: bytes) -> Edit:
    return lambda value, at: whole if value == moved else value


def _said(word: str) -> Edit:
    return lambda value, at: value and word.encode()


def _identifiers(level: Level, one: Transformation, person: Person) -> None:
    new = read_identifier(person.cell(one.table, one.column or COLUMNS["identifiers"]))
    if not new:
        raise CannotTransform("A new identifier of the participant table is none that can be used.")
    uids = person.uids(new)
    level.add_everywhere(renamed(person.pseudonym, new))
    level.add_everywhere(with_uids(uids.of))
    level.new_uid = uids.of

    def digest(value: bytes | None, at: At) -> bytes | None:
        return b"%016X" % (uids.number(b"digest " + value) >> 64) if value else value

    level.add_everywhere(lambda tag, vr, creator, parents: digest if tag in DIGESTS else None)


def _put(level: Level, tag: int, edit: Edit, creates: str = "") -> None:
    level.add((Step(tag >> 16, tag & 0xFFFF),), edit, creates=creates)


DOINGS: dict[str, Doing] = {
    "set": _set,
    "empty": _empty,
    "remove": _remove,
    "replace": _replace,
    "map": _map,
    "dash": _dash,
    "clean": _clean,
    "birth_date": _birth_date,
    "age": _age,
    "sex": _sex,
    "age_for_birth_date": _age_for_birth_date,
    "year_of_birth": _year_of_birth,
    "shift": _shift,
    "shift_back": _shift_back,
    "identifiers": _identifiers,
}


def add_deeds(level: Level, transformations: tuple[Transformation, ...], person: Person) -> None:
    """Add to a level what is to be done to the images of one participant, in the list's order.

    Raises CannotTransform: a table lacks a row or a value, or dates cannot be given back.
    """
    for one in transformations:
        DOINGS[one.do](level, one, person)
