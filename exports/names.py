"""Folder names made of what the data says: safe on every system, and the same every time."""

import re
import unicodedata

LONGEST = 64
SPELLED = str.maketrans({"æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "ß": "ss", "đ": "d", "Đ": "D"})
UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")
RUNS = re.compile(r"_{2,}|\.{2,}")
# Names that Windows keeps for devices, with any extension.
DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")


def slug(text: str, fallback: str) -> str:
    """Return `text` as one file name of letters, digits, `_`, `.` and `-`.

    It never starts with a dot or a dash, never ends with a dot, is no name of a device, and has
    at most 64 signs. What has none of these signs becomes `fallback`.
    """
    plain = unicodedata.normalize("NFKD", text.translate(SPELLED))
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    plain = RUNS.sub("_", UNSAFE.sub("_", plain)).lstrip("._-")[:LONGEST].rstrip("._-")
    if not plain:
        return fallback
    return f"{plain}_" if DEVICES.fullmatch(plain) else plain


def series_folder(number: int | None, description: str) -> str:
    """Return a series' folder, such as `0003_T1_MPRAGE`; a description is not always there."""
    stem = f"{min(max(number or 0, 0), 99_999_999):04}"
    words = slug(description, "")
    return f"{stem}_{words}" if words else stem


class Names:
    """The names given out inside one folder: the second of a kind gets `_2`, and so on.

    Two names that differ in case alone are one, because some file systems think so.
    """

    def __init__(self) -> None:
        self.taken: set[str] = set()

    def give(self, name: str) -> str:
        """Return `name`, or `name_2` and so on if it was given out before."""
        given, count = name, 1
        while given.casefold() in self.taken:
            count += 1
            given = f"{name}_{count}"
        self.taken.add(given.casefold())
        return given
