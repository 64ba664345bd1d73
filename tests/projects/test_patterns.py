"""One pattern, read alike by google-re2, PostgreSQL and SQLite."""

import re
from contextlib import closing
from time import monotonic

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projects.patterns import parse
from projects.sqlite.base import DatabaseWrapper

LITERALS = st.text("ABCxyz019_.-", max_size=8)
WIDTHS = st.sampled_from(["", ":01", ":02", ":04", ":06"])
NAMES = st.text("ABCabc0123456789_.-{}[]() \n", max_size=20)


@st.composite
def templates(draw):
    site = f"{{site{draw(WIDTHS)}}}" if draw(st.booleans()) else ""
    separator = "_" if site else ""
    return f"{draw(LITERALS)}{site}{separator}{{n{draw(WIDTHS)}}}{draw(LITERALS)}"


@given(typed=templates(), n=st.integers(1, 9), site=st.integers(1, 9))
def test_what_a_template_fills_in_fits_it_and_its_number_is_read_back(typed, n, site):
    pattern = parse(typed)

    name = pattern.fill(n=n, site=site)

    assert pattern.matches(name)
    if "{n}" not in typed or not typed.endswith(tuple("019")):
        assert pattern.number_of(name) is not None


@given(typed=templates(), name=NAMES)
def test_re2_and_pythons_re_agree_which_sqlite_uses(typed, name):
    pattern = parse(typed)

    # without MULTILINE, Python lets $ match before a last line feed; no identifier has one
    assert pattern.matches(name) == bool(re.fullmatch(pattern.regex[1:-1], name))


REGEXES = [
    r"BICAM_\d{3}",
    r"^(A|B)[0-9]{2,4}$",
    r"[A-C]\w+",
    r"S(?:01|02)-[\d_]{2}",
    r"A|B",
    r"x.y\.z",
    r"[\w.-]{1,12}",
]


@pytest.mark.django_db
@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    typed=st.one_of(templates(), st.sampled_from(REGEXES)),
    name=st.one_of(NAMES, st.from_regex(r"\A[A-C01xS_.-]{0,8}\Z")),
)
def test_postgresql_agrees_with_re2(typed, name):
    pattern = parse(typed)

    with connection.cursor() as cursor:
        cursor.execute("SELECT %s ~ %s", [name, pattern.regex])
        (by_database,) = cursor.fetchone()

    assert by_database == pattern.matches(name)


PIECES = [
    *("A", "0", "_", "-", ".", r"\d", r"\w", r"\.", r"\-", "[A-C]", r"[\d-]", r"[\w.]", "[a-]"),
    *(r"[\d-z]", "[-a]", "[.-_]", r"[\-0]"),
    *("(", ")", "(?:", "|", "*", "+", "?", "{2}", "{1,}", "{0,3}", "^", "$"),
]


@pytest.mark.django_db
@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=8),
    name=st.text("ABCa0_-.z", max_size=8),
)
def test_whatever_is_accepted_means_the_same_to_all_three(pieces, name):
    try:
        pattern = parse("".join(pieces))
    except ValidationError:
        return

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT %s ~ %s", [name, pattern.regex])
        (by_postgresql,) = cursor.fetchone()

    assert pattern.matches(name) == by_postgresql == bool(re.search(pattern.regex, name))


@pytest.mark.parametrize("typed", REGEXES)
@pytest.mark.parametrize("name", ["BICAM_001", "A12", "Cab", "S01-1_", "A", "B", "AB", "xay.z"])
def test_sqlite_agrees_with_re2(typed, name):
    pattern = parse(typed)

    assert (
        by_sqlite(name, pattern.regex)
        == pattern.matches(name)
        == bool(re.search(pattern.regex, name))
    )


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["(a|a)*b", "(a*)*b", "((a|b|ab)*)*c", "(a?){30}a{30}b"])
def test_a_pattern_that_goes_back_for_ever_elsewhere_is_answered_at_once(typed):
    pattern = parse(typed)
    name = "a" * 63
    began = monotonic()

    with connection.cursor() as cursor:
        cursor.execute("SELECT %s ~ %s", [name, pattern.regex])
        (by_postgresql,) = cursor.fetchone()

    assert not by_postgresql
    assert not by_sqlite(name, pattern.regex)
    assert not pattern.matches(name)
    assert monotonic() - began < 5


def by_sqlite(name: str, regex: str) -> bool:
    """Ask a connection of the embedded database's backend, to nothing but memory."""
    wrapper = DatabaseWrapper({"NAME": ":memory:", "OPTIONS": {}}, "memory")
    with closing(wrapper.get_new_connection(wrapper.get_connection_params())) as database:
        (found,) = database.execute("SELECT ? REGEXP ?", [name, regex]).fetchone()
    return bool(found)


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "a" * 121, "{n}{n}", "{site:02}", "A {n:04}", "{n:4}"),
        *("(?=a)b", "(a", "[z-a]", r"\bA", "a{1,2,3}", r"(?i)a", "[[:alpha:]]", r"\1"),
    ],
)
def test_what_the_three_would_read_differently_is_refused_in_a_sentence(typed):
    with pytest.raises(ValidationError) as refused:
        parse(typed)

    (sentence,) = refused.value.messages
    assert sentence.endswith(".") or "BICAM" in sentence


def test_a_long_hostile_name_is_answered_at_once():
    pattern = parse(r"(a|a)*(a|aa)*b")

    assert not pattern.matches("a" * 100_000)


def test_only_the_whole_identifier_fits():
    pattern = parse(r"A|B")

    assert pattern.matches("A")
    assert not pattern.matches("AX")
    assert not pattern.matches("XB")
