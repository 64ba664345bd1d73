"""Specifications as data: read with all their problems, written as text, compared in words."""

import json

import pytest

from exports.presets import PRESETS
from exports.specification import (
    Listed,
    Selection,
    SeriesRule,
    Specification,
    SpecificationError,
    Transformation,
    canonical_text,
    from_yaml,
    read_specification,
    to_yaml,
)
from exports.specification.deeds import DEEDS
from exports.specification.differences import differences
from exports.specification.elements import ElementPath, UnknownElement

WHOLE = {
    "format": "dicom",
    "selection": {
        "participants": ["BICAM_0001"],
        "events": ["baseline"],
        "modalities": ["MR"],
        "include": [{"element": "0008,103E", "test": "matches", "value": "T1.*"}],
        "exclude": [{"element": "ImageType", "value": "DERIVED"}],
        "least_images": 20,
        "listed": [{"participant": "BICAM_0001", "series": "3"}],
    },
    "folders": "{participant|dash}/{series_number:03}",
    "transformations": [
        {"do": "dash", "element": "PatientID"},
        {"do": "replace", "element": "SeriesDescription", "pattern": "^(T1).*", "value": r"\1"},
        {"do": "map", "element": "(0008,1030)", "mapping": {"a": "b"}},
    ],
    "attachments": [{"kind": "readme", "text": "For {project}.\nTwo lines."}],
    "is_encrypted": True,
    "keep_days": 30,
}


def problems_of(data):
    with pytest.raises(SpecificationError) as raised:
        read_specification(data)
    return {problem.place: problem.sentence for problem in raised.value.problems}


def test_nothing_said_is_everything_as_it_was_delivered():
    assert read_specification({}) == Specification()


def test_elements_are_kept_in_one_form_however_they_were_typed():
    specification = read_specification(WHOLE)

    assert specification.selection.include[0].element == "SeriesDescription"
    assert specification.transformations[2].element == "StudyDescription"


@pytest.mark.parametrize("data", [{}, WHOLE, *({"format": one} for one in ("bids", "nifti"))])
def test_specification_survives_json_and_yaml(data):
    specification = read_specification(data)

    assert read_specification(json.loads(canonical_text(specification))) == specification
    assert from_yaml(to_yaml(specification)) == specification
    assert from_yaml(to_yaml(specification)).digest == specification.digest


def test_digest_says_whether_anything_differs():
    specification = read_specification(WHOLE)

    assert specification.digest == read_specification(dict(reversed(WHOLE.items()))).digest
    assert specification.with_(keep_days=31).digest != specification.digest


@pytest.mark.parametrize("key", PRESETS)
def test_ready_made_specification_reads_back(key):
    specification = PRESETS[key].specification

    assert from_yaml(to_yaml(specification)) == specification


@pytest.mark.parametrize(
    "key", ["dicom", "nifti", "pure", "ram-ms", "transpara", "spectroscopy", "medium"]
)
def test_no_ready_made_specification_blanks_sex_or_age(key):
    touched = {one.element for one in PRESETS[key].specification.transformations}

    assert not touched & {"PatientSex", "PatientAge"}


@pytest.mark.parametrize(
    ("data", "place", "words"),
    [
        ([], "", "group of names"),
        ({"formatt": "dicom"}, "formatt", "nothing of this name"),
        ({"edition": 2}, "edition", "from 1 to 1"),
        ({"format": "exe"}, "format", "one of dicom"),
        ({"options": {"shell": "x"}}, "options.shell", "nothing of this name"),
        ({"selection": {"events": "baseline"}}, "selection.events", "a list"),
        ({"selection": {"events": [""]}}, "selection.events[1]", "empty"),
        ({"selection": {"sites": [1]}}, "selection.sites[1]", "quotes"),
        (
            {"selection": {"include": [{"element": "SeriesDescription"}]}},
            "selection.include[1].value",
            "is there",
        ),
        (
            {"selection": {"include": [{"element": "Nonsense", "value": "x"}]}},
            "selection.include[1].element",
            "no such keyword",
        ),
        (
            {"selection": {"exclude": [{"element": "Rows", "test": "above", "value": "many"}]}},
            "selection.exclude[1].value",
            "number",
        ),
        (
            {"selection": {"include": [{"element": "Rows", "test": "matches", "value": "(?=a)"}]}},
            "selection.include[1].value",
            "regular expression",
        ),
        (
            {"selection": {"exclude": [{"element": "Rows", "test": "is_there", "value": "x"}]}},
            "selection.exclude[1].value",
            "takes no value",
        ),
        ({"selection": {"least_images": True}}, "selection.least_images", "whole number"),
        (
            {"selection": {"least_images": 9, "most_images": 8}},
            "selection.most_images",
            "less than",
        ),
        ({"selection": {"listed": [{"event": "x"}]}}, "selection.listed[1].participant", "Each"),
        ({"folders": "../{participant}"}, "folders", "called"),
        ({"file": "{instance}/x"}, "file", "no slash"),
        ({"transformations": [{}]}, "transformations[1].do", "what is to be done"),
        ({"transformations": [{"do": "zap"}]}, "transformations[1].do", "one of set"),
        (
            {"transformations": [{"do": "set", "element": "PatientID"}]},
            "transformations[1].value",
            "needs this",
        ),
        (
            {"transformations": [{"do": "empty", "element": "PatientID", "value": "x"}]},
            "transformations[1].value",
            "takes nothing",
        ),
        (
            {"transformations": [{"do": "replace", "element": "PatientID", "pattern": "(a"}]},
            "transformations[1].pattern",
            "regular expression",
        ),
        (
            {
                "transformations": [
                    {"do": "replace", "element": "PatientID", "pattern": "a", "value": r"\1"}
                ]
            },
            "transformations[1].value",
            "0 groups",
        ),
        (
            {"transformations": [{"do": "shift", "value": "0"}]},
            "transformations[1].value",
            "other than 0",
        ),
        (
            {"transformations": [{"do": "map", "element": "Modality", "mapping": [["a"]]}]},
            "transformations[1].mapping[1]",
            "two texts",
        ),
        (
            {"ties": "cut", "transformations": [{"do": "shift_back"}]},
            "transformations[1].do",
            "leads back",
        ),
        (
            {
                "ties": "cut",
                "attachments": [{"kind": "demographics", "columns": ["identifier"], "table": "t"}],
            },
            "attachments[1].table",
            "who is who",
        ),
        ({"keeps_intervals": True}, "keeps_intervals", "only if ties are cut"),
        ({"attachments": [{"kind": "readme"}]}, "attachments[1].text", "needs this"),
        ({"keep_days": 0}, "keep_days", "from 1 to 365"),
        ({"is_encrypted": "yes"}, "is_encrypted", "true or false"),
        ({"deliver_to": "a\x07b"}, "deliver_to", "printed"),
        ({"deliver_to": "a\u202eb"}, "deliver_to", "printed"),
    ],
)
def test_problem_names_its_place_and_says_what_to_do(data, place, words):
    problems = problems_of(data)

    assert words in problems[place]


def test_all_problems_are_said_at_once_and_none_repeats_what_was_typed():
    problems = problems_of(
        {"format": "Olga", "folders": "{Olga}", "keep_days": "Olga", "Olga Nordmann": 1}
    )

    assert problems.keys() == {"format", "folders", "keep_days", "?"}
    assert not any("Olga" in sentence for sentence in problems.values())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: &x [1, 2]\nb: [*x, *x]", "Anchors"),
        ("format: dicom\nformat: nifti", "twice"),
        ("!!python/object/apply:os.system ['true']", "Types"),
        ("x: [", "Look at line"),
        ("[" * 60 + "]" * 60, "nested"),
        ("format: dicom\n---\nformat: dicom", "no YAML"),
        ("keep_days: " + "9" * 6000, "number"),
        ("[a]: b", "is no name"),
        ("", "group of names"),
        ("x" * 3_000_000, "characters"),
    ],
)
def test_yaml_that_is_not_plain_data_is_refused(text, words):
    with pytest.raises(SpecificationError, match=words):
        from_yaml(text)


@pytest.mark.parametrize(
    ("typed", "kept", "path"),
    [
        ("SeriesDescription", "SeriesDescription", "(0008,103E)"),
        ("(0008,103e)", "SeriesDescription", "(0008,103E)"),
        ("0008103E", "SeriesDescription", "(0008,103E)"),
        ('(0019,"SIEMENS MR HEADER",0c)',) + ('(0019,"SIEMENS MR HEADER",0C)',) * 2,
        (
            "RequestAttributesSequence/(0040,0008).CodeValue",
            "RequestAttributesSequence.ScheduledProtocolCodeSequence.CodeValue",
            "(0040,0275)(0040,0008)(0008,0100)",
        ),
    ],
)
def test_element_is_named_in_any_usual_way(typed, kept, path):
    element = ElementPath.parse(typed)

    assert (str(element), element.path) == (kept, path)
    assert ElementPath.parse(element.path) == element


@pytest.mark.parametrize(
    "typed",
    [
        *("", "Nonsense", "0019,100C", "(0002,0010)", "Modality.CodeValue", "SeriesDescription."),
        *('(0018,"EVEN",01)', "(0008,103E", "SeriesDescription; DROP", "x" * 400),
        ".".join(["RequestAttributesSequence"] * 9),
    ],
)
def test_what_names_no_element_is_refused(typed):
    with pytest.raises(UnknownElement):
        ElementPath.parse(typed)


def test_differences_are_said_in_words():
    old = read_specification(WHOLE)
    new = old.with_(
        selection=Selection(
            participants=("BICAM_0001",),
            events=("baseline", "6month"),
            modalities=("MR",),
            include=(SeriesRule("SeriesDescription", "contains", "T2"),),
            listed=(Listed("BICAM_0001"), Listed("BICAM_0002")),
        ),
        transformations=(*old.transformations, Transformation("empty", "PatientWeight")),
        is_encrypted=False,
        keep_days=7,
    )

    assert differences(old, new) == [
        "The events: baseline, 6month instead of baseline.",
        "The least number of images: nothing instead of 20.",
        "Include added: SeriesDescription contains “T2”.",
        "Include taken out: SeriesDescription fits the pattern “T1.*”.",
        "Exclude taken out: ImageType is “DERIVED”.",
        "The list has 2 rows instead of 1.",
        "Change added: Empty PatientWeight.",
        "The package is not encrypted now.",
        "It is kept for 7 days instead of 30.",
    ]
    assert differences(old, old) == []


def test_every_deed_asks_only_for_fields_that_there_are():
    fields = set(Transformation.__dataclass_fields__)

    assert all({*deed.needs, *deed.may} <= fields for deed in DEEDS.values())
