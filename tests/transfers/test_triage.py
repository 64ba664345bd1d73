"""Which outputs wait for a person's look before they leave."""

import pytest

from tests.deidentify.linked_report import beside
from tests.deidentify.samples import brain, save
from transfers.models import Outcome
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
