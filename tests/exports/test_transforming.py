"""What each deed does to a header."""

import re

import pytest
from pydicom.dataset import Dataset

from exports.errors import CannotTransform
from exports.specification import Transformation
from exports.specification.deeds import DEEDS
from exports.transforming.deeds import DOINGS
from exports.transforming.people import read_age, read_date, read_sex
from tests.datasets import make_mr_series, mr, sr, write
from tests.exports.headers import CELLS, changed, differing, person, read


def do(name: str, element: str = "", **parts: object) -> Transformation:
    return Transformation(do=name, element=element, **parts)


def made(tmp_path, dataset: Dataset, *deeds: Transformation, **options: object) -> Dataset:
    return read(changed(write(dataset, tmp_path / "a.dcm"), *deeds, **options))


def test_every_deed_of_the_table_is_carried_out():
    assert set(DOINGS) == set(DEEDS)


def test_a_value_is_set_emptied_and_removed(tmp_path):
    after = made(
        tmp_path,
        mr(PatientWeight=70, ImageComments="seen"),
        do("set", "StudyDescription", value="Brain"),
        do("empty", "PatientSex"),
        do("remove", "ImageComments"),
        do("remove", "PatientWeight"),
    )

    assert (after.StudyDescription, after.PatientSex) == ("Brain", "")
    assert "ImageComments" not in after
    assert "PatientWeight" not in after


def test_what_has_to_be_there_is_emptied_and_what_needs_a_value_gets_a_dummy(tmp_path):
    after = made(
        tmp_path,
        sr(),
        do("remove", "PatientSex"),  # type 2
        do("empty", "CompletionFlag"),  # type 1
    )

    assert after.PatientSex == ""
    assert after.CompletionFlag not in ("", None, "COMPLETE")


def test_a_pattern_replaces_what_it_finds_in_each_of_several_values(tmp_path):
    after = made(
        tmp_path,
        mr(ProtocolName="t1_mprage_sag_v12", ScanOptions=["PFP_A", "FS_B"]),
        do("replace", "ProtocolName", pattern=r"_v([0-9]+)$", value=r"_version-\1"),
        do("replace", "ScanOptions", pattern="_[AB]$"),
    )

    assert after.ProtocolName == "t1_mprage_sag_version-12"
    assert list(after.ScanOptions) == ["PFP", "FS"]


def test_a_map_replaces_whole_values_and_leaves_others(tmp_path):
    mapping = (("T1 MPRAGE", "T1w"), ("T1", "wrong"))

    after = made(
        tmp_path,
        mr(StudyDescription="T1 of somebody"),
        do("map", "SeriesDescription", mapping=mapping),
        do("map", "StudyDescription", mapping=mapping),
    )

    assert (after.SeriesDescription, after.StudyDescription) == ("T1w", "T1 of somebody")


def test_numbers_in_binary_form_are_mapped_as_the_numbers_they_are(tmp_path):
    after = made(
        tmp_path, mr(PregnancyStatus=4), do("map", "PregnancyStatus", mapping=(("4", "1"),))
    )

    assert after.PregnancyStatus == 1


def test_underscores_become_dashes_and_descriptions_are_cleaned(tmp_path):
    after = made(
        tmp_path,
        mr(PatientID="BICAM_01_0001", SeriesDescription="ep2d (på tvers) #2"),
        do("dash", "PatientID"),
        do("clean", "SeriesDescription"),
    )

    assert after.PatientID == "BICAM-01-0001"
    assert after.SeriesDescription == "ep2d -på tvers- -2"


def test_transformations_of_one_element_follow_each_other(tmp_path):
    after = made(
        tmp_path,
        mr(),
        do("set", "SeriesDescription", value="a_b"),
        do("dash", "SeriesDescription"),
        do("replace", "SeriesDescription", pattern="-", value="+"),
    )

    assert after.SeriesDescription == "a+b"


def test_the_true_birth_date_takes_the_age_away(tmp_path):
    after = made(tmp_path, mr(PatientAge="071Y"), do("birth_date", table="t"))

    assert after.PatientBirthDate == "19540807"
    assert "PatientAge" not in after


def test_age_and_sex_come_from_the_table(tmp_path):
    after = made(
        tmp_path, mr(PatientSex="", PatientAge="000Y"), do("age", table="t"), do("sex", table="t")
    )

    assert (after.PatientAge, after.PatientSex) == ("071Y", "F")


def test_the_age_is_reckoned_at_the_true_day_of_the_study(tmp_path):
    # Moved a hundred days back, the study seems to be before the birthday.
    after = made(
        tmp_path,
        mr(PatientBirthDate="19540701", StudyDate="20260501"),
        do("age_for_birth_date"),
    )

    assert after.PatientAge == "072Y"
    assert after.PatientBirthDate == ""


def test_an_age_that_stands_is_not_reckoned_anew(tmp_path):
    after = made(
        tmp_path, mr(PatientBirthDate="19540701", PatientAge="071Y"), do("age_for_birth_date")
    )

    assert after.PatientAge == "071Y"


def test_only_the_year_of_a_birth_date_is_kept(tmp_path):
    assert made(tmp_path, mr(), do("year_of_birth")).PatientBirthDate == "19540101"


def test_dates_are_shifted_at_every_depth_but_for_the_birth_date(tmp_path):
    dataset = mr(AcquisitionDateTime="20260312073100.5", StudyDate="20260312")
    item = Dataset()
    item.ScheduledProcedureStepStartDate = "20260101"
    dataset.RequestAttributesSequence = [item]

    after = made(tmp_path, dataset, do("shift", value="-42"))

    assert after.StudyDate == "20260129"
    assert after.AcquisitionDateTime == "20260129073100.5"
    assert after.RequestAttributesSequence[0].ScheduledProcedureStepStartDate == "20251120"
    assert after.PatientBirthDate == "19540807"


def test_dates_are_given_back_by_the_days_they_were_moved(tmp_path):
    after = made(tmp_path, mr(StudyDate="20251202"), do("shift_back"))

    assert after.StudyDate == "20260312"


def test_a_new_identifier_stands_wherever_the_pseudonym_stood(tmp_path):
    item = Dataset()
    item.PatientID = "BICAM_0001"
    dataset = mr(
        patient_id="BICAM_0001",
        patient_name="BICAM_0001",
        ClinicalTrialSubjectID="BICAM_0001",
        StudyDescription="MR of BICAM_0001, BICAM_00012",
    )
    dataset.ReferencedStudySequence = [item]

    path = changed(write(dataset, tmp_path / "a.dcm"), do("identifiers", table="t"))

    after = read(path)
    assert after.PatientID == after.PatientName == after.ClinicalTrialSubjectID == "NEW-77"
    assert after.StudyDescription == "MR of NEW-77, BICAM_00012"
    assert after.ReferencedStudySequence[0].PatientID == "NEW-77"
    assert not re.search(rb"BICAM_0001\b", path.read_bytes())


@pytest.mark.parametrize("spelled", ["bicam_0001", "BICAM-0001", "Bicam 0001", "BICAM0001"])
def test_a_pseudonym_in_another_spelling_is_renamed_too(spelled, tmp_path):
    dataset = mr()
    dataset.SeriesDescription = f"T1 {spelled}"

    path = changed(write(dataset, tmp_path / "a.dcm"), do("identifiers", table="t"))

    assert read(path).SeriesDescription == "T1 NEW-77"


def test_with_a_new_identifier_come_new_uids_that_are_the_same_each_time(tmp_path):
    files = make_mr_series(tmp_path, n=2, AccessionNumber="0123456789ABCDEF")
    before = [read(path) for path in files]

    first, second = (read(changed(path, do("identifiers", table="t"))) for path in files)
    again = read(changed(files[0], do("identifiers", table="t"), target=tmp_path / "again"))

    assert first == again
    assert first.file_meta.MediaStorageSOPInstanceUID == first.SOPInstanceUID
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID"):
        assert first[keyword].value != before[0][keyword].value
    assert first.StudyInstanceUID == second.StudyInstanceUID
    assert first.SOPInstanceUID != second.SOPInstanceUID
    assert first.SOPClassUID == before[0].SOPClassUID
    assert first.AccessionNumber == second.AccessionNumber != before[0].AccessionNumber


def test_two_receivers_get_uids_that_cannot_be_laid_side_by_side(tmp_path):
    source = write(mr(), tmp_path / "a.dcm")
    other = person(cell=lambda table, column: "NEW-78")

    one = read(changed(source, do("identifiers", table="t"), target=tmp_path / "one"))
    two = read(changed(source, do("identifiers", table="t"), who=other, target=tmp_path / "two"))

    assert one.SOPInstanceUID != two.SOPInstanceUID


def test_a_value_that_no_element_can_hold_ends_the_package_without_being_told(tmp_path):
    who = person(cell=lambda table, column: CELLS[column] if column != "age" else "Kari")

    with pytest.raises(CannotTransform, match="age of the participant table") as refused:
        made(tmp_path, mr(), do("age", table="t"), who=who)

    assert "Kari" not in str(refused.value)


def test_a_result_that_is_too_long_for_its_element_is_refused(tmp_path):
    with pytest.raises(CannotTransform, match="StudyID"):
        made(tmp_path, mr(StudyID="1"), do("replace", "StudyID", pattern="1", value="1" * 17))


def test_nothing_changes_where_nothing_fits(tmp_path):
    source = write(mr(), tmp_path / "a.dcm")

    path = changed(source, do("dash", "SeriesDescription"), do("remove", "ImageComments"))

    assert path == source
    assert differing(read(source), read(path)) == []


@pytest.mark.parametrize(
    ("typed", "date"),
    [
        ("1954-08-07", "19540807"),
        ("19540807", "19540807"),
        ("7.8.1954", "19540807"),
        ("07/08/1954", "19540807"),
        ("31.02.1954", ""),
        ("1954", ""),
    ],
)
def test_dates_of_tables_are_read_in_the_usual_forms(typed, date):
    assert read_date(typed) == date


def test_ages_and_sexes_of_tables_are_read(tmp_path):
    assert [read_age(age) for age in ("7", "071Y", "18 m", "92", "old")] == [
        "007Y",
        "071Y",
        "018M",
        "090Y",
        "",
    ]
    assert [read_sex(sex) for sex in ("Kvinne", "m", "O", "unknown")] == ["F", "M", "O", ""]
