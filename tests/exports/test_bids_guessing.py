"""Guesses from descriptions as scanners and people write them."""

import pytest

from exports.bids.guessing import guess
from exports.bids.kinds import Kind, nature_of
from exports.bids.rows import OUT, SOURCE

PLAIN = {
    "t1_mprage_sag_p2_iso": "anat/T1w",
    "Sag T1 3D BRAVO": "anat/T1w",
    "T2 TSE ax": "anat/T2w",
    "t2_space_dark-fluid_sag": "anat/FLAIR",
    "Ax T2 FLAIR": "anat/FLAIR",
    "pd+t2_tse_sag_ISO_1.8mm": "anat/PDT2",
    "Ax T2* GRE": "anat/T2starw",
    "TOF_3D_multi-slab": "anat/angio",
    "ep2d_bold_rest": "func/bold",
    "REST1 w SMS PF7-8": "func/bold",
    "Axial EPI-FMRI (Interleaved I to S)": "func/bold",
    "cmrr_mbep2d_bold_SBRef": "func/sbref",
    "DTI_64dir_SBRef": "dwi/sbref",
    "DTI_PA-ortho": "dwi/dwi",
    "ep2d_diff_3scan_trace_p2": SOURCE,
    "pcasl_3d": "perf/asl",
    "B0 NS": "fmap/magnitude",
    "gre_field_mapping": "fmap/magnitude",
    "SpinEchoFieldMap_AP": "fmap/epi",
    "AAHead_Scout_64ch": OUT,
    "3 Plane Loc": OUT,
}


@pytest.mark.parametrize(("description", "place"), PLAIN.items(), ids=list(PLAIN))
def test_plain_descriptions_are_understood(description, place):
    guessed = guess(Kind("MR", description))

    assert (guessed.row.place, guessed.is_plain) == (place, True)
    assert guessed.row.problems() == []


def test_phase_of_a_field_map_goes_where_differences_of_phase_go():
    assert guess(Kind("MR", "gre_field_mapping", "phase")).row.place == "fmap/phasediff"


def test_what_nothing_says_is_not_guessed():
    guessed = guess(Kind("MR", "Sekvens 7"))

    assert (guessed.row.place, guessed.is_plain) == (SOURCE, False)


@pytest.mark.parametrize("modality", ["CT", "US", "SR"])
def test_what_bids_does_not_know_goes_aside(modality):
    assert guess(Kind(modality, "T1 MPRAGE")).row.place == SOURCE


def test_images_that_the_scanner_computed_go_aside():
    assert guess(Kind("MR", "T1 MPRAGE", "derived")).row.place == SOURCE


def test_task_direction_and_contrast_agent_are_taken_from_the_description():
    rest, epi = guess(Kind("MR", "rsfMRI")).row, guess(Kind("MR", "EPI PE=RL")).row
    after = guess(Kind("MR", "T1 MPRAGE post Gd")).row

    assert rest.entities == {"task": "rest"}
    assert epi.entities == {"task": "EPIPERL", "dir": "RL"}
    assert after.entities == {"ce": "contrast"}


@pytest.mark.parametrize(
    ("image_type", "nature"),
    [
        (["ORIGINAL", "PRIMARY", "M", "ND"], ""),
        (["ORIGINAL", "PRIMARY", "P", "ND"], "phase"),
        (["ORIGINAL", "PRIMARY", "PHASE MAP", "P", "FFE"], "phase"),
        (["DERIVED", "SECONDARY", "MPR"], "derived"),
        (["ORIGINAL", "PRIMARY", "LOCALIZER"], "localizer"),
        ([], ""),
    ],
)
def test_nature_of_images_is_told_from_their_type(image_type, nature):
    assert nature_of(image_type) == nature
