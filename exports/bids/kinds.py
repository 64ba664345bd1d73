"""Kinds of series: what a mapping can tell apart before anything is converted."""

from collections.abc import Iterable
from typing import NamedTuple

NATURES = {
    "": "Image",
    "phase": "Phase",
    "derived": "Derived",
    "localizer": "Localizer",
}
PHASES = frozenset({"P", "PHASE", "PHASE MAP", "B0", "PHASE_MAP"})
LOCALIZERS = frozenset({"LOCALIZER", "SCOUT"})


class Kind(NamedTuple):
    """Series of one kind: of one modality, one description, and one nature (a key of NATURES)."""

    modality: str
    description: str
    nature: str = ""

    @classmethod
    def of(cls, modality: str, description: str, image_type: Iterable[str]) -> "Kind":
        """Tell the kind from what a header says (Image Type: PS3.3 C.7.6.1.1.2)."""
        return cls(modality.strip().upper(), " ".join(description.split()), nature_of(image_type))


def nature_of(image_type: Iterable[str]) -> str:
    """Tell from Image Type whether a series is of phases, derived, or for planning only."""
    words = [word.strip().upper() for word in image_type]
    if LOCALIZERS & set(words):
        return "localizer"
    if PHASES & set(words[2:]):
        return "phase"
    return "derived" if words[:1] == ["DERIVED"] else ""
