"""What options change, on whole files: birth dates, times, dummies, and what goes together."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pydicom import config, dcmread
from pydicom.dataset import Dataset

from deidentify import dummies
from deidentify.errors import UnknownProfile
from deidentify.plan import compile_plan
from deidentify.rewrite import rewrite
from deidentify.rules import Rule
from tests.deidentify.samples import brain, identity, save

PET = "1.2.840.10008.5.1.4.1.1.128"
GSPS = "1.2.840.10008.5.1.4.1.1.11.1"


def output(dataset, tmp_path: Path, profile="research", *options, **kwargs):
    plan = compile_plan(profile, identity=identity(**kwargs), options=options)
    target = tmp_path / "target.dcm"
    rewrite(save(dataset, tmp_path / "source.dcm"), target, plan)
    return dcmread(target)


def code(dataset):
    return [item.CodeValue for item in dataset.DeidentificationMethodCodeSequence]


# -- birth date and age --------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ["research", "basic"])
@pytest.mark.parametrize(
    ("option", "birth_date"),
    [
        ("birth-date-empty", ""),
        ("birth-date-year", "19600701"),
        ("birth-date-january", "19600101"),
        ("birth-date-kept", "19600313"),
    ],
)
def test_the_project_says_what_stays_of_the_birth_date(tmp_path, profile, option, birth_date):
    after = output(brain(), tmp_path, profile, option)

    assert after.PatientBirthDate == birth_date
    if birth_date:
        assert "PatientAge" not in after


def test_the_age_stays_only_where_no_birth_date_does(tmp_path):
    assert output(brain(), tmp_path).PatientAge == "064Y"
    assert "PatientAge" not in output(brain(), tmp_path, "research", "birth-date-january")


@pytest.mark.parametrize("option", ["birth-date-year", "birth-date-january", "birth-date-kept"])
def test_nobody_of_90_keeps_a_birth_date(tmp_path, option):
    after = output(brain(PatientBirthDate="19340312"), tmp_path, "research", option)

    assert after.PatientBirthDate == ""


def test_a_birth_date_inside_a_sequence_goes_the_same_way(tmp_path):
    item = Dataset()
    item.PatientBirthDate, item.PatientAge = "19600313", "064Y"

    after = output(brain(AnatomicRegionSequence=[item]), tmp_path, "research", "birth-date-january")

    assert after.AnatomicRegionSequence[0].PatientBirthDate == "19600101"
    assert "PatientAge" not in after.AnatomicRegionSequence[0]


@pytest.mark.parametrize("action", ["keep", "shift"])
def test_a_rule_that_keeps_a_birth_date_takes_the_age(tmp_path, action):
    plan = compile_plan(identity=identity(), rules=[Rule("(0010,0030)", action)])

    rewrite(save(brain(), tmp_path / "source.dcm"), tmp_path / "target.dcm", plan)

    after = dcmread(tmp_path / "target.dcm")
    assert after.PatientBirthDate == (
        "19600313" if action == "keep" else plan.shift_date("19600313")
    )
    assert "PatientAge" not in after


def test_dates_of_birth_and_death_in_another_calendar_go(tmp_path):
    dataset = brain(
        PatientBirthDateInAlternativeCalendar="1338-12-23",
        PatientDeathDateInAlternativeCalendar="1403-01-01",
        PatientAlternativeCalendar="PERSIAN",
    )

    after = output(dataset, tmp_path, "research", "birth-date-kept")

    assert not [element for element in after if "Calendar" in element.keyword]


# -- dates and times -----------------------------------------------------------------------------


def pet():
    dose = Dataset()
    dose.RadiopharmaceuticalStartTime = "091000"
    dose.RadiopharmaceuticalStartDateTime = "20240312091000.00"
    dose.RadiopharmaceuticalStopDateTime = "20240312091100+0100"
    dose.RadionuclideTotalDose = "180000000"
    dose.RadionuclideHalfLife = "6586.2"
    return brain(
        SOPClassUID=PET,
        Modality="PT",
        SeriesDate="20240312",
        SeriesTime="101000",
        AcquisitionDate="20240312",
        AcquisitionTime="101500.5",
        AcquisitionDateTime="20240312101500.5",
        DecayCorrection="START",
        RadiopharmaceuticalInformationSequence=[dose],
    )


def moment(value):
    plain = re.sub(r"[+-]\d{4}$", "", value)[:14]
    return datetime.strptime(plain, "%Y%m%d%H%M%S").replace(tzinfo=UTC)


@pytest.mark.parametrize("date_shift", [None, -77])
def test_the_decay_of_a_tracer_can_still_be_computed(tmp_path, date_shift):
    before, after = pet(), output(pet(), tmp_path, date_shift=date_shift)

    dose = after.RadiopharmaceuticalInformationSequence[0]
    start = moment(dose.RadiopharmaceuticalStartDateTime)
    assert moment(after.SeriesDate + after.SeriesTime) - start == timedelta(hours=1)
    assert moment(after.AcquisitionDateTime) - start == timedelta(minutes=65)
    assert start.date() != date(2024, 3, 12)
    assert dose.RadiopharmaceuticalStartTime == "091000"
    assert dose.RadiopharmaceuticalStartDateTime.endswith("091000.00")
    assert dose.RadiopharmaceuticalStopDateTime.endswith("091100+0100")
    assert dose.RadionuclideTotalDose == 180000000
    assert (
        dose.RadionuclideHalfLife
        == before.RadiopharmaceuticalInformationSequence[0].RadionuclideHalfLife
    )


def test_several_dates_and_bad_ones_move_one_by_one(tmp_path):
    dataset = brain()
    dataset.add_new(0x00181200, "DA", ["20240101", "20240201"])
    dataset.add_new(0x00181201, "TM", ["101500", "1016"])

    after = output(dataset, tmp_path, "research", date_shift=-31)

    assert list(after.DateOfLastCalibration) == ["20231201", "20240101"]
    assert list(after.TimeOfLastCalibration) == ["101500", "1016"]


def test_a_date_that_is_none_leaves_a_type_1_element_filled(tmp_path):
    dataset = brain(SOPClassUID=GSPS, Modality="PR")

    with config.disable_value_validation():
        dataset.add_new(0x00700082, "DA", "12 mars 2024")
        after = output(dataset, tmp_path)

    assert re.fullmatch(r"\d{8}", after.PresentationCreationDate)
    assert "2024" not in after.PresentationCreationDate


def test_coarse_times_name_the_hour(tmp_path):
    dataset = brain(AcquisitionDateTime="20240312101501.25+0100", ContentTime="235959.999")

    after = output(dataset, tmp_path, "research", "coarse-times", date_shift=-10)

    assert after.StudyTime == "100000"
    assert after.ContentTime == "230000"
    assert after.AcquisitionDateTime == "20240302100000+0100"


def test_full_dates_stay_and_coarse_times_go_with_them(tmp_path):
    dataset = brain(AcquisitionDateTime="20240312101501.25+0100")

    full = output(dataset, tmp_path, "research", "full-dates")
    coarse = output(dataset, tmp_path, "research", "full-dates", "coarse-times")

    assert (full.StudyDate, full.StudyTime) == ("20240312", "101500")
    assert full.LongitudinalTemporalInformationModified == "UNMODIFIED"
    assert "113106" in code(full)
    assert coarse.AcquisitionDateTime == "20240312100000+0100"


# -- dummies -------------------------------------------------------------------------------------


def test_a_dummy_date_is_the_participants_own_and_no_constant(tmp_path):
    dataset = brain(SOPClassUID=GSPS, Modality="PR")
    dataset.PresentationCreationDate, dataset.PresentationCreationTime = "20240312", "101500"

    one, again, other = (
        output(dataset, tmp_path, "basic", secret=bytes([number] * 32)) for number in (1, 1, 2)
    )

    assert one.PresentationCreationDate == again.PresentationCreationDate
    assert one.PresentationCreationDate != other.PresentationCreationDate
    drawn = moment(one.PresentationCreationDate + one.PresentationCreationTime)
    assert drawn.year in range(1970, 2000)
    assert one.PresentationCreationDate != "19700101"


def test_a_dummy_has_as_many_values_as_there_were(tmp_path):
    dataset = brain(SOPClassUID="1.2.840.10008.5.1.4.1.1.9999")
    dataset.OperatorsName = ["Nordmo^Kari", "Moe^Per", "Vik^Siv"]

    after = output(dataset, tmp_path, "basic")

    assert [str(name) for name in after.OperatorsName] == ["REMOVED"] * 3


def test_a_profile_can_have_dummies_of_its_own(tmp_path, monkeypatch):
    table = (*dummies._table(), ("basic", "PN", "NOBODY"), ("research", "PN", "SOMEBODY"))
    monkeypatch.setattr(dummies, "_table", lambda: table)
    dataset = brain(SOPClassUID="1.2.840.10008.5.1.4.1.1.9999", OperatorsName="Nordmo^Kari")

    assert output(dataset, tmp_path, "basic").OperatorsName == "NOBODY"
    assert output(dataset, tmp_path, "research").OperatorsName == "SOMEBODY"


# -- what is carried out, and what cannot be -----------------------------------------------------


@pytest.mark.parametrize("option", ["clean-pixel-data", "clean-recognizable-visual-features"])
def test_cleaning_of_pixels_is_promised_only_where_somebody_does_it(option):
    with pytest.raises(UnknownProfile, match=option):
        compile_plan(identity=identity(), options=[option])

    plan = compile_plan(identity=identity(), options=[option], cleaned_pixels=[option])

    assert option in plan.as_data()["options"]
    assert plan.method_codes[-1][0] != plan.method_codes[0][0]
    assert {number for number, _ in plan.method_codes} & {"113101", "113102"}


@pytest.mark.parametrize(
    "options",
    [
        ["full-dates", "modified-dates"],
        ["birth-date-year", "birth-date-kept"],
        ["retain-everything"],
        ["birth-date-guessed"],
    ],
)
def test_options_that_contradict_or_do_not_exist_are_refused(options):
    with pytest.raises(UnknownProfile):
        compile_plan(identity=identity(), options=options)


def test_the_plan_names_its_options():
    plan = compile_plan(identity=identity(), options=["birth-date-year", "coarse-times"])

    assert {"birth-date-year", "coarse-times", "modified-dates"} <= set(plan.as_data()["options"])
    assert plan.digest != compile_plan(identity=identity()).digest
