"""What a series repeats is passed over, and nothing that differs from it ever is."""

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from tests.deidentify.leak_cases import PRIVATE, Case, clean_dataset, source_dataset, with_private

ORIGINALS = "1.2.826.0.1.3680043.99.8"


def purpose(meaning):
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "121322", "DCM", meaning
    return Sequence([code])


def image(made, number, root):
    """Return an image of a series whose references and comments differ from image to image."""
    made.InstanceNumber = number
    made.ImageComments = f"image {number}"
    items = []
    for place in range(5):
        item = Dataset()
        item.ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.4"
        item.ReferencedSOPInstanceUID = f"{root}.{number}.{place}"
        item.PurposeOfReferenceCodeSequence = purpose("Source of the image")
        items.append(item)
    made.SourceImageSequence = Sequence(items)
    return with_private(made, f"figures {number}", "LO")


@pytest.fixture
def case(tmp_path):
    """A check that has seen five clean images of a series."""
    made = Case(tmp_path)
    for number in range(6):
        path = made.save(image(source_dataset(), number, ORIGINALS), f"source{number}.dcm")
        made.terms.read(path)
    made.once = made.check()
    for number in range(5):
        made.source = tmp_path / f"source{number}.dcm"
        assert examined(made, image(clean_dataset(), number, "2.25.8")) == set()
    made.source = tmp_path / "source5.dcm"
    return made


def examined(case, target):
    path = case.save(target)
    return {(one.kind, one.path) for one in case.once.examine(case.source, path)}


def spoiled(target, what):
    items = target.SourceImageSequence
    if what == "reference":
        items[3].ReferencedSOPInstanceUID = f"{ORIGINALS}.2.4"
    if what == "purpose":
        items[2].PurposeOfReferenceCodeSequence = purpose("made for Bjornstad")
    if what == "birth date":
        target.PatientBirthDate = "19720315"
    if what == "private":
        target[0x0029, 0x1010].value = "seen by Kvamsdal"
    if what == "number":
        target.StudyDescription = "pnr 278243 27454"
    if what == "character set":
        target.SpecificCharacterSet = "ISO_IR 192"
        target.StudyDescription = "kne, Bjørnstad"
    return target


@pytest.mark.parametrize(
    ("what", "found"),
    [
        ("reference", ("uid", "(0008,2112)[3](0008,1155)")),
        ("purpose", ("name", "(0008,2112)[2](0040,A170)[0](0008,0104)")),
        ("birth date", ("birth_date", "(0010,0030)")),
        ("private", ("physician", PRIVATE)),
        ("number", ("national_id", "(0008,1030)")),
        ("character set", ("name", "(0008,1030)")),
    ],
)
def test_what_differs_from_the_images_before_is_found_at_its_path(case, what, found):
    target = spoiled(image(clean_dataset(), 5, "2.25.8"), what)

    assert examined(case, target) == {found}


def test_a_finding_teaches_nothing(case):
    target = spoiled(image(clean_dataset(), 5, "2.25.8"), "private")

    rounds = [examined(case, target) for _ in range(4)]

    assert rounds == [{("physician", PRIVATE)}] * 4


def test_references_known_by_heart_still_give_their_terms(case):
    assert {f"{ORIGINALS}.5.{place}" for place in range(5)} <= case.terms.uids.keys()
    assert case.terms.uids[f"{ORIGINALS}.5.4"] == "(0008,2112)[4](0008,1155)"
