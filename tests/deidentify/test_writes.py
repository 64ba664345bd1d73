"""What is written into every instance: who de-identified it, how, and what was carried out."""

import struct

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from deidentify.plan import compile_plan
from deidentify.rewrite import rewrite
from deidentify.rules import Rule
from deidentify.version import VERSION
from tests.deidentify.samples import brain, identity, raw_file, save

SYNTAXES = [ImplicitVRLittleEndian, ExplicitVRLittleEndian]
ALL_SYNTAXES = [*SYNTAXES, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]
SEQUENCE = "ContributingEquipmentSequence"


def scanner(number=1, **elements):
    item = Dataset()
    item.Manufacturer = "Acme"
    item.InstitutionName = "Fjordheim sykehus"
    item.StationName = f"MR{number}"
    item.ContributionDateTime = "20240312101500"
    item.PurposeOfReferenceCodeSequence = [Dataset()]
    item.PurposeOfReferenceCodeSequence[0].CodeValue = "109101"
    for keyword, value in elements.items():
        setattr(item, keyword, value)
    return item


def output(dataset, tmp_path, *, syntax=ExplicitVRLittleEndian, plan=None):
    target = tmp_path / "target.dcm"
    made = plan or compile_plan(identity=identity())
    rewrite(save(dataset, tmp_path / "source.dcm", syntax=syntax), target, made)
    return dcmread(target)


def is_ours(item):
    return (
        item.PurposeOfReferenceCodeSequence[0].CodeValue == "109104"
        and item.PurposeOfReferenceCodeSequence[0].CodingSchemeDesignator == "DCM"
        and item.Manufacturer == "rDMA"
        and VERSION in item.ContributionDescription
        and "ContributionDateTime" not in item
    )


@pytest.mark.parametrize("syntax", ALL_SYNTAXES)
def test_the_equipment_that_de_identified_is_named(tmp_path, syntax):
    after = output(brain(), tmp_path, syntax=syntax)

    assert [is_ours(item) for item in after[SEQUENCE]] == [True]


@pytest.mark.parametrize("undefined", [True, False])
@pytest.mark.parametrize("syntax", ALL_SYNTAXES)
def test_what_contributed_before_stays_beside_it(tmp_path, syntax, undefined):
    items = [scanner(1), scanner(2, ContributionDescription="for Åse Bjørnstad")]
    dataset = brain(ContributingEquipmentSequence=items)
    dataset[SEQUENCE].is_undefined_length = undefined
    for item in items:
        item.is_undefined_length_sequence_item = undefined
    plan = compile_plan(identity=identity())

    after = output(dataset, tmp_path, syntax=syntax, plan=plan)

    ours, first, second = after[SEQUENCE]
    assert is_ours(ours)
    assert (first.StationName, second.StationName) == ("MR1", "MR2")
    assert first.ContributionDateTime == plan.shift_date("20240312") + "101500"
    assert "InstitutionName" not in first or not first.InstitutionName
    assert "Bj" not in str(second)
    assert sorted(after.PixelData) == sorted(dataset.PixelData)
    assert after.ImageType == dataset.ImageType


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_an_empty_sequence_gets_the_item(tmp_path, syntax):
    after = output(brain(ContributingEquipmentSequence=[]), tmp_path, syntax=syntax)

    assert [is_ours(item) for item in after[SEQUENCE]] == [True]


def test_a_sequence_stored_as_un_gets_it_in_implicit_vr(tmp_path):
    name = struct.pack("<HHL", 8, 0x1010, 4) + b"MR1 "
    content = struct.pack("<HHL", 0xFFFE, 0xE000, len(name)) + name
    stored = struct.pack("<HH2sHL", 0x0018, 0xA001, b"UN", 0, len(content)) + content
    study = struct.pack("<HH2s", 0x0020, 0x0D, b"UI")
    source = raw_file(tmp_path, lambda raw: raw.replace(study, stored + study, 1))

    rewrite(source, tmp_path / "target.dcm", compile_plan(identity=identity()))

    ours, before = dcmread(tmp_path / "target.dcm")[SEQUENCE]
    assert is_ours(ours)
    assert before.StationName == "MR1"


def test_a_series_gets_it_in_every_image(tmp_path):
    plan = compile_plan(identity=identity())
    for number in range(8):
        dataset = brain(SOPInstanceUID=f"1.2.3.4.1.{number}", InstanceNumber=number)
        if number % 4 != 3:
            dataset.ContributingEquipmentSequence = [scanner(number % 3)]

        after = output(dataset, tmp_path, plan=plan)

        assert is_ours(after[SEQUENCE][0])
        assert len(after[SEQUENCE].value) == (1 if number % 4 == 3 else 2)


def test_one_that_stands_deeper_is_only_cleaned(tmp_path):
    holder = Dataset()
    holder.ContributingEquipmentSequence = [scanner()]

    after = output(brain(AnatomicRegionSequence=[holder]), tmp_path)

    assert len(after.AnatomicRegionSequence[0][SEQUENCE].value) == 1


def test_a_rule_about_the_sequence_wins(tmp_path):
    plan = compile_plan(identity=identity(), rules=[Rule("(0018,A001)", "remove")])

    assert SEQUENCE not in output(
        brain(ContributingEquipmentSequence=[scanner()]), tmp_path, plan=plan
    )


def test_burned_in_annotation_is_not_judged_by_who_has_not_looked(tmp_path):
    assert "BurnedInAnnotation" not in output(brain(), tmp_path)
    assert output(brain(BurnedInAnnotation="YES"), tmp_path).BurnedInAnnotation == "YES"


def test_the_method_names_program_version_and_profile(tmp_path):
    basic = compile_plan("basic", identity=identity())

    method = output(brain(), tmp_path, plan=basic).DeidentificationMethod

    assert VERSION in method
    assert "basic" in method


def test_what_earlier_programs_wrote_of_their_methods_is_replaced(tmp_path):
    dataset = brain(PatientIdentityRemoved="NO", DeidentificationMethod="by Åse Bjørnstad")
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator = "113112", "DCM"
    code.CodeMeaning = "Retain Institution Identity Option"
    dataset.DeidentificationMethodCodeSequence = [code]
    dataset.LongitudinalTemporalInformationModified = "UNMODIFIED"

    after = output(dataset, tmp_path)

    codes = [item.CodeValue for item in after.DeidentificationMethodCodeSequence]
    assert "113112" not in codes
    assert after.PatientIdentityRemoved == "YES"
    assert after.LongitudinalTemporalInformationModified == "MODIFIED"
