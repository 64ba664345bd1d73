"""What a package can be made of. A format is a module that has

- `pack(progress) -> bool`: pack what is still to be done; tell whether all of it is in. It may
  stop early when `progress.packed` says so, and is then called again, perhaps by another worker;
- if it wants, `finish(progress) -> None`: add what only the whole package knows, such as a
  directory. It is called once everything is packed, and again after a kill: what it added since
  the last checkpoint is gone by then.
"""

from types import ModuleType

from exports.formats import bids, dicom, headers, medium, nifti, pictures
from exports.states import Format

FORMATS: dict[str, ModuleType] = {
    Format.DICOM: dicom,
    Format.NIFTI: nifti,
    Format.BIDS: bids,
    Format.MEDIUM: medium,
    Format.PICTURES: pictures,
    Format.HEADERS: headers,
}
