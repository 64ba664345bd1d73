"""Reading a CSV list of what goes in: participants, or their events or series."""

import csv
import io

from exports.specification.parts import Listed
from exports.specification.reading import MOST_LISTED

LARGEST = 2_000_000
"""Characters of a list."""
COLUMNS = {
    "participant": ("participant", "pseudonym", "patient_id", "patientid", "subject"),
    "event": ("event", "session", "time_point", "visit"),
    "series": (
        *("series", "series_instance_uid", "seriesinstanceuid", "series_number", "seriesnumber"),
    ),
}
"""What the columns may be called; small and capital letters, spaces and dashes are alike."""


class ListError(ValueError):
    """The list cannot be read. The message is a sentence that names a line, never its content."""


def read_list(content: bytes | str) -> tuple[Listed, ...]:
    """Read a list with a header line; a comma, semicolon or tab stands between columns.

    Raises ListError.
    """
    text = _decoded(content)
    if len(text) > LARGEST:
        raise ListError(f"A list has at most {LARGEST:,} characters.")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        written = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise ListError("This is no CSV that can be read; look at its quotes.") from error
    lines = [
        (number, line) for number, line in enumerate(written, start=1) if any(map(str.strip, line))
    ]
    if not lines:
        raise ListError("The list is empty.")
    columns = _columns(lines[0][1])
    if len(lines) - 1 > MOST_LISTED:
        raise ListError(f"A list has at most {MOST_LISTED:,} rows.")
    rows = [_row(number, line, columns) for number, line in lines[1:]]
    if not rows:
        raise ListError("The list has a header line and nothing below it.")
    return tuple(dict.fromkeys(rows))


def _decoded(content: bytes | str) -> str:
    if isinstance(content, str):
        return content.removeprefix("\ufeff")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ListError("The list is not written in UTF-8; save it as CSV UTF-8.") from error


def _columns(head: list[str]) -> dict[str, int]:
    """Return where each column stands. Raises ListError for one that is missing, or unknown."""
    known = {name: column for column, names in COLUMNS.items() for name in names}
    found: dict[str, int] = {}
    for place, title in enumerate(head):
        column = known.get(title.strip().lower().replace(" ", "_").replace("-", "_"))
        if column is None:
            raise ListError(
                f"Column {place + 1} is not known. Use participant, and if you like event and "
                "series (a Series Instance UID or a series number)."
            )
        if column in found:
            raise ListError(f"Column {place + 1} says {column} a second time.")
        found[column] = place
    if "participant" not in found:
        raise ListError("The first line has no column called participant.")
    return found


def _row(number: int, line: list[str], columns: dict[str, int]) -> Listed:
    if len(line) <= max(columns.values()):
        raise ListError(f"Line {number} has fewer columns than the first.")
    texts = {column: line[place].strip() for column, place in columns.items()}
    if not texts["participant"]:
        raise ListError(f"Line {number} names no participant.")
    if any(len(text) > 200 for text in texts.values()):
        raise ListError(f"Line {number} has a name that is too long.")
    return Listed(texts["participant"], texts.get("event", ""), texts.get("series", ""))
