"""Numbers that are somebody's wherever they stand, and those that merely look like them."""

import pytest

from deidentify.clean import Cleaner
from deidentify.plan import compile_plan
from tests.deidentify.samples import identity


@pytest.fixture(scope="module")
def cleaner():
    return Cleaner(compile_plan(identity=identity()), [])


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("ring 312-555-0199 later", "ring later"),
        ("call (217) 555-0134 now", "call now"),
        ("fax 1-312-555-0199", "fax"),
        ("SSN 123-45-6789 noted", "SSN noted"),
    ],
)
def test_american_numbers_of_people_go(cleaner, text, left):
    assert cleaner.clean(text) == left


@pytest.mark.parametrize(
    "text",
    ["DTI 200-500-1000", "b 300-500-0100", "2023-12-0004", "v 1.312.555", "ROI 12-34-5678-9"],
)
def test_rows_of_figures_stay(cleaner, text):
    assert cleaner.clean(text) == text


@pytest.mark.parametrize("text", ["95 year old man", "95-årig mann", "102 åring", "91 yo F"])
def test_an_age_above_89_goes_from_a_text(cleaner, text):
    assert cleaner.clean(text) == text.lstrip("0123456789 ")


@pytest.mark.parametrize(
    "text",
    ["45 year old man", "TE 95 ms", "120 kV", "120 yttergrense", "189 years", "98 årskontroll"],
)
def test_younger_people_and_other_figures_stay(cleaner, text):
    assert cleaner.clean(text) == text
