"""Norwegian identity numbers; only synthetic ones and common help numbers stand here."""

import pytest

from deidentify.norwegian import is_identity_number
from deidentify.patterns import identity_numbers


@pytest.mark.parametrize(
    "number",
    ["13836033390", "27824327454", "19864602986", "07899801924", "59825129280", "52848004944",
     "18675521766", "97975432312", "89487574903", "81862527682"],
)  # fmt: skip
def test_numbers_of_every_kind_are_known(number):
    assert is_identity_number(number)


@pytest.mark.parametrize("number", ["13836033391", "99999999999", "12345678901", "1383603339"])
def test_other_digits_are_none(number):
    assert not is_identity_number(number)


def test_a_number_is_found_spaced_and_dotted_but_not_inside_a_uid():
    text = "fnr 138360 33390, 13.83.60 33390, 1.2.13836033390.5 og 13836033390"

    found = [text[start:end] for start, end in identity_numbers(text)]

    assert found == ["138360 33390", "13.83.60 33390", "13836033390"]
