"""How an element path is said: steps, tags, and the names of the standard (PS3.6)."""

import re
from dataclasses import dataclass

from pydicom.datadict import dictionary_description

from review.models import Element

STEP = re.compile(r'\(([0-9A-F]{4}),(?:"(.*?)",([0-9A-F]{2})|([0-9A-F]{4}))\)(?=\(|$)')


@dataclass(frozen=True)
class Step:
    """One element of a path: a sequence on the way, or the last one."""

    tag: str
    name: str


def steps(path: str) -> list[Step]:
    """Take a path apart, from the outermost sequence to the element itself."""
    found = []
    for group, creator, private_number, number in STEP.findall(path):
        if private_number:
            by = f"Private, {creator}" if creator else "Private, without a creator"
            found.append(Step(f"({group},xx{private_number})", by))
        else:
            found.append(Step(f"({group},{number})", _public_name(group, number)))
    return found


def name_of(element: Element) -> str:
    """Return the name of the element itself, without what it lies in."""
    found = steps(element.path)
    return found[-1].name if found else element.keyword


def _public_name(group: str, number: str) -> str:
    if int(group, 16) % 2:
        return "Private Creator"
    try:
        return dictionary_description(int(group + number, 16))
    except KeyError:
        return "Not in the standard"
