"""What one writes in an afternoon: pydicom, the base column of Table E.1-1, one file after another.

    python -m benchmarks.naive SOURCE TARGET

It reads a file whole, visits every element, removes, empties, blanks or replaces it by the letter
in the table, drops all private elements and saves. It cleans no texts and knows no option, so it
does a good deal less than the engine; it is a yardstick for time, not for safety.
"""

import hashlib
import sys
from pathlib import Path

from pydicom import dcmread
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.uid import UID

from deidentify.table import row_for

DUMMIES = {"DA": "19000101", "DT": "19000101000000", "TM": "000000", "PN": "ANONYMOUS"}


def main() -> None:
    """De-identify every file of a folder into another."""
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    uids: dict[str, UID] = {}
    for path in sorted(source.iterdir()):
        image = dcmread(path)
        image.remove_private_tags()
        _visit(image, uids)
        image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
        image.PatientIdentityRemoved, image.DeidentificationMethod = "YES", "PS3.15 Basic"
        image.save_as(target / path.name)


def _visit(image: Dataset, uids: dict[str, UID]) -> None:
    for element in list(image):
        row = row_for(element.tag)
        if row is None:
            if element.VR == "SQ":
                for item in element.value:
                    _visit(item, uids)
        elif row.basic.startswith("X"):
            del image[element.tag]
        elif row.basic.startswith("Z"):
            element.value = [] if element.VR == "SQ" else ""
        elif row.basic == "U" and element.VR == "UI":
            _replace_uid(element, uids)
        else:
            element.value = [] if element.VR == "SQ" else DUMMIES.get(element.VR, "")


def _replace_uid(element: DataElement, uids: dict[str, UID]) -> None:
    old = str(element.value)
    if old not in uids:
        number = int.from_bytes(hashlib.sha256(old.encode()).digest()[:16], "big")
        uids[old] = UID(f"2.25.{number}")
    element.value = uids[old]


if __name__ == "__main__":
    main()
