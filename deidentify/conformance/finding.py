"""How the conformance check says what it found: a place, a kind, a sentence; never a value."""

import hashlib
from pathlib import Path

from deidentify.elements import named
from deidentify.leaks.finding import CERTAIN, Finding, fingerprint

CONFORMANCE, REFERENCE, AGREEMENT = "conformance", "reference", "agreement"

SENTENCES = {
    "missing": "{name} has to be there in images of this kind, and is missing since.",
    "empty": "{name} has to have a value in images of this kind, and is empty since.",
    "order": "{name} stands behind elements that have to follow it.",
    "twice": "{name} stands there twice.",
    "odd-length": "{name} has an odd length, which no element may have.",
    "form": "{name} has a value whose form its kind of element does not allow.",
    "length": "{name} has a value of a length that its kind of element does not allow.",
    "letters": "{name} has characters that the character set of the file does not allow.",
    "number": "{name} has more or fewer values than it may have.",
    "enumerated": "{name} has a value that is none of those the standard lists.",
    "vr": "{name} is stored as a kind of element that it cannot be.",
    "meta": "{name} in the file meta information does not fit the data set.",
    "unknown-charset": "{name} names a character set that the standard does not know.",
}


def conformance(what: str, path: str, sop_class_uid: str) -> Finding:
    """Return the finding for something that breaks the standard and did not before."""
    sentence = SENTENCES[what].format(name=name_of(path))
    return made(CONFORMANCE, path, sentence, f"{what} {sop_class_uid}")


def made(kind: str, path: str, sentence: str, context: str) -> Finding:
    """Return a finding about a whole element.

    Args:
        kind: CONFORMANCE, REFERENCE or AGREEMENT.
        path: of the element, with item numbers.
        sentence: names attributes, never values.
        context: what makes another finding of this kind and path the same.
    """
    mark = fingerprint(kind, path, context.encode())
    return Finding(kind, path, 0, 0, CERTAIN, "", sentence, mark)


def name_of(path: str) -> str:
    """Return the name of the element that a path ends in."""
    group, element = path[-10:-1].split(",")
    return named(int(group, 16) << 16 | int(element, 16))


def unknown(image: str) -> Finding:
    """Return the finding for an output that cannot be judged, or followed to its end.

    Args:
        image: which one it is; nobody knows of another that it is alike, so no verdict carries.
    """
    sentence = "The image cannot be read to its end; whether it breaks the standard is unknown."
    return made(CONFORMANCE, "file", sentence, f"unknown {image}")


def content_of(path: Path) -> str:
    """Return what names a file by its bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def without_item_numbers(path: str) -> str:
    """Return a path as it is the same for all items of a sequence."""
    return "".join(piece.split("]", 1)[-1] for piece in path.split("["))
