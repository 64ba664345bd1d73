"""Markdown as the generated pages use it."""

from collections.abc import Iterable, Sequence

NOTE = "<!-- Written by `make docs` from {source}; do not edit. -->"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
