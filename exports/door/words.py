"""Where something was found, in words from closed lists: names in a package may be the leak."""

from pydicom.datadict import tag_for_keyword

from transfers.places import KINDS, place

NIFTI_FIELDS = frozenset({"descrip", "aux_file", "intent_name", "db_name", "data_type"})
PLACES = {
    "name:file": "the name of a file",
    "name:folder": "the name of a folder",
    "zip:comment": "the comment of the zip file",
    "zip:comment of an entry": "the comment of a member of the zip file",
    "zip:further field of an entry": "a further field of a member of the zip file",
    "zip:second name of an entry": "the second name of a member of the zip file",
    "gzip:name": "the name inside a gzip file",
    "gzip:comment": "the comment inside a gzip file",
    "gzip:extra field": "a further field of a gzip file",
    "gzip:behind the content": "bytes behind the end of a gzip file",
    "dicom:preamble": "the preamble of a DICOM file",
    "dicomdir": "the directory of the medium (DICOMDIR)",
    "gradients:word": "a file of gradients (bval, bvec)",
    "text:line": "a line of a text",
    "pdf:text": "a document",
    "xml:text": "a document",
    "archive": "the zip file itself",
    "member": "a member of the package",
}
KINDS_OF_FILES = {
    "json": "a JSON file",
    "table": "a table",
    "nifti": "a NIfTI header",
    "analyze": "an Analyze header",
    "png": "a text inside a PNG picture",
    "jpeg": "a text inside a JPEG picture",
    "tar": "the directory of a tar file",
    "zip": "the directory of the zip file",
    "gzip": "a gzip file",
}


def place_of(path: str) -> str:
    """Say where a path leads, without anything that a file could have made up.

    Args:
        path: of an item beyond DICOM headers, or of an element in a DICOM member.
    """
    if words := PLACES.get(path):
        return words
    kind, is_beyond, rest = path.partition(":")
    if not is_beyond or path.startswith("("):
        return f"{place(path)} of an image"
    if kind == "dicomdir":
        return f"{place(rest)} in the directory of the medium (DICOMDIR)"
    if kind == "nifti":
        if rest in NIFTI_FIELDS:
            return f"the field {rest} of a NIfTI header"
        if rest.startswith("extension"):
            return "an extension of a NIfTI header"
    name = rest.rpartition(".")[2].removesuffix("[]")
    if kind in ("json", "table") and tag_for_keyword(name) is not None:
        return f"{name} in {KINDS_OF_FILES[kind]}"
    return KINDS_OF_FILES.get(kind, PLACES["member"])


def sentence_of(kind: str, place: str) -> str:
    """Say what was found and where."""
    return f"{KINDS.get(kind, 'Something that may identify somebody')} is left in {place}."
