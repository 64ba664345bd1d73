"""The threat table of SECURITY.md: each row names tests, and each named test is there."""

import re
from pathlib import Path

from tests.house.tree import ROOT, text

TEST = re.compile(r"`(test_\w+)`")
DEFINED = re.compile(r"^(?:async )?def (test_\w+)", re.M)


def rows() -> list[list[str]]:
    """Return the cells of the table's rows, without its head."""
    lines = text(Path("SECURITY.md")).split("## What is guarded against")[1].splitlines()
    table = [line for line in lines if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


def test_every_threat_has_an_asset_a_control_and_a_test():
    assert len(rows()) > 20
    for row in rows():
        assert len(row) == 4, row
        assert all(row), row
        assert TEST.search(row[3]), row


def test_every_test_that_is_named_exists():
    written = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    named = {name for row in rows() for name in TEST.findall(row[3])}

    assert named
    assert named - set(DEFINED.findall(written)) == set()
