"""Names: safe on every system, whatever a description says."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.naming.safe import LONGEST, Names, slug

SAFE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9_-])?")


@given(st.text())
def test_any_text_becomes_one_safe_name(text):
    name = slug(text, "fallback")

    assert SAFE.fullmatch(name)
    assert len(name) <= LONGEST
    assert ".." not in name
    assert slug(name, "fallback") == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("T1 MPRAGE", "T1_MPRAGE"),
        ("../../etc/passwd", "etc_passwd"),
        ("Hjerne æøå", "Hjerne_aeoa"),
        ("EPI_PE=AP", "EPI_PE_AP"),
        (".hidden", "hidden"),
        ("-rf", "rf"),
        ("COM1.txt", "COM1.txt_"),
        ("nul", "nul_"),
        ("ＡＢＣ", "ABC"),
        ("Тest", "est"),
        ("脳", "fallback"),
        ("", "fallback"),
    ],
)
def test_name_keeps_what_can_be_kept(text, name):
    assert slug(text, "fallback") == name


@given(st.lists(st.sampled_from(["a", "A", "a_2", "A_2", "b"]), max_size=20))
def test_names_given_out_differ_on_every_file_system(wanted):
    names = Names()

    given_out = [names.give(name).casefold() for name in wanted]

    assert len(set(given_out)) == len(wanted)
