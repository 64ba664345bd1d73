"""Files the walk cannot read, written anew by pydicom in explicit VR little endian.

Big endian, deflated, without file meta information, or damaged in a way that pydicom can
still read. What comes out takes the same way as every other file.
"""

import warnings
from pathlib import Path

import numpy as np
from pydicom import config, dcmread, dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from deidentify.errors import Refused
from deidentify.inflating import inflate
from deidentify.version import IMPLEMENTATION_CLASS_UID

MOST_BYTES = 2 * 1024**3


def is_normalised(path: Path) -> bool:
    """Whether `path` was already written by normalise(), so that once more would not help."""
    with path.open("rb") as file:
        return IMPLEMENTATION_CLASS_UID in file.read(1024)


def normalise(source: Path, scratch: Path) -> None:
    """Write `source` to `scratch` in explicit VR little endian; encapsulated pixels stay.

    Raises:
        Refused: pydicom cannot read or write it either.
    """
    if source.stat().st_size > MOST_BYTES:
        raise Refused("too-large")
    if inflate(source, scratch):
        return
    # Values that are merely out of the ordinary pass as they are; the walk judges them.
    with warnings.catch_warnings(), config.disable_value_validation():
        warnings.simplefilter("ignore")
        try:
            dataset = dcmread(source, force=True)
            syntax = dataset.file_meta.get("TransferSyntaxUID", None)
            meta = FileMetaDataset()
            stays = syntax is not None and syntax.is_encapsulated
            meta.TransferSyntaxUID = UID(syntax) if stays else ExplicitVRLittleEndian
            meta.MediaStorageSOPClassUID = dataset.file_meta.get(
                "MediaStorageSOPClassUID", dataset.get("SOPClassUID", "")
            )
            meta.MediaStorageSOPInstanceUID = dataset.file_meta.get(
                "MediaStorageSOPInstanceUID", dataset.get("SOPInstanceUID", "")
            )
            meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID.decode())
            if meta.MediaStorageSOPClassUID == "1.2.840.10008.1.3.10":
                raise Refused("dicomdir")
            if not meta.MediaStorageSOPClassUID or not meta.MediaStorageSOPInstanceUID:
                raise Refused("missing-uid", "SOPClassUID or SOPInstanceUID")
            tags = dataset.keys()
            for tag in [tag for tag in tags if tag.group < 8]:
                del dataset[tag]  # commands and bytes after the data set, which pydicom won't write
            for _ in dataset.iterall():
                pass  # what is not decoded would be written as it stands
            dataset.file_meta = meta
            dataset.preamble = bytes(128)
            if not dataset.original_encoding[1]:
                _swap(dataset)
            dcmwrite(scratch, dataset, implicit_vr=False, little_endian=True, force_encoding=True)
        except Refused:
            raise
        except Exception as error:  # noqa: BLE001 - pydicom raises whatever a byte provokes
            raise Refused("unreadable") from error.with_traceback(None)


WORDS = {"OW": 2, "OF": 4, "OL": 4, "OD": 8, "OV": 8}


def _swap(dataset: Dataset) -> None:
    """Turn the words of binary values round, which pydicom leaves in the file's order.

    Pixel data of 32 bits is stored as OW but counts in its own width (PS3.5 8.1.1).
    """
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value:
                _swap(item)
        elif element.VR in WORDS and isinstance(element.value, bytes):
            width = WORDS[element.VR]
            if element.tag == 0x7FE00010:
                width = max(dataset.get("BitsAllocated", 16) // 8, 2)
            words = np.frombuffer(element.value[: len(element.value) // width * width], f"u{width}")
            element.value = words.byteswap().tobytes()
