"""Decisions about single attributes; test_every_row carries all of them out."""

import pytest

from deidentify import table
from deidentify.decisions import Where
from deidentify.elements import lookup
from deidentify.plan import compile_plan
from tests.deidentify.samples import identity

ROWS = sorted(table.rows().values(), key=lambda row: row.tag)
PLAIN = [row for row in ROWS if row.tag.isalnum() and "x" not in row.tag and row.tag != "private"]
BASIC = compile_plan("basic", identity=identity())
RESEARCH = compile_plan("research", identity=identity())


def vr_of(tag):
    found = lookup(tag)
    return found[0] if found else "LO"


def test_the_table_has_all_rows_and_names_its_edition():
    assert len(ROWS) == 656
    assert "2026c" in table.edition()


@pytest.mark.parametrize("row", PLAIN, ids=lambda row: row.tag)
def test_basic_leaves_no_listed_value_as_it_was(row):
    tag = int(row.tag, 16)

    decision = BASIC.decide(Where(), tag, vr_of(tag))

    assert decision.action in "XZDURWQ"
    if decision.action == "Q":
        assert "U*" in row.basic, "only a sequence of references is entered"


@pytest.mark.parametrize("tag", [0x50000010, 0x501E3000, 0x60003000, 0x60020010, 0x60044000])
def test_curves_and_overlays_go_with_all_of_their_group(tag):
    assert RESEARCH.decide(Where(), tag, "OW").action == "X"


def test_a_compound_code_follows_the_type_in_the_iod():
    ct, dx = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.1.1"

    assert BASIC.decide(Where(sop_class_uid=ct), 0x00080022, "DA").action == "X"
    assert BASIC.decide(Where(sop_class_uid=ct), 0x00080023, "DA").action in "ZD"
    assert BASIC.decide(Where(sop_class_uid=dx), 0x0018700A, "SH").action == "X"


def test_the_same_profile_has_the_same_digest_for_anybody():
    other = compile_plan("basic", identity=identity(pseudonym="BICAM_02", secret=b"q" * 32))

    assert other.digest == BASIC.digest
    assert RESEARCH.digest != BASIC.digest
    assert SECRET_FREE not in str(BASIC.as_data())


SECRET_FREE = identity().pseudonym
