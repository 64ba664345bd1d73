"""Folder and file names made of what the data says: safe on every system, the same every time."""

import re
import unicodedata

LONGEST = 64
SPELLED = str.maketrans({"æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "ß": "ss", "đ": "d", "Đ": "D"})
UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")
RUNS = re.compile(r"_{2,}|\.{2,}")
# Names that Windows keeps for devices, with any extension.
DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")


def slug(text: str, fallback: str, most: int = LONGEST) -> str:
    """Return `text` as one file name of letters, digits, `_`, `.` and `-`.

    It never starts with a dot or a dash, never ends with a dot, is no name of a device, and has
    at most `most` signs. What has none of these signs becomes `fallback`.
    """
    plain = unicodedata.normalize("NFKD", text.translate(SPELLED))
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    plain = RUNS.sub("_", UNSAFE.sub("_", plain)).lstrip("._-")[:most].rstrip("._-")
    if not plain:
        return fallback
    return f"{plain[: most - 1]}_" if DEVICES.fullmatch(plain) else plain


class Names:
    """The names given out inside one folder: the second of a kind gets `_2`, and so on.

    Two names that differ in case alone are one, because some file systems think so.
    """

    def __init__(self) -> None:
        self.taken: set[str] = set()
        self.next: dict[str, int] = {}

    def give(self, name: str) -> str:
        """Return `name`, or `name_2` and so on if it was given out before."""
        given, folded = name, name.casefold()
        count = self.next.get(folded, 1)
        while given.casefold() in self.taken:
            count += 1
            given = f"{name}_{count}"
        self.next[folded] = count
        self.taken.add(given.casefold())
        return given
