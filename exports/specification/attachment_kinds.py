"""What can be attached to a package, as a table that forms, checks and the manual read.

`exports/attaching.py` writes what is named here.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class AttachmentKind:
    """One kind of attached file.

    Args:
        title: what a choice in a form says.
        sentence: what the file holds.
        file_name: what it is called if nobody says otherwise.
        needs: which of the attachment's fields must be filled: text, columns, table.
        may: which others can be.
    """

    title: str
    sentence: str
    file_name: str
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()


ATTACHMENTS: dict[str, AttachmentKind] = {
    "readme": AttachmentKind(
        "README", "A text of your own; `{project}` and the like are filled in.", "README.txt",
        ("text",),
    ),
    "dictionary": AttachmentKind(
        "Data dictionary", "Every element that is left, with what the standard says it means.",
        "data_dictionary.csv",
    ),
    "demographics": AttachmentKind(
        "Demographics", "A row for each participant and event: the columns you choose.",
        "demographics.csv", ("columns",), ("table",),
    ),
    "series": AttachmentKind(
        "List of series", "A row for each series: its folder, kind and number of images.",
        "series.csv", (), ("columns",),
    ),
}  # fmt: skip

PLACEHOLDERS: dict[str, str] = {
    "project": "the project's acronym",
    "number": "the project's number",
    "format": "what the package holds",
    "participants": "how many participants are in it",
    "events": "how many different events are in it",
    "studies": "how many studies",
    "series": "how many series",
    "images": "how many images",
    "keep_days": "after how many days the package is deleted here",
    "program": "the name and version of this program",
}
"""What a README can have in braces, and what stands there in the package."""

BIRTH_WORDS = ("birth", "born", "dob")
"""What the name of a column of birth dates has in it."""


def is_birth_column(name: str) -> bool:
    """Say whether a column is called like one of birth dates; no other may hold them."""
    return any(word in name.casefold() for word in BIRTH_WORDS)
