"""What is wrong with transformations is said while they are written, not when a package fails."""

import pytest

from exports.specification import Transformation
from exports.specification.deed_checks import problems_of


def do(name: str, element: str = "", **parts: object) -> Transformation:
    return Transformation(do=name, element=element, **parts)


@pytest.mark.parametrize(
    ("one", "sentence"),
    [
        (do("set", "Rows", value="1"), "how the pixels are stored"),
        (do("remove", "PixelData"), "how the pixels are stored"),
        (do("set", "SOPInstanceUID", value="1.2.3"), "never written by hand"),
        (do("empty", "PatientIdentityRemoved"), "kept true by the program"),
        (do("set", "ReferencedStudySequence", value="x"), "name the one inside"),
        (do("remove", "Modality"), "demands a value here in every image"),
        (do("set", "PatientSex", value="woman"), "none that this element can hold"),
        (do("set", "StudyDate", value="12.03.2026"), "none that this element can hold"),
        (do("set", "StudyID", value="1" * 17), "none that this element can hold"),
        (do("set", "PatientWeight", value="heavy"), "none that this element can hold"),
        (do("map", "Modality", mapping=(("MR", "mr"),)), "none that this element can hold"),
        (do("replace", "PregnancyStatus", pattern="1"), "numbers in binary form"),
        (do("shift", "PatientName", value="3"), "no date"),
    ],
)
def test_one_transformation_that_cannot_be_is_refused(one, sentence):
    ((place, said),) = problems_of((do("dash", "PatientID"), one))

    assert place == 1
    assert sentence in said


@pytest.mark.parametrize(
    "one",
    [
        do("set", "SeriesDescription", value="T1 på lår"),
        do("set", "ImageType", value="DERIVED\\SECONDARY"),
        do("remove", "PatientSex"),
        do("remove", "ReferencedStudySequence"),
        do("set", '(0029,"ACME",08)', value="anything"),
        do("empty", "RequestAttributesSequence.StudyID"),
        do("shift", "StudyDate", value="-42"),
        do("shift", value="-42"),
        do("map", "PregnancyStatus", mapping=(("4", "1"),)),
    ],
)
def test_what_can_be_done_is_not_refused(one):
    assert problems_of((one,)) == []


def test_an_age_beside_the_true_birth_date_is_refused_unless_dates_are_true_as_well():
    birth, age = do("birth_date", table="t"), do("age", table="t")

    ((place, said),) = problems_of((age, birth))

    assert (place, "by how much its dates were moved" in said) == (1, True)
    assert problems_of((age, birth, do("shift_back"))) == []


def test_a_birth_date_contradicts_cut_ties():
    ((_, said),) = problems_of((do("birth_date", table="t"),), "cut")

    assert "ties are to be cut" in said


@pytest.mark.parametrize("deed", ["empty", "remove", "set", "replace"])
def test_who_is_in_an_image_is_not_written_by_hand_where_ties_are_cut(deed):
    one = do(deed, "PatientID", value="X" if deed == "set" else "", pattern="^.*$")

    assert problems_of([one], "kept") == []
    ((number, sentence),) = problems_of([one], "cut")
    assert number == 0
    assert "drawn" in sentence
