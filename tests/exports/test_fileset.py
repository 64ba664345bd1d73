"""A DICOMDIR of records that come in any order, read by pydicom; the table of kinds against its."""

import io

import pytest
from pydicom import dcmread
from pydicom.fileset import _FOUR_LEVEL_SOP_CLASSES, DIRECTORY_RECORDERS
from pydicom.uid import MRImageStorage

from exports.errors import ExportError
from exports.fileset import directory
from exports.fileset.directory import Directory, File
from exports.fileset.kinds import KEYS, kind_of
from exports.formats.medium import MOST, Shelf, file_id


def test_every_class_gets_the_kind_that_pydicom_gives_it():
    theirs = {str(uid): kind for uid, kind in _FOUR_LEVEL_SOP_CLASSES.items()}

    assert {uid: kind_of(uid, has_pixels=False) for uid in theirs} == theirs


def test_every_kind_that_pydicom_knows_below_a_series_has_its_keys():
    own_tops = {"HANGING PROTOCOL", "PALETTE", "IMPLANT", "IMPLANT ASSY", "IMPLANT GROUP"}

    assert set(DIRECTORY_RECORDERS) - own_tops <= set(KEYS)


@pytest.mark.parametrize(
    ("uid", "has_pixels", "kind"),
    [
        (MRImageStorage, True, "IMAGE"),
        ("1.2.840.10008.5.1.4.1.1.999", True, "IMAGE"),
        ("1.2.840.10008.5.1.4.1.1.999", False, "PRIVATE"),
        ("1.3.12.2.1107.5.9.1", False, "PRIVATE"),
    ],
)
def test_what_the_standard_does_not_know_is_an_image_or_private(uid, has_pixels, kind):
    assert kind_of(uid, has_pixels=has_pixels) == kind


def test_brothers_find_each_other_whatever_comes_between():
    target = io.BytesIO()
    written = Directory(target, "BICAM", "README")
    for place in [(1,), (1, 1), (1, 1, 1), (1, 1, 2)]:
        written.add(place, ("PATIENT", "STUDY", "SERIES")[len(place) - 1], b"")
    for place in [(1, 1, 1, 1), (1, 1, 2, 1), (1, 1, 1, 2), (1, 1, 2, 2)]:
        file = File(
            file_id(place), MRImageStorage, f"1.2.{place[2]}.{place[3]}", "1.2.840.10008.1.2.1"
        )
        written.add(place, "IMAGE", b"", file)
    written.close()

    found = dcmread(io.BytesIO(target.getvalue()))

    by_offset = {item.seq_item_tell: item for item in found.DirectoryRecordSequence}
    patient = by_offset[found[0x00041200].value]
    assert patient is by_offset[found[0x00041202].value]
    study = by_offset[patient.OffsetOfReferencedLowerLevelDirectoryEntity]
    series = children(study, by_offset)
    images = [[one.ReferencedFileID[-1] for one in children(item, by_offset)] for item in series]
    assert images == [["IM000001", "IM000002"], ["IM000001", "IM000002"]]


def children(parent, by_offset):
    """Follow the links from a record's first child to its last."""
    offset = parent.OffsetOfReferencedLowerLevelDirectoryEntity
    found = []
    while offset:
        found.append(by_offset[offset])
        offset = found[-1].OffsetOfTheNextDirectoryRecord
    return found


def test_directory_is_the_same_each_time_and_another_for_other_files():
    def made(uid: str) -> bytes:
        target = io.BytesIO()
        written = Directory(target, "BICAM", "README")
        written.add((1,), "IMAGE", b"", File("DICOM/A", MRImageStorage, uid, "1.2.840.10008.1.2.1"))
        written.close()
        return target.getvalue()

    uids = {
        dcmread(io.BytesIO(made(uid))).file_meta[0x00020003].value for uid in ("1.2.3", "1.2.4")
    }

    assert made("1.2.3") == made("1.2.3")
    assert len(uids) == 2
    assert all(len(uid) == len("2.25.") + 39 for uid in uids)


def test_what_offsets_cannot_reach_is_refused(monkeypatch):
    monkeypatch.setattr(directory, "MOST_BYTES", 1000)
    written = Directory(io.BytesIO(), "BICAM", "README")

    with pytest.raises(ExportError, match="4 GB"):
        written.add((1,), "PATIENT", bytes(1000))


def test_numbers_beyond_six_digits_are_refused():
    shelf = Shelf()
    shelf.put(["a", "b", "c"])
    shelf._counts[1, 1, 1] = MOST

    with pytest.raises(ExportError, match="999,999"):
        shelf.put(["a", "b", "c"])
