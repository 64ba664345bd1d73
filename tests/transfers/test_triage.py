"""Which outputs wait for a person's look before they leave."""

import pytest
from pydicom import dcmread

from tests.datasets import ct, sr, us, write
from tests.deidentify.linked_report import beside
from tests.deidentify.samples import brain, save
from transfers.models import Outcome
from transfers.picture_kinds import ALWAYS_WAITS, PASSES, STORAGE, WAITS_UNLESS_STATED
from transfers.pipeline.triage import triage

PDF, CDA, STL = (f"1.2.840.10008.5.1.4.1.1.104.{number}" for number in (1, 2, 3))


@pytest.mark.parametrize("sop_class", [PDF, CDA, STL])
def test_a_document_that_a_rule_let_pass_waits_at_its_own_element(tmp_path, sop_class):
    source = save(beside(sop_class, 31, "DOC"), tmp_path / "document.dcm")

    (finding,) = triage(source, Outcome(series_instance_uid="1.2.3"))

    assert finding.path == "(0042,0011)"
    assert "encapsulated" in finding.sentence


def test_an_image_that_says_it_has_text_in_it_waits_at_its_pixels(tmp_path):
    source = save(brain(BurnedInAnnotation="YES"), tmp_path / "image.dcm")

    (finding,) = triage(source, Outcome(series_instance_uid="1.2.3"))

    assert finding.path == "(7FE0,0010)"


def test_an_mr_image_passes(tmp_path):
    source = save(brain(), tmp_path / "image.dcm")

    assert triage(source, Outcome(series_instance_uid="1.2.3")) == []


def test_an_image_of_another_kind_than_the_tables_know_waits(tmp_path):
    source = save(brain(SOPClassUID="1.2.826.0.1.3680043.8.498.99"), tmp_path / "image.dcm")

    (finding,) = triage(source, Outcome())

    assert "unknown" in finding.sentence


def test_what_has_no_pixels_passes_whatever_its_kind(tmp_path):
    report = sr()
    report.SOPClassUID = "1.2.826.0.1.3680043.8.498.99"

    assert triage(write(report, tmp_path / "report.dcm"), Outcome()) == []


@pytest.mark.parametrize(
    ("attributes", "told_by"),
    [
        ({"ImageType": ["DERIVED", "SECONDARY", "DOSE_INFO"]}, "(0008,0008)"),
        ({"ImageType": ["DERIVED", "SECONDARY", "OTHER", "CT_SOM5 PROT"]}, "(0008,0008)"),
        ({"ImageType": ["DERIVED", "SECONDARY", "SCREEN SAVE"]}, "(0008,0008)"),
        ({"ConversionType": "SD"}, "(0008,0064)"),
        ({"Modality": "US"}, "(0008,0060)"),
        ({"BurnedInAnnotation": "YES"}, "(0028,0301)"),
    ],
)
def test_a_ct_whose_header_tells_of_a_page_waits(tmp_path, attributes, told_by):
    source = write(ct(**attributes), tmp_path / "image.dcm")

    (finding,) = triage(source, Outcome())

    assert finding.source_path == told_by


@pytest.mark.parametrize("kind", sorted(WAITS_UNLESS_STATED))
def test_an_x_ray_waits_unless_its_header_says_that_nothing_is_burned_in(tmp_path, kind):
    silent = write(ct(SOPClassUID=STORAGE + kind, Modality="DX"), tmp_path / "silent.dcm")
    stated = ct(SOPClassUID=STORAGE + kind, Modality="DX", BurnedInAnnotation="NO")

    found = triage(silent, Outcome())

    assert [leak.source_path for leak in found] == ["(0028,0301)"]
    assert triage(write(stated, tmp_path / "stated.dcm"), Outcome()) == []


@pytest.mark.parametrize("kind", sorted(ALWAYS_WAITS))
def test_a_kind_that_always_waits_waits_whatever_its_header_says(tmp_path, kind):
    image = ct(SOPClassUID=STORAGE + kind, BurnedInAnnotation="NO")

    assert triage(write(image, tmp_path / "image.dcm"), Outcome())


@pytest.mark.parametrize("kind", sorted(PASSES))
def test_a_kind_that_passes_passes(tmp_path, kind):
    image = ct(SOPClassUID=STORAGE + kind)

    assert triage(write(image, tmp_path / "image.dcm"), Outcome()) == []


def test_a_verdict_fits_the_same_image_only(tmp_path):
    first = write(us(InstanceNumber=1), tmp_path / "1.dcm")
    other = write(us(InstanceNumber=2), tmp_path / "2.dcm")

    marks = [triage(path, Outcome())[0].fingerprint for path in (first, other, first)]

    assert marks[0] == marks[2] != marks[1]


def test_a_badly_written_yes_counts_and_is_not_printed(tmp_path):
    source = write(ct(BurnedInAnnotation="NO"), tmp_path / "image.dcm")
    tag = b"\x28\x00\x01\x03CS"
    source.write_bytes(source.read_bytes().replace(tag + b"\x02\x00NO", tag + b"\x04\x00yes "))

    (finding,) = triage(source, Outcome())

    assert finding.source_path == "(0028,0301)"


def test_of_the_real_studies_only_pages_and_screens_wait(test_data):
    files = [path for path in test_data.glob("*/In/**/*") if is_dicom(path)]
    waiting = [path for path in files if triage(path, Outcome())]

    kinds = sorted(str(dcmread(path).ImageType[2]) for path in waiting)
    assert kinds == ["DOSE_INFO", "PATIENT_INFO", "REF_SURVIEW", "REF_SURVIEW", "RESULTS"]
    assert len(files) > 600


def is_dicom(path):
    return path.is_file() and path.read_bytes()[128:132] == b"DICM" and path.name != "DICOMDIR"
