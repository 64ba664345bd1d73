"""Words of the patient are found whole, in elements that are otherwise kept as well."""

import pytest

from deidentify.clean import Cleaner
from deidentify.plan import compile_plan
from tests.deidentify.samples import identity

JAPANESE = b"ISO 2022 IR 13\\ISO 2022 IR 87"


def cleaner(*terms):
    return Cleaner(compile_plan(identity=identity()), terms)


def test_marks_that_are_characters_of_their_own_go_with_their_letter():
    japanese = cleaner(("name", "ﾔﾏﾀﾞ^ﾀﾛｳ".encode("shift_jis"), JAPANESE))
    french = cleaner(("name", "Lavallé^René".encode(), b"ISO_IR 192"))

    assert japanese.clean("FLAIR ﾔﾏﾀﾞ T2") == "FLAIR T2"
    assert french.clean("T1 Lavalle\u0301 T2") == "T1 T2"


@pytest.mark.parametrize(
    "written",
    ["6. april 1939", "April 6, 1939", "06APR1939", "6 april 39", "06-apr-1939", "06.04.1939"],
)
def test_the_birth_date_goes_in_every_form_where_only_the_patient_is_looked_for(written):
    found = cleaner(("birth_date", b"19390406", b""))

    assert found.clean(f"TE=30 {written} FLAIR", only_patient=True) == "TE=30 FLAIR"


@pytest.mark.parametrize("other", ["6. april 1938", "6, april", "4,5 6,1939", "16. april 1939"])
def test_what_merely_looks_like_the_birth_date_stays(other):
    found = cleaner(("birth_date", b"19390406", b""))

    assert found.clean(f"TE=30 {other}", only_patient=True) == f"TE=30 {other}"


@pytest.mark.parametrize("kept", ["3.0 T", "1.5T", "FA 9 T"])
def test_a_unit_before_a_name_is_no_initial_of_it(kept):
    found = cleaner(("name", b"Kvernhaug^Torstein", b""))

    assert found.clean(f"{kept} TORSTEIN KVERNHAUG") == kept
    assert found.clean("T. Kvernhaug FLAIR") == "FLAIR"
