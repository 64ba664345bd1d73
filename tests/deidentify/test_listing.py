"""The plan as a table: every layer is in it, and its rows say what the plan decides."""

import pytest

from deidentify import mmiv, table
from deidentify.decisions import ACTIONS
from deidentify.listing import BY_TYPE, DEFAULTS, listed
from deidentify.plan import compile_plan
from deidentify.private_elements import safe_elements
from deidentify.rules import Rule
from tests.deidentify.samples import identity


def rows_of(profile="research", **choices):
    return {
        row.element: row for row in listed(compile_plan(profile, identity=identity(), **choices))
    }


@pytest.mark.parametrize("profile", ["research", "basic", "mmiv-2019"])
def test_every_row_says_what_becomes_of_the_element_and_why(profile):
    rows = rows_of(profile)

    assert all(row.because and row.meaning for row in rows.values())
    assert all(row.action in ACTIONS or row.action == BY_TYPE for row in rows.values())
    assert "(0010,0010)" in rows
    assert rows["unknown"].action == "X"


def test_every_row_of_the_standards_table_is_listed():
    rows = rows_of()

    named = {name.upper().replace("X", "x") for name in table.rows() if name != "private"}
    assert {f"({name[:4]},{name[4:]})" for name in named} <= set(rows)
    assert rows["(60xx,4000)"].because.startswith("E.1-1 Overlay Comments: X")


def test_every_safe_private_creator_is_listed_and_the_rest_goes():
    rows = rows_of()

    assert {creator for _, creator in safe_elements()} <= {row.name for row in rows.values()}
    assert rows["private"].action == "X"


def test_a_compound_code_is_left_to_the_type_and_an_option_is_not():
    basic, research = rows_of("basic"), rows_of()

    assert basic["(0008,0021)"].action == BY_TYPE
    assert research["(0008,0021)"].action == "S"


def test_rules_come_first():
    plan = compile_plan(identity=identity(), rules=[Rule("(0008,103E)", "remove")])

    first = listed(plan)[0]

    assert (first.element, first.name, first.action) == ("(0008,103E)", "SeriesDescription", "X")
    assert first.because.startswith("rule of the project")


def test_the_table_of_2019_is_listed_whole():
    rows = rows_of("mmiv-2019")

    assert {f"({tag >> 16:04X},{tag & 0xFFFF:04X})" for tag in mmiv.actions()} <= set(rows)


@pytest.mark.parametrize("vr", DEFAULTS)
def test_an_example_of_what_no_row_names_is_named_by_no_row(vr):
    _, tag = DEFAULTS[vr]

    assert table.row_for(tag) is None
    assert tag not in mmiv.actions()
