"""The line that says how far a run is."""

from io import StringIO

import pytest

from deidentify import progress


@pytest.fixture
def clock(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_a_run_of_less_than_a_second_says_nothing(clock):
    stream = StringIO()
    line = progress.ProgressLine(stream)

    clock[0] = 0.9
    line(10, 10)

    assert not stream.getvalue()


def test_a_longer_one_says_how_far_it_is_and_how_long_it_will_take(clock):
    stream = StringIO()
    line = progress.ProgressLine(stream)

    clock[0] = 2.0
    line(100, 300)
    clock[0] = 2.1
    line(110, 300)
    clock[0] = 6.0
    line(300, 300)

    said = [text.strip() for text in stream.getvalue().split("\r") if text]
    assert said == ["100 of 300 files, about 4 s left", "300 of 300 files, about 0 s left"]
    assert stream.getvalue().endswith("\n")
