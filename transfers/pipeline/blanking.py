"""An instance with nothing left in it, to overwrite one that must not be seen any more."""

from pathlib import Path

# What a research PACS needs to recognise the instance it has and to overwrite it; all of it is
# pseudonymous already. Everything else goes.
KEPT = (
    "SpecificCharacterSet",
    "SOPClassUID",
    "SOPInstanceUID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "PatientID",
    "PatientName",
    "StudyDate",
    "StudyTime",
    "StudyID",
    "AccessionNumber",
    "Modality",
    "SeriesNumber",
    "InstanceNumber",
    "InstitutionName",
    "PatientIdentityRemoved",
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "Rows",
    "Columns",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
)


def write_blank(delivered: Path, target: Path) -> None:
    """Write the blank counterpart of a delivered file, explicit VR little endian, one frame."""
    from pydicom import dcmread
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    old = dcmread(delivered, stop_before_pixels=True)
    new = Dataset()
    for keyword in KEPT:
        if keyword in old:
            new[keyword] = old[keyword]
    new.ImageComments = "Withdrawn"
    if "Rows" in old and "Columns" in old:
        new.SamplesPerPixel = 1
        new.PhotometricInterpretation = "MONOCHROME2"
        size = new.Rows * new.Columns * (new.BitsAllocated // 8)
        new.PixelData = bytes(size + size % 2)
        new["PixelData"].VR = "OW"
    new.file_meta = FileMetaDataset()
    new.file_meta.MediaStorageSOPClassUID = new.SOPClassUID
    new.file_meta.MediaStorageSOPInstanceUID = new.SOPInstanceUID
    new.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    new.save_as(target, enforce_file_format=True)
