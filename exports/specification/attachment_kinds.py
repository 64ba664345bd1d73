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
        "Demographics", "A row for each participant with the columns that you choose.",
        "demographics.csv", ("columns",), ("table",),
    ),
    "series": AttachmentKind(
        "List of series", "A row for each series: its folder, kind and number of images.",
        "series.csv", (), ("columns",),
    ),
}  # fmt: skip
