"""The JSON beside an image: its physics stay, what finds the examination again goes.

The research copy keeps the time of day and, under Retain Device Identity, the scanner's serial
number. Both are needed by nobody who computes with the voxels, and together they find the very
examination in a clinical PACS. So they leave only if the specification says so.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

OF_THE_PERSON = frozenset(
    {
        *("AccessionNumber", "PatientAge", "PatientBirthDate", "PatientID", "PatientName"),
        *("PatientSex", "PatientSize", "PatientWeight", "ReferringPhysicianName", "StudyID"),
        *("ImageComments", "SeriesInstanceUID", "StudyInstanceUID"),
    }
)
"""Never in a sidecar: a table of participants says what of it may leave."""
OF_THE_TIME = frozenset({"AcquisitionDateTime", "AcquisitionTime", "SeriesTime", "TimeZero"})
OF_THE_DEVICE = frozenset(
    {
        *("DeviceSerialNumber", "StationName", "InstitutionName", "InstitutionAddress"),
        "InstitutionalDepartmentName",
    }
)
# Whatever its name: 2001-02-03, 2001-02-03T04:05:06, 04:05:06.789
MOMENT = re.compile(r"(\d{4}-\d\d-\d\d([T ].*)?|\d{1,2}:\d\d:\d\d(\.\d*)?)")
UID = re.compile(r"[0-2](\.\d+){5,}")


def clean_sidecar(
    facts: Mapping[str, Any], *, keeps_times: bool = False, keeps_devices: bool = False
) -> dict[str, Any]:
    """Return what may leave of a sidecar, in its order."""
    return {
        name: value
        for name, value in facts.items()
        if name not in OF_THE_PERSON
        and (keeps_devices or name not in OF_THE_DEVICE)
        and (keeps_times or not (name in OF_THE_TIME or _is_moment(value)))
        and not (isinstance(value, str) and UID.fullmatch(value))
    }


def _is_moment(value: Any) -> bool:
    return isinstance(value, str) and MOMENT.fullmatch(value) is not None


def read_sidecar(path: Path) -> dict[str, Any]:
    """Return what dcm2niix wrote. Raises ValueError if it is no JSON object."""
    facts = json.loads(path.read_bytes().decode("utf-8", "replace"))
    if not isinstance(facts, dict):
        raise ValueError("The sidecar is no JSON object.")
    return facts


def write_sidecar(path: Path, facts: Mapping[str, Any]) -> None:
    """Write facts as JSON, one line each; the same facts give the same bytes."""
    lines = (f"{json.dumps(name)}: {json.dumps(value)}" for name, value in facts.items())
    path.write_text("{\n  " + ",\n  ".join(lines) + "\n}\n")
