"""What was found and where, in words for people who have never seen a DICOM tag."""

import re

from deidentify.elements import keyword
from deidentify.rules import PART, Rule
from deidentify.ruling import plain_path

KINDS: dict[str, str] = {
    "name": "A patient's name",
    "physician": "A name of a physician, an operator or another person",
    "identifier": "An identifier of the patient or of the examination",
    "national_id": "A national identity number",
    "birth_date": "The birth date",
    "date": "An original date",
    "address": "An address",
    "phone": "A phone number",
    "email": "An e-mail address",
    "institution": "The name of a hospital, a department or a ward",
    "device": "An identifier of a device",
    "uid": "An original UID",
    "pixels": "A picture that somebody must look at",
    "unreadable": "An image that cannot be read",
    "conformance": "An error that the original did not have",
    "reference": "A reference that leads nowhere",
    "agreement": "Images of one study that disagree",
    "undone": "What a run over the research copy cannot do",
    "unproved": "An image that cannot be proved any more",
}
"""Every kind of finding, as the desk names and filters it."""
BY_COMPARING = frozenset({"pixels", "unreadable", "conformance", "reference", "agreement"})
"""Kinds that are found by comparing with an original, or by looking at it."""
IN_SENTENCES = BY_COMPARING | {"undone", "unproved"}
"""Kinds whose own sentence says more than kind and place do."""
SURE = {"certain": "certain", "likely": "likely", "possible": "possible, look at it"}
PLACES = {
    "file name": "the name of the file",
    "preamble": "the preamble, the first 128 bytes of the file",
    "bytes after the data set": "bytes after the end of the image",
    "file": "the whole file",
    "the whole instance": "the whole image",
}
_LETTERS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[a-z])(?=\d)")


def place(path: str) -> str:
    """Say where a finding is: `Patient Comments`, or a private element by its creator."""
    for beginning, words in PLACES.items():
        if path == beginning:
            return words
    if path.startswith("file meta"):
        return f"the file's own header, {path.removeprefix('file meta ')}"
    plain = plain_path(path)
    if not plain:
        return path
    parts = [_part(match.group()) for match in PART.finditer(plain)]
    within = f", inside {parts[-2]}" if len(parts) > 1 else ""
    return parts[-1] + within


def rule_place(element: str) -> str:
    """Say what a rule is about."""
    parts = [_part(match.group()) for match in PART.finditer(element)]
    within = f", inside {parts[-2]}" if len(parts) > 1 else ", wherever it stands"
    return parts[-1] + ("" if parts[-1].startswith("all ") else within)


def what(kind: str, path: str, sentence: str) -> str:
    """Say in one sentence what was found and where."""
    if kind in IN_SENTENCES or kind not in KINDS:
        return sentence
    return f"{KINDS[kind]} is left in {place(path)}."


def why_no_rule(kind: str, path: str) -> str:
    """Say why no rule can be made because of a finding; "" if one can."""
    if kind == "pixels":
        return "A picture cannot be mended by a rule: look at it, and pass or reject it."
    if kind == "unreadable":
        return "What cannot be read cannot be mended by a rule: reject it, or bring it in again."
    if path == "file name":
        return (
            "A rule is about what stands in an image, and this is the file's name. Run the "
            "transfer anew, which names its files afresh, or reject the image."
        )
    if not plain_path(path):
        return "A rule is about an element of an image, and this place is none."
    return ""


def _part(text: str) -> str:
    """Say one element of a path."""
    match = PART.fullmatch(text)
    if match is None:
        return text
    group, element, creator, last = match.groups()
    if creator and last == "xx":
        return f"all private elements of {creator}"
    if creator:
        return f"private element {last.upper()} of {creator}"
    name = keyword(int(group + element, 16))
    return _LETTERS.sub(" ", name) if name else text


def way_of(path: str) -> tuple[str, ...]:
    """Return the way to where something was found, as rules name it; empty if none can."""
    plain = plain_path(path)
    return Rule(plain, "remove").path if plain else ()
