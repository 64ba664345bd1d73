"""What a transformation can do to an element, as a table that forms, checks and the manual read.

`exports/transforming/` carries out what is named here.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Deed:
    """One thing to do.

    Args:
        title: what a choice in a form says.
        sentence: what it does.
        needs: which of the transformation's fields must be filled.
        may: which others can be; what is in neither must be empty.
        is_identifying: whether what it writes may tell of the person: only for those who may see
            identified data.
    """

    title: str
    sentence: str
    needs: tuple[str, ...] = ("element",)
    may: tuple[str, ...] = ()
    is_identifying: bool = False


DEEDS: dict[str, Deed] = {
    "set": Deed(
        "Set", "Writes the value, whatever stood there; adds what is not there.",
        ("element", "value"),
    ),
    "empty": Deed("Empty", "Keeps the element without a value."),
    "remove": Deed("Remove", "Takes the element out."),
    "replace": Deed(
        "Replace by pattern",
        "Replaces what fits the regular expression, wherever it stands in the value; `\\1` stands "
        "for the first group. Without a value it is cut out.",
        ("element", "pattern"), ("value",),
    ),
    "map": Deed(
        "Map by a table", "Replaces whole values by a table; other values stay.",
        ("element", "mapping"),
    ),
    "dash": Deed("Underscores to dashes", "Writes `-` for every `_` of the value."),
    "clean": Deed(
        "Clean a description",
        "Keeps letters, digits, `_`, `^` and spaces; everything else becomes `-`.",
    ),
    "birth_date": Deed(
        "Birth date from a table", "Writes the participant's birth date (YYYY-MM-DD in the table).",
        ("table",), ("column",), is_identifying=True,
    ),
    "age": Deed(
        "Age from a table", "Writes the participant's age in years.", ("table",), ("column",),
        is_identifying=True,
    ),
    "sex": Deed(
        "Sex from a table", "Writes the participant's sex: F, M or O.", ("table",), ("column",),
        is_identifying=True,
    ),
    "age_for_birth_date": Deed(
        "Age instead of birth date",
        "Writes the age in years on the day of the examination and takes the birth date out.",
        (),
    ),
    "year_of_birth": Deed(
        "Year of birth only", "Makes 1 January of the same year of the birth date.", (),
    ),
    "shift": Deed(
        "Shift dates",
        "Moves every date, or the one element named, by the same number of days, such as -42.",
        ("value",), ("element",),
    ),
    "shift_back": Deed(
        "Real dates again",
        "Takes back the shift that de-identification made, for every date of the participant.",
        (), is_identifying=True,
    ),
    "identifiers": Deed(
        "New identifiers from a table",
        "Writes the participant's new identifier wherever the pseudonym stands.",
        ("table",), ("column",),
    ),
}  # fmt: skip

LONGEST_VALUE = 1024
"""Letters that a transformation can write, or a pattern or a table row can have."""
