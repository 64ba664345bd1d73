"""Images of one series get names that BIDS knows, and never the same one."""

import pytest

from exports.bids.entities import stem
from exports.bids.images import names_of
from exports.bids.kinds import Kind
from exports.bids.planning import Place
from exports.bids.rows import Row

NAMES = {
    "one image": ("anat/T1w", [""], ["sub-1_ses-a_T1w"]),
    "proton density and T2": (
        "anat/PDT2",
        ["_e1", "_e2"],
        ["sub-1_ses-a_PDw", "sub-1_ses-a_T2w"],
    ),
    "echoes": (
        "func/bold",
        ["_e1", "_e2"],
        ["sub-1_ses-a_task-rest_echo-1_bold", "sub-1_ses-a_task-rest_echo-2_bold"],
    ),
    "magnitude and phase": (
        "func/bold",
        ["", "_ph"],
        ["sub-1_ses-a_task-rest_part-mag_bold", "sub-1_ses-a_task-rest_part-phase_bold"],
    ),
    "magnitudes of a field map": (
        "fmap/magnitude",
        ["_e1", "_e2"],
        ["sub-1_ses-a_magnitude1", "sub-1_ses-a_magnitude2"],
    ),
    "difference of phases": ("fmap/phasediff", ["_e2_ph"], ["sub-1_ses-a_phasediff"]),
    "two phases": (
        "fmap/phasediff",
        ["_e1_ph", "_e2_ph"],
        ["sub-1_ses-a_phase1", "sub-1_ses-a_phase2"],
    ),
    "field map in Hz": (
        "fmap/magnitude",
        ["_e1", "_e2_fieldmaphz"],
        ["sub-1_ses-a_magnitude", "sub-1_ses-a_fieldmap"],
    ),
    "what BIDS has no word for": (
        "anat/T1w",
        ["", "_Crop_1"],
        ["sub-1_ses-a_T1w", "sub-1_ses-a_acq-Crop1_T1w"],
    ),
    "an echo where BIDS knows none": ("dwi/dwi", ["_e2"], ["sub-1_ses-a_acq-echo2_dwi"]),
}


@pytest.mark.parametrize(("place", "kinds", "names"), NAMES.values(), ids=list(NAMES))
def test_images_of_a_series_are_named(place, kinds, names):
    assert named(place, [(kind, 1) for kind in kinds]) == names


def test_images_that_nothing_tells_apart_get_numbers():
    assert named("anat/T1w", [("", 1), ("", 2)]) == ["sub-1_ses-a_T1w", "sub-1_ses-a_acq-v2_T1w"]


def named(place, kinds):
    row = Row(Kind("MR", "a series"), place, task="rest")
    at = Place(row, {"sub": "1", "ses": "a", **row.entities})
    return [stem(one.entities, one.suffix) for one in names_of(at, kinds)]
