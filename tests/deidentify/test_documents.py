"""Whole documents inside DICOM files: refused, unless a rule of the project says what to do."""

import pytest
from pydicom import dcmread

from deidentify.errors import Refused
from deidentify.plan import compile_plan
from deidentify.rewrite import rewrite
from deidentify.rules import Rule
from tests.deidentify.linked_report import beside
from tests.deidentify.samples import identity, save

PDF, CDA, STL = (f"1.2.840.10008.5.1.4.1.1.104.{number}" for number in (1, 2, 3))
CONTENT = "<patient>Bjørnstad, Åse</patient> 13836033390 ".encode("latin-1")


def document(sop_class):
    return beside(
        sop_class,
        31,
        "DOC",
        DocumentTitle="Epikrise Bjørnstad",
        BurnedInAnnotation="YES",
        MIMETypeOfEncapsulatedDocument="application/pdf",
        EncapsulatedDocument=CONTENT,
    )


def rewritten(folder, sop_class, profile="research", *, action=""):
    rules = [Rule(element="(0042,0011)", action=action)] if action else []
    source, target = save(document(sop_class), folder / "s.dcm"), folder / "t.dcm"
    rewrite(source, target, compile_plan(profile, identity=identity(), rules=rules))
    return dcmread(target)


@pytest.mark.parametrize("profile", ["research", "basic", "mmiv-2019"])
@pytest.mark.parametrize("sop_class", [PDF, CDA, STL])
def test_a_document_is_refused_in_a_sentence(tmp_path, sop_class, profile):
    with pytest.raises(Refused) as refused:
        rewritten(tmp_path, sop_class, profile)

    assert refused.value.code == "document"
    assert "(0042,0011)" in refused.value.sentence
    assert not (tmp_path / "t.dcm").exists()


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("keep", CONTENT),
        ("empty", None),
    ],
)
def test_a_rule_of_the_project_says_what_becomes_of_it(tmp_path, action, expected):
    output = rewritten(tmp_path, CDA, action=action)

    assert output.EncapsulatedDocument == expected
    assert "rnstad" not in str(output.get("DocumentTitle", ""))
    assert output.PatientName == "BICAM_01_0007"


def test_a_rule_can_have_a_document_cleaned_of_the_patient(tmp_path):
    output = rewritten(tmp_path, CDA, action="clean")

    assert output.EncapsulatedDocument.startswith(b"<patient>")
    assert b"rnstad" not in output.EncapsulatedDocument
    assert b"13836033390" not in output.EncapsulatedDocument
