"""Labels, runs, and what is refused before anything is converted."""

from dataclasses import dataclass

import pytest

from exports.bids.kinds import Kind
from exports.bids.labels import label
from exports.bids.mapping import Mapping
from exports.bids.planning import places
from exports.bids.rows import OUT, SOURCE, MappingProblem, Row, read_rows
from exports.errors import ExportError


@dataclass(frozen=True)
class OneSeries:
    series: int
    description: str = "T1 MPRAGE"
    participant: str = "BICAM_0001"
    event: str = "baseline"
    modality: str = "MR"
    image_type: str = "ORIGINAL\\PRIMARY\\M"
    known_as: str = ""


def test_participants_and_events_become_labels_of_letters_and_digits():
    planned = places([OneSeries(1, participant="BICAM_01-2", event="6 months")], Mapping())

    assert planned[1].top == "sub-BICAM012/ses-6months"


@pytest.mark.parametrize("others", ["participant", "event"])
def test_names_that_differ_in_signs_alone_are_refused(others):
    pair = [OneSeries(1, **{others: "A_1"}), OneSeries(2, **{others: "a-1"})]

    with pytest.raises(ExportError, match="same name"):
        places(pair, Mapping())


def test_series_of_one_name_get_runs_in_their_order_and_a_single_one_gets_none():
    planned = places(
        [OneSeries(1), OneSeries(2, description="T2 TSE"), OneSeries(3), OneSeries(4, event="b")],
        Mapping(),
    )

    runs = {number: place.entities.get("run") for number, place in planned.items()}
    assert runs == {1: "1", 2: None, 3: "2", 4: None}


def test_what_a_person_decided_counts_more_than_a_guess():
    row = Row(Kind("MR", "T1 MPRAGE"), "anat/T2w", acq="odd")

    planned = places([OneSeries(1, known_as="T1 MPRAGE")], Mapping.of([row]))

    assert planned[1].row == row
    assert planned[1].entities == {"sub": "BICAM0001", "ses": "baseline", "acq": "odd"}


def test_labels_are_guessed_from_what_goes_out_and_not_from_what_was_changed():
    series = OneSeries(1, known_as="bold Olga", description="bold task-faces")

    planned = places([series], Mapping())

    assert planned[1].entities["task"] == "faces"


@pytest.mark.parametrize("unmapped", [SOURCE, OUT])
def test_what_nobody_knows_goes_where_the_specification_says(unmapped):
    planned = places([OneSeries(1, description="?")], Mapping(unmapped=unmapped))

    assert planned[1].row.place == unmapped


def test_labels_spell_norwegian_letters():
    assert label("Åsmund Bjørn_1") == "AsmundBjorn1"


def test_rows_read_from_data_what_they_were_written_as():
    rows = [Row(Kind("MR", "bold", "phase"), "func/bold", task="rest", dir="AP")]

    assert read_rows([row.as_data() for row in rows]) == rows


@pytest.mark.parametrize(
    "row",
    [
        {"modality": "MR", "description": "a", "place": "anat/unheard-of"},
        {"modality": "MR", "description": "a", "place": "func/bold"},
        {"modality": "MR", "description": "a", "place": "anat/T1w", "acq": "with blank"},
        {"modality": "CT", "description": "a", "place": "anat/T1w"},
        {"modality": "MR", "description": "a", "place": "anat/T1w", "else": "b"},
        {"modality": "MR", "description": 3, "place": "anat/T1w"},
        "no row",
    ],
)
def test_rows_that_cannot_be_used_are_refused(row):
    with pytest.raises(MappingProblem) as refused:
        read_rows([row])

    assert [number for number, _ in refused.value.problems] == [0]


def test_two_rows_about_one_kind_are_refused():
    row = Row(Kind("MR", "a"), "anat/T1w").as_data()

    with pytest.raises(MappingProblem, match="same kind"):
        read_rows([row, row | {"place": "anat/T2w"}])
