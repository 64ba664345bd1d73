"""What a JSON sidecar may say only where the specification asks for it: times, and the device.

Shifted days with their true times can be matched against the clinical PACS by who has it, and a
serial number names one apparatus of one hospital. What a converter writes of itself is looked at
here again, whatever was asked of it.
"""

from collections.abc import Iterator, Sequence

from deidentify.beyond import Item
from deidentify.leaks.finding import CERTAIN
from exports.door.found import Found
from exports.specification import Specification
from exports.states import Format

WITH_SIDECARS = (Format.NIFTI, Format.BIDS)
SIDECAR_FACTS: dict[str, tuple[str, str, frozenset[str]]] = {
    "times": (
        "date",
        "A time of the examination",
        frozenset(
            {
                "AcquisitionDate",
                "AcquisitionDateTime",
                "AcquisitionTime",
                "ContentDate",
                "ContentTime",
                "SeriesDate",
                "SeriesTime",
                "StudyDate",
                "StudyTime",
            }
        ),
    ),
    "devices": (
        "device",
        "What names a device or a hospital",
        frozenset(
            {
                "DeviceSerialNumber",
                "InstitutionAddress",
                "InstitutionName",
                "InstitutionalDepartmentName",
                "StationName",
            }
        ),
    ),
}
"""By the option that asks for them: kind of finding, what they are, and how they are called."""


def unasked(specification: Specification, items: Sequence[Item]) -> Iterator[Found]:
    """Yield what stands in a sidecar although nobody asked for it."""
    if specification.format not in WITH_SIDECARS:
        return
    for option, (kind, what, keys) in SIDECAR_FACTS.items():
        if specification.options.get(option):
            continue
        for item in items:
            if item.kind == "json" and item.path.removeprefix("json:") in keys and item.value:
                sentence = f"{what} is in a JSON file, and the specification leaves it out."
                yield Found(kind, item.path, item.place, CERTAIN, option, sentence)
