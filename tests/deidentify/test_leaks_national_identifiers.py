"""Norwegian identity numbers by their check digits. All numbers here are synthetic."""

import pytest

from deidentify.leaks.national_identifiers import candidates, rate


@pytest.mark.parametrize("number", [b"13836033390", b"27824327454", b"19864602986", b"07899801924"])
def test_synthetic_numbers_with_month_plus_80_are_recognised(number):
    assert rate(number) == "strict"


@pytest.mark.parametrize("number", [b"59825129280", b"52848004944"])
def test_synthetic_d_numbers_are_recognised(number):
    assert rate(number) == "strict"


@pytest.mark.parametrize("number", [b"97975432312", b"89487574903", b"81862527682"])
def test_common_help_numbers_hold_no_date_and_are_less_sure(number):
    assert rate(number) == "common"


def test_one_wrong_digit_is_never_an_identity_number():
    number = b"13836033390"

    changed = [
        number[:at] + str((number[at] - 48 + step) % 10).encode() + number[at + 1 :]
        for at in range(11)
        for step in range(1, 10)
    ]

    assert {rate(other) for other in changed} <= {"", "2032"}


def test_numbers_are_found_plain_grouped_and_dotted():
    text = b"13836033390, 138360 33390 and 13.83.60 33390"

    assert [digits for _, _, digits in candidates(text)] == [b"13836033390"] * 3


@pytest.mark.parametrize("text", [b"2.25.13836033390", b"138360333901", b"13836033390.5"])
def test_parts_of_longer_numbers_and_uids_are_no_candidates(text):
    assert list(candidates(text)) == []
