"""Workbooks as a stream: read back by another program, cell by cell."""

import io

import openpyxl
import pytest

from review.xlsx import CUT, LONGEST_CELL, workbook


def read(*args, **kwargs):
    data = b"".join(workbook(*args, **kwargs))
    return openpyxl.load_workbook(io.BytesIO(data))


def rows_of(sheet):
    return list(sheet.iter_rows(values_only=True))


def test_text_stays_text_and_numbers_stay_numbers():
    book = read("Values", ["text", "number"], [["00123", 7], ["<b>&", -1], ["", None]])

    assert rows_of(book["Values"]) == [("text", "number"), ("00123", 7), ("<b>&", -1), (None, None)]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "#REF!", "TRUE", "1e5"])
def test_nothing_is_taken_for_a_formula_or_anything_else(text):
    book = read("Values", ["value"], [[text]])

    cell = book["Values"]["A2"]
    assert (cell.value, cell.data_type) == (text, "s")
    assert cell.quotePrefix


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a\x00b", "a_x0000_b"),
        ("a\rb", "a_x000D_b"),
        ("_x0041_", "_x005F_x0041_"),
        ("\ud800", "_xD800_"),
        ("  a\n ø ", "  a\n ø "),
    ],
)
def test_what_xml_cannot_hold_is_written_as_its_number(text, written):
    book = read("Values", ["value"], [[text]])

    assert book["Values"]["A2"].value == written


def test_a_text_too_long_for_a_cell_is_cut_and_says_so():
    book = read("Values", ["value"], [["x" * (LONGEST_CELL + 1)]])

    value = book["Values"]["A2"].value
    assert len(value) == LONGEST_CELL
    assert value.endswith(CUT)


def test_a_full_sheet_is_followed_by_another():
    book = read("Values", ["n"], ([number] for number in range(5)), rows_a_sheet=3)

    assert book.sheetnames == ["Values", "Values 2", "Values 3"]
    assert [rows_of(sheet) for sheet in book] == [
        [("n",), (0,), (1,)],
        [("n",), (2,), (3,)],
        [("n",), (4,)],
    ]


def test_a_sheet_that_is_exactly_full_is_the_last():
    assert read("Values", ["n"], [[0], [1]], rows_a_sheet=3).sheetnames == ["Values"]


def test_a_table_without_rows_has_its_columns():
    assert rows_of(read("Values", ["a", "b"], [])["Values"]) == [("a", "b")]


def test_a_long_table_goes_out_while_it_is_read():
    taken = []
    rows = ([taken.append(number) or f"value {number}"] for number in range(20_000))

    first = next(part for part in workbook("Values", ["n"], rows) if part)

    assert first.startswith(b"PK")
    assert 0 < len(taken) < 20_000
