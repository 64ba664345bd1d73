"""What an element of the review is weighed by, from the table that the program itself reads."""

from docs.markdown import NOTE, table
from review.risk import LEVELS, LOOKS, REASONS


def risk() -> str:
    """Return the reasons with their points, the levels, and what values may look like."""
    levels = ", ".join(f"{level} from {least}" for level, least in enumerate(LEVELS, start=1))
    reasons = (
        [f"`{code}`", str(reason.points), reason.sentence.format(n="*n*")]
        for code, reason in REASONS.items()
    )
    return "\n\n".join(
        [
            NOTE.format(source="review/risk.py"),
            "# What is to be looked at first",
            "Every element of a project has a score: the sum of the points of its reasons. It sorts"
            f" the inventory and decides nothing. The risk is {levels} points; below that it is 0.",
            table(["reason", "points", "as it is said"], reasons),
            "## What values may look like",
            "Nobody's names are known here: what counts is how a value is written, and whether its"
            " words are those of protocols, anatomy, products or the standard.",
            table(["letter", "looks like"], ([f"`{one}`", what] for one, what in LOOKS.items())),
        ]
    )
