"""What a profile is known to break, and is let break: its conformance holes, never its leaks.

`mmiv-2019` writes what the existing installation writes, byte for byte, so that a running project
can move over. Holding every instance for what the project has lived with since 2019 would teach
people to release by reflex.
"""

from collections.abc import Callable

from deidentify import mmiv
from deidentify.elements import lookup

Waiver = Callable[[str, str], bool]
"""Whether to let pass: what is wrong or the finding's kind, and its path without item numbers."""

CLINICAL_TRIAL = frozenset({0x00120010, 0x00120030, 0x00120031})
"""Sponsor, site and its name: the old installation begins the module and leaves them out."""
HASHED = frozenset({0x00080050, 0x00200010})
"""Accession Number and Study ID, of 64 characters in implicit VR and of 16 in explicit."""
TO_THE_STUDY = frozenset({"(0020,0052)", "(0008,1110)(0008,1155)"})
"""Frame of Reference UID and Referenced Study Sequence: since 2024 a padding NUL is hashed with
them, and not with the Study Instance UID that they may repeat."""


def waiver_of(profile: str) -> Waiver | None:
    """Return what a profile is known for; None if it has to keep to the standard."""
    return of_mmiv_2019 if profile == "mmiv-2019" else None


def of_mmiv_2019(what: str, path: str) -> bool:
    """Whether the installation of 2019 is known to break the standard so."""
    group, element = path[-10:-1].split(",") if path.endswith(")") else ("0", "0")
    tag = int(group, 16) << 16 | int(element, 16)
    if what in ("missing", "empty"):
        return tag in CLINICAL_TRIAL or mmiv.actions().get(tag) in ("X", "Z")
    if what == "form":
        found = lookup(tag)
        return found is not None and found[0] == "UI"
    if what == "reference":
        return path in TO_THE_STUDY
    return what in ("length", "agreement") and tag in HASHED
