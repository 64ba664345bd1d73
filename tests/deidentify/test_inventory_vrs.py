"""A path that is a number in most images and text in one is told as text."""

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage

from deidentify.inventory import SeriesInventory


def test_text_under_the_path_of_a_number_is_never_told_as_a_number(tmp_path):
    inventory = SeriesInventory()
    for number, (vr, value) in enumerate([("DS", "1.5"), ("DS", "2.5"), ("LO", "resting state")]):
        data = Dataset()
        data.file_meta = FileMetaDataset()
        data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        data.SOPClassUID, data.SOPInstanceUID = MRImageStorage, f"1.2.3.{number}"
        data.add(DataElement(0x00180050, vr, value))
        data.save_as(tmp_path / f"{number}.dcm", enforce_file_format=True)
        inventory.add(tmp_path / f"{number}.dcm")

    rows = {row.path: row for row in inventory.rows()}

    assert rows["(0018,0050)"].vr == "LO"
    assert rows["(0018,0050)"].values["resting state"] == 1
