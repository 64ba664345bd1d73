"""Templates: whatever the values are, a name stays one name, inside, short and the same."""

import re
from pathlib import PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports.naming.fields import FIELDS, FILTERS
from exports.naming.safe import Names
from exports.naming.templates import (
    LONGEST_FILE,
    LONGEST_FOLDERS,
    MOST_FOLDERS,
    TemplateError,
    read_file,
    read_folders,
)
from exports.specification.parts import FILE, FOLDERS

SAFE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
HOSTILE = st.one_of(
    st.text(max_size=300),
    st.sampled_from(
        [
            *("../../etc", "/etc/passwd", "..", ".", "~", "a\\..\\b", "C:\\x", "CON", "nul.txt"),
            *("a\0b", "\u202egnp.exe", "－／．．／", "a" * 300, "æøå", "{participant}", "%2e%2f"),
            "\r\nx: y",
        ]
    ),
)
VALUES = st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, HOSTILE))


@st.composite
def folder_templates(draw):
    """Any template of folders that the grammar allows, built from its own tables."""
    names = [name for name in FIELDS if not name.startswith("instance")]
    filters = st.sampled_from(["", "|lower", "|upper", "|slug", "|dash", "|plain", "|first:7"])
    part = st.one_of(
        st.builds("{{{}{}}}".format, st.sampled_from(names), filters),
        st.from_regex(r"[A-Za-z0-9_-]{1,12}", fullmatch=True),
    )
    segment = st.lists(part, min_size=1, max_size=4).map("".join)
    return draw(st.lists(segment, min_size=1, max_size=MOST_FOLDERS).map("/".join))


@settings(max_examples=100, deadline=None)
@given(folder_templates(), VALUES)
def test_every_name_is_safe_and_stays_inside_whatever_the_values_are(typed, values):
    template = read_folders(typed)

    names = template.fill(values)

    assert len(names) == typed.count("/") + 1
    assert all(SAFE.fullmatch(name) for name in names)
    assert len("/".join(names).encode()) <= LONGEST_FOLDERS
    assert template.fill(dict(reversed(values.items()))) == names
    assert ".." not in PurePosixPath("/".join(names)).parts


@given(st.lists(HOSTILE, max_size=30))
def test_files_of_one_folder_have_names_that_differ(descriptions):
    template, names = read_file("{series_description}"), Names()

    given_out = [
        names.give(*template.fill({"series_description": one}, LONGEST_FILE)).casefold()
        for one in descriptions
    ]

    assert len(set(given_out)) == len(descriptions)


def test_what_is_usual_names_a_series_by_its_number_and_its_words():
    values = {
        "participant": "BICAM_0001",
        "event": "6 months",
        "modality": "MR",
        "series_number": "3",
        "series_description": "T1 MPRAGE/sag",
    }

    names = read_folders(FOLDERS).fill(values)

    assert names == ("BICAM_0001", "6_months", "MR", "0003_T1_MPRAGE_sag")
    assert read_file(FILE).fill({"instance": "12"}) == ("0012",)


def test_what_is_not_there_leaves_no_mark_or_its_fallback():
    names = read_folders("{participant}/{modality}/{series_number:04}_{series_description}/{site}")

    assert names.fill({}) == ("participant", "OT", "0000", "unnamed")


@pytest.mark.parametrize(
    ("typed", "name"), [one.example for one in FILTERS.values()], ids=list(FILTERS)
)
def test_filter_does_what_its_example_says(typed, name):
    examples = {field: facts.example for field, facts in FIELDS.items()}

    assert read_folders(typed).fill(examples) == (name,)


@pytest.mark.parametrize(
    ("typed", "value", "name"),
    [
        ("{series_number:03}", "7", "007"),
        ("{series_number}", "-7", "0"),
        ("{series_number:04}", "seven", "0000"),
        ("{series_number:02}", "9" * 40, "9" * 12),
        ("{study_date|date:%Y%m}", "20190412", "201904"),
        ("{study_date|date:%Y%m}", "12.04.2019", "unnamed"),
        ("{study_time|date:%Hh}", "103000.123", "10h"),
        ("{series_description|or:none}", "///", "none"),
        ("{series_description|first:3|upper}", "t1_mprage", "T1"),
        ("{series_description|last:2}", "t1_mprage", "ge"),
        ("x{series_description}", "../../etc", "xetc"),
    ],
)
def test_field_becomes_part_of_one_name(typed, value, name):
    (field,) = read_folders(typed).fields

    assert read_folders(typed).fill({field: value}) == (name,)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "empty"),
        ("/{participant}", "slash"),
        ("{participant}/", "slash"),
        ("{participant}//{event}", "slash"),
        ("..", "called"),
        ("{participant}/../{event}", "called"),
        ("./{participant}", "called"),
        ("a\\b", "letters"),
        ("a b", "letters"),
        ("å", "letters"),
        ("{participant", "brace"),
        ("{{participant}}", "brace"),
        ("{}", "no such field"),
        ("{0}", "no such field"),
        ("{participant.name}", "no such field"),
        ("{participant[0]}", "no such field"),
        ("{participant!r}", "no such field"),
        ("{patient_name}", "no such field"),
        ("{participant:04}", "for numbers"),
        ("{series_number:>4}", "width"),
        ("{series_number:0400}", "width"),
        ("{participant|shell}", "no such filter"),
        ("{participant|lower:3}", "nothing after"),
        ("{participant|first:x}", "number"),
        ("{participant|first:0}", "number"),
        ("{participant|date:%Y}", "neither"),
        ("{study_date|date:%Y/%m}", "form"),
        ("{study_date|date:%n}", "form"),
        ("{participant|or:../x}", "letters or digits"),
        ("{instance}", "each image"),
        ("/".join("abcdefghi"), "at most 8"),
        ("a" * 500, "at most 400"),
    ],
)
def test_template_that_cannot_be_used_is_refused_in_a_sentence(typed, words):
    with pytest.raises(TemplateError, match=words):
        read_folders(typed)


def test_file_has_no_folders():
    with pytest.raises(TemplateError, match="no slash"):
        read_file("{participant}/{instance}")
