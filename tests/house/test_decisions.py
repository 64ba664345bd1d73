"""The records of decisions are numbered without a gap, listed, and short enough to be read."""

import re
from pathlib import Path

import pytest

from tests.house.tree import files, text

FOLDER = Path("docs/adr")
RECORDS = sorted(p for p in files() if p.parent == FOLDER and p.name != "README.md")
REFERENCE = re.compile(r"docs/adr/(\d{4})")


def test_records_are_numbered_without_a_gap():
    numbers = [path.name[:4] for path in RECORDS]

    assert numbers == [f"{n:04}" for n in range(1, len(numbers) + 1)]


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.name[:4])
def test_a_record_is_short_dated_and_has_its_number_in_its_title(path: Path):
    record = text(path)

    assert record.startswith(f"# {path.name[:4]} ")
    assert re.search(r"^Accepted, \w+ \d{4}\.", record, re.M)
    assert len(record.splitlines()) <= 60


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.name[:4])
def test_a_record_is_listed(path: Path):
    assert f"]({path.name})" in text(FOLDER / "README.md")


def test_code_refers_to_records_that_exist():
    numbers = {path.name[:4] for path in RECORDS}

    referred = {
        number
        for path in files()
        if path.suffix in {".py", ".yaml", ".html"}
        for number in REFERENCE.findall(text(path))
    }

    assert referred
    assert referred <= numbers
