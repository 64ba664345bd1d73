"""References in sequences are taken apart at once, and mean what reading them one by one means."""

import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, MRImageStorage

from deidentify.inventory import SeriesInventory


def reference(number, purpose=""):
    item = Dataset()
    item.ReferencedSOPClassUID = MRImageStorage
    item.ReferencedSOPInstanceUID = f"1.2.3.{number}"
    if purpose:
        code = Dataset()
        code.CodeValue = purpose
        item.PurposeOfReferenceCodeSequence = Sequence([code])
    return item


def saved(folder, name, items, syntax=ExplicitVRLittleEndian, **how):
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = syntax
    data.SOPClassUID = MRImageStorage
    data.SOPInstanceUID = f"1.2.4.{len(items)}"
    data.ReferencedImageSequence = Sequence(items)
    if how.get("is_open"):
        data["ReferencedImageSequence"].is_undefined_length = True
    path = folder / name
    pydicom.dcmwrite(path, data, enforce_file_format=True)
    return path


def rows_of(*paths):
    inventory = SeriesInventory()
    for path in paths:
        inventory.add(path)
    return {row.path: row for row in inventory.rows()}


@pytest.fixture
def items():
    return [reference(1, "121311"), reference(2, "121320"), reference(2), reference(3, "121311")]


@pytest.mark.parametrize(
    ("syntax", "is_open"),
    [(ExplicitVRLittleEndian, False), (ExplicitVRLittleEndian, True), (ImplicitVRLittleEndian, 0)],
)
def test_references_and_what_follows_them_are_counted_however_they_are_written(
    tmp_path, items, syntax, is_open
):
    path = saved(tmp_path, "one.dcm", items, syntax=syntax, is_open=is_open)

    rows = rows_of(path)

    assert rows["(0008,1140)"].values == {"4 items": 1}
    assert set(rows["(0008,1140)(0008,1155)"].values) == {"1.2.3.1", "1.2.3.2", "1.2.3.3"}
    assert set(rows["(0008,1140)(0008,1150)"].values) == {MRImageStorage}
    assert set(rows["(0008,1140)(0040,A170)(0008,0100)"].values) == {"121311", "121320"}


def test_references_of_two_files_are_counted_by_the_files_that_have_them(tmp_path):
    one = saved(tmp_path, "one.dcm", [reference(1), reference(2)])
    two = saved(tmp_path, "two.dcm", [reference(2), reference(3), reference(3)])

    uids = rows_of(one, two)["(0008,1140)(0008,1155)"]

    assert uids.instances == 2
    assert uids.values == {"1.2.3.1": 1, "1.2.3.2": 2, "1.2.3.3": 1}


def test_what_is_no_reference_among_references_is_read_all_the_same(tmp_path):
    odd = Dataset()
    odd.ReferencedSOPClassUID = MRImageStorage
    odd.ReferencedFrameNumber = 3
    path = saved(tmp_path, "one.dcm", [reference(1), odd])

    rows = rows_of(path)

    assert rows["(0008,1140)(0008,1160)"].values == {"3": 1}
    assert rows["(0008,1140)(0008,1155)"].values == {"1.2.3.1": 1}
