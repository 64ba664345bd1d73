"""Dates moved by one shift per participant."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deidentify.dates import (
    birth_date,
    cap_age,
    coarse_date_time,
    coarse_time,
    draw_shift,
    possible_birth_dates,
    shift_da,
    shift_dt,
)


@given(st.binary(min_size=32, max_size=32))
def test_a_drawn_shift_lies_30_to_365_days_in_the_past(secret):
    assert -365 <= draw_shift(secret) <= -30
    assert draw_shift(secret) == draw_shift(secret)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_intervals_stay(first, second):
    moved = [shift_da(day.strftime("%Y%m%d").encode(), -77).decode() for day in (first, second)]
    dates = [date.fromisoformat(text) for text in moved]

    assert dates[1] - dates[0] == second - first


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"20240312", b"20240302"),
        (b"2024.03.12", b"20240302"),
        (b"20240312-20240314", b"20240302-20240304"),
        (b"20240312-", b"20240302-"),
        (b"-20240314", b"-20240304"),
        (b"2024-03-12", b"20240302"),
        (b"2024/03/12", b"20240302"),
        (b" 20240312 ", b"20240302"),
        (b"20240310", b"20240229"),
        (b"20230301", b"20230219"),
        (b"20240229", b"20240219"),
        (b"20240101", b"20231222"),
        (b"00010105", b""),
        (b"20230229", b""),
        (b"20241345", b""),
        (b"2024.0312", b""),
        (b"20240312-Hansen", b""),
        (b"20240312-20240313-20240314", b""),
        (b"20240312101500", b""),
        (b"-", b""),
        (b"Hansen", b""),
    ],
)
def test_a_date_is_shifted_and_what_is_none_becomes_empty(value, expected):
    assert shift_da(value, -10) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"20240312101500.123456+0100", b"20240302101500.123456+0100"),
        (b"20240312", b"20240302"),
        (b"202403", b"202403"),
        (b"2024", b"2024"),
        (b"2024031210", b"2024030210"),
        (b"202403121015-0500", b"202403021015-0500"),
        (b"2024+0100", b"2024+0100"),
        (b"20240312-20240314", b"20240302-20240304"),
        (b"20240312101500+0100-", b"20240302101500+0100-"),
        (b"20240312-", b"20240302-"),
        (b"20240312-2025", b"20240302-2025"),
        (b"00010101000000", b""),
        (b"yesterday", b""),
    ],
)
def test_a_date_time_keeps_precision_fraction_and_offset(value, expected):
    assert shift_dt(value, -10) == expected


@pytest.mark.parametrize(
    ("age", "expected"),
    [(b"064Y", b"064Y"), (b"089Y", b"089Y"), (b"090Y", b"090Y"), (b"101Y", b"090Y"),
     (b"006M", b"006M"), (b"old", b"")],
)  # fmt: skip
def test_ages_above_89_are_capped(age, expected):
    assert cap_age(age) == expected


@pytest.mark.parametrize(
    ("policy", "expected"), [("year", b"19600701"), ("january", b"19600101"), ("kept", b"19600313")]
)
def test_a_policy_says_what_stays_of_a_birth_date(policy, expected):
    assert birth_date(b"19600313", policy, b"20240312") == expected


@pytest.mark.parametrize("policy", ["year", "january", "kept"])
@pytest.mark.parametrize(
    ("born", "on", "is_kept"),
    [
        (b"19340313", b"20240312", True),
        (b"19340312", b"20240312", False),
        (b"18990101", b"20240312", False),
        (b"19600313", b"", False),
        (b"19601313", b"20240312", False),
        (b"Hansen", b"20240312", False),
    ],
)
def test_whoever_is_90_or_of_unknown_age_keeps_no_birth_date(policy, born, on, is_kept):
    assert bool(birth_date(born, policy, on)) is is_kept


def test_a_birth_date_that_names_no_true_day_is_foreseen():
    for policy in ("year", "january"):
        assert birth_date(b"19600313", policy, b"20240312").decode() in possible_birth_dates(policy)
    assert not possible_birth_dates("kept")
    assert not possible_birth_dates("")


@pytest.mark.parametrize(
    ("value", "expected"),
    [(b"101530.25", b"100000"), (b"1015", b"100000"), (b"10", b"100000"), (b"10:15:30", b"100000"),
     (b"235959", b"230000"), (b"noon", b"")],
)  # fmt: skip
def test_a_coarse_time_names_the_hour(value, expected):
    assert coarse_time(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(b"20240312101530.25+0100", b"20240312100000+0100"), (b"20240312", b"20240312"),
     (b"2024", b"2024"), (b"noon", b"")],
)  # fmt: skip
def test_a_coarse_date_time_names_the_hour(value, expected):
    assert coarse_date_time(value) == expected
