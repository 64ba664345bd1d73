"""The editor's fields: what is typed becomes data, and problems find their way back."""

import pytest
from django.http import QueryDict

from exports.editing import Draft
from exports.specification import Problem, SpecificationError, read_specification

WHOLE = {
    "format": "nifti",
    "options": {"compress": True},
    "selection": {
        "participants": ["BICAM_0001", "BICAM_0002"],
        "events": ["baseline"],
        "modalities": ["MR"],
        "include": [{"element": "SeriesDescription", "test": "matches", "value": "T1.*"}],
        "exclude": [{"element": "ContrastBolusAgent", "test": "is_there"}],
        "least_images": 10,
        "listed": [{"participant": "BICAM_0001", "event": "baseline", "series": "3"}],
    },
    "folders": "{participant|dash}/{event}",
    "transformations": [
        {
            "do": "map",
            "element": "StationName",
            "mapping": [["MR,3T", "one"], ["a;b;c", "d;e"], ['say "x"', "y"]],
        },
        {"do": "replace", "element": "ProtocolName", "pattern": "_v\\d+$"},
        {"do": "set", "element": "InstitutionName", "value": " kept as typed "},
    ],
    "attachments": [
        {"kind": "readme", "text": "Two lines\nof text"},
        {"kind": "demographics", "columns": ["PatientSex", "PatientAge"]},
    ],
    "keep_days": 3,
}


def sent(draft: Draft) -> QueryDict:
    """Return what a browser sends of the fields that a draft fills."""
    post = QueryDict(mutable=True)
    for place, text in draft.texts.items():
        post[place] = text.replace("\n", "\r\n")
    for place, ticked in draft.ticks.items():
        post.setlist(place, ticked)
    for place, rows in draft.rows.items():
        for row in rows:
            for column, text in row.items():
                post.appendlist(f"{place}.{column}", text.replace("\n", "\r\n"))
    for name, text in draft.options.items():
        if text:
            post[f"options.{name}"] = text
    return post


def test_specification_comes_through_the_fields_unchanged():
    specification = read_specification(WHOLE)

    back = Draft.read(sent(Draft.of(specification.as_data())))

    assert read_specification(back.as_data()) == specification


def test_empty_rows_are_no_part_of_the_specification():
    draft = Draft.of(read_specification(WHOLE).as_data())
    draft.add_row("transformations")
    draft.add_row("selection.exclude")
    draft.rows["selection.exclude"][-1]["test"] = "is"

    assert read_specification(draft.as_data()) == read_specification(WHOLE)


def test_problem_stands_beside_its_row_on_the_page_also_behind_an_empty_one():
    draft = Draft()
    draft.texts["format"] = "dicom"
    draft.add_row("transformations")
    draft.add_row("transformations")
    draft.rows["transformations"][1] |= {"do": "dash", "element": "NoSuchElement"}

    with pytest.raises(SpecificationError) as refused:
        read_specification({"transformations": draft.as_data()["transformations"]})

    assert list(draft.by_field(refused.value.problems)) == ["transformations[2].element"]


@pytest.mark.parametrize(
    ("place", "field"),
    [
        ("folders", "folders"),
        ("selection.events[2]", "selection.events"),
        ("selection.listed[3].event", "selection.listed"),
        ("selection.least_images", "selection.least_images"),
        ("options.compress", "options.nifti.compress"),
        ("attachments[2].columns[1]", "attachments[2].columns"),
        ("transformations[1].mapping[2]", "transformations[1].mapping"),
        ("transformations[1]", "transformations[1].do"),
        ("transformations[99].value", "transformations"),
        ("nowhere", ""),
        ("", ""),
    ],
)
def test_each_place_of_a_problem_has_a_field(place, field):
    draft = Draft.of(read_specification(WHOLE).as_data())

    found = draft.by_field([Problem(place, "It is wrong.")])

    assert found == {field: "It is wrong."}
    assert not field or field in draft.fields()


def test_what_is_no_number_is_kept_and_said():
    draft = Draft.of(read_specification({}).as_data())
    draft.texts["keep_days"] = "a fortnight"

    with pytest.raises(SpecificationError) as refused:
        read_specification(draft.as_data())

    assert list(draft.by_field(refused.value.problems)) == ["keep_days"]
    assert draft.texts["keep_days"] == "a fortnight"


@pytest.mark.parametrize(
    "pasted",
    [
        "participant,event,series\nBICAM_0001,baseline,3",
        "BICAM_0001;baseline;3",
        "Participant\tEvent\tSeries\nBICAM_0001\tbaseline\t3\n\n",
    ],
)
def test_pasted_list_is_read_however_its_columns_are_parted(pasted):
    draft = Draft.of(read_specification({}).as_data())
    draft.texts["selection.listed"] = pasted

    (row,) = read_specification(draft.as_data()).selection.listed

    assert (row.participant, row.event, row.series) == ("BICAM_0001", "baseline", "3")


def test_fields_that_the_page_hides_for_a_deed_do_not_count():
    draft = Draft.of(read_specification({}).as_data())
    draft.add_row("transformations")
    draft.rows["transformations"][0] |= {"do": "dash", "element": "PatientID", "pattern": "left"}

    (one,) = read_specification(draft.as_data()).transformations

    assert (one.do, one.element, one.pattern) == ("dash", "PatientID", "")


def test_row_is_added_and_removed_by_its_number():
    draft = Draft()
    draft.add_row("selection.include")
    draft.add_row("selection.include")
    draft.rows["selection.include"][1]["element"] = "Modality"

    draft.remove_row("selection.include", 1)
    draft.remove_row("selection.include", 7)

    assert [row["element"] for row in draft.rows["selection.include"]] == ["Modality"]
