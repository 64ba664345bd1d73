"""What lies beside DICOM headers: NIfTI headers, sidecars, tables, names, comments of archives.

`Reader` takes files of any kind apart and yields one `Item` for each value that it meets, under a
path that names where such a value stands: `nifti:descrip`, `json:InstitutionName`, `name:folder`.
What cannot be read is remarked upon, never passed over in silence.
"""

from deidentify.beyond.items import Allowance, Item, Remark
from deidentify.beyond.reading import Reader, read

__all__ = ["Allowance", "Item", "Reader", "Remark", "read"]
