"""What stands in a cell is never run by the spreadsheet that opens the table."""

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.cells import safe_cell, safe_row

RUNS = re.compile("[=+\\-@\uff1d\uff0b\uff0d\uff20]")
NUMBER = re.compile(r"[+-]?[0-9.]+([eE][+-]?[0-9]+)?(\\[+-]?[0-9.]+([eE][+-]?[0-9]+)?)*")
NASTY = st.text("=+-@;,\t\r\n\"' \uff1d\uff20a1.e\\|\0", max_size=12)


@pytest.mark.parametrize(
    "cell",
    [
        *("=1+1", "+A1", "-A1", "@SUM(A1)", "\tx", "\rx", "\n=1", " =1+1", '"=1', "\uff1d1"),
        *("=cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!D2", "+47 22 85 50 50", "-"),
    ],
)
def test_a_cell_never_starts_a_formula(cell):
    assert safe_cell(cell).startswith("'")
    assert safe_cell(cell).endswith(cell.split("\n")[-1])


@pytest.mark.parametrize(
    "cell",
    [
        *("-1", "+1", "-0.5", "1e-5", r"-1\0\0", "BICAM_0001", "a=b", "2019-04-12", "a-b", ""),
        *("T1; -5;x", "T1, -x", 7, -7, None),
    ],
)
def test_numbers_and_what_begins_like_a_word_stay_as_they_are(cell):
    assert safe_cell(cell) == cell


def test_a_cell_that_a_norwegian_spreadsheet_parts_at_semicolons_is_safe_in_each_part():
    assert safe_cell("T1;=HYPERLINK(A1)") == "T1;'=HYPERLINK(A1)"
    assert safe_cell("T1; -5 mm") == "T1;' -5 mm"


def test_a_nul_is_left_out_and_the_rest_is_looked_at():
    assert safe_cell("\0=1") == "'=1"


@given(cells=st.lists(NASTY, min_size=1, max_size=4))
def test_no_reading_of_the_file_finds_a_formula(cells):
    text = io.StringIO()
    csv.writer(text).writerow(safe_row(cells))

    for separator in ",;\t":
        for row in csv.reader(io.StringIO(text.getvalue(), newline=""), delimiter=separator):
            for cell in row:
                # a number stays one, also where the rest of its row hangs on to it
                number = cell.strip() if separator == "," else cell.strip().split(",")[0].strip()
                assert not RUNS.match(cell.strip()) or NUMBER.fullmatch(number)
