"""The tables of which pictures wait for a person, for the manual."""

from docs.markdown import NOTE, table
from transfers.picture_kinds import (
    ALWAYS_WAITS,
    CONVERSIONS,
    PASSES,
    STORAGE,
    TELLING_WORDS,
    TOLD_BY_THEIR_KIND,
    WAITING_MODALITIES,
    WAITS_UNLESS_STATED,
)


def pictures() -> str:
    """Return which kinds of images wait, which pass, and what a header says to make one wait."""
    kinds = [
        ("Wait for a person, always", ALWAYS_WAITS),
        ("Wait unless Burned In Annotation (0028,0301) says NO", WAITS_UNLESS_STATED),
        ("Pass, unless their header tells of text", PASSES),
    ]
    parts = [
        NOTE.format(source="transfers/picture_kinds.py"),
        "# Which pictures wait for a person",
        "An image of a kind that stands in none of these tables waits if it has pixels. "
        "Burned In Annotation (0028,0301) YES makes any image wait.",
    ]
    for title, names in kinds:
        rows = ([f"`{STORAGE}{kind}`", name] for kind, name in names.items())
        parts += [f"## {title}", table(["SOP Class UID", "what it is"], rows)]
    told = ", ".join(f"`{STORAGE}{kind}`" for kind in sorted(TOLD_BY_THEIR_KIND))
    parts += [
        "## What else makes an image wait",
        f"These three are not asked of {told}.",
        "A word in a value of Image Type (0008,0008): "
        + ", ".join(f"`{word}`" for word in sorted(TELLING_WORDS))
        + ".",
        table(
            ["Conversion Type (0008,0064)", "what it is"],
            ([f"`{value}`", name] for value, name in CONVERSIONS.items()),
        ),
        table(
            ["Modality (0008,0060)", "what it is"],
            ([f"`{value}`", name] for value, name in WAITING_MODALITIES.items()),
        ),
    ]
    return "\n\n".join(parts)
