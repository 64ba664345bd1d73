"""Dates moved by one shift per participant."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deidentify.dates import cap_age, draw_shift, shift_da, shift_dt


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
        (b"20241345", b""),
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
