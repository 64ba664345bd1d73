"""Whether an attribute may be missing or empty: its type in the instance's own IOD.

Compound codes of Table E.1-1 such as X/Z/D are decided by it.

Source: DICOM PS3.3 Annex A (modules of each IOD) and PS3.5 section 7.4 (types).
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from deidentify.elements import TABLES

Types = Mapping[tuple[int, ...], str]
STRENGTH = {"1": 5, "1C": 4, "2": 3, "2C": 2, "3": 1}


@lru_cache(maxsize=1)
def _lines() -> Mapping[str, Mapping[str, str]]:
    """The rest of each line, by the letter it begins with and the name that follows."""
    kinds: dict[str, dict[str, str]] = {"S": {}, "I": {}, "M": {}, "N": {}}
    with (TABLES / "iod_types.txt").open() as file:
        next(file)
        for line in file:
            kind, name, rest = line.rstrip("\n").split(" ", 2)
            kinds[kind][name] = rest
    return kinds


@lru_cache(maxsize=64)
def _types_of(sop_class_uid: str) -> Types | None:
    """Path of tags -> type, as far as the modules say; None if the class is unknown.

    Where several modules name an attribute, the strictest mandatory type wins.
    """
    lines = _lines()
    iod = lines["I"].get(lines["S"].get(sop_class_uid, ""))
    if iod is None:
        return None
    types: dict[tuple[int, ...], str] = {}
    for part in iod.split():
        module, _, usage = part.rpartition(":")
        for entry in lines["M"].get(module, "").split():
            kind, _, dotted = entry.partition(":")
            path = tuple(int(tag, 16) for tag in dotted.split("."))
            # What an optional module demands is demanded only when the module is there.
            if usage != "M" and len(kind) == 1 and len(path) == 1:
                kind += "C"
            if STRENGTH.get(kind, 0) > STRENGTH.get(types.get(path, "3"), 0) or len(path) > 1:
                types[path] = kind
    return types


@lru_cache(maxsize=512)
def _inside(sequence: int) -> Mapping[int, str]:
    """Tag -> type of what stands in the items of a sequence, the same in all IODs."""
    entries = _lines()["N"].get(f"{sequence:08x}", "").split()
    return {int(tag, 16): kind for kind, _, tag in (entry.partition(":") for entry in entries)}


def type_of(sop_class_uid: str, path: tuple[int, ...]) -> str | None:
    """Return 1, 1C, 2, 2C or 3; None if the SOP class is unknown, and with it the type.

    Args:
        sop_class_uid: of the instance.
        path: the tags of the sequences entered, then the attribute's own. What an item of a
            sequence has to hold follows from the sequence, in whatever IOD and depth.
    """
    types = _types_of(sop_class_uid)
    if types is not None and (kind := types.get(path)):
        return kind
    if len(path) > 1 and (kind := _inside(path[-2]).get(path[-1])):
        return kind
    return None if types is None else "3"


class Module(NamedTuple):
    """What one module of an IOD demands of the main data set.

    Args:
        is_mandatory: it is part of every instance; others may be left out as a whole.
        types: tag -> 1, 1C, 2 or 2C.
    """

    is_mandatory: bool
    types: Mapping[int, str]


@lru_cache(maxsize=64)
def modules_of(sop_class_uid: str) -> tuple[Module, ...]:
    """Return the modules of an instance's IOD; none if the SOP class is unknown."""
    lines = _lines()
    modules = []
    for part in lines["I"].get(lines["S"].get(sop_class_uid, ""), "").split():
        name, _, usage = part.rpartition(":")
        entries = (entry.partition(":") for entry in lines["M"].get(name, "").split())
        types = {int(tag, 16): kind for kind, _, tag in entries if "." not in tag}
        modules.append(Module(usage == "M", types))
    return tuple(modules)


@lru_cache(maxsize=4096)
def types_inside(sop_class_uid: str, sequences: tuple[int, ...]) -> Mapping[int, str]:
    """Return tag -> type of what an item has to hold, 3 left out.

    Args:
        sop_class_uid: of the instance.
        sequences: the tags of the sequences entered; at least one.
    """
    types = dict(_inside(sequences[-1]))
    depth = len(sequences)
    for path, kind in (_types_of(sop_class_uid) or {}).items():
        if len(path) == depth + 1 and path[:depth] == sequences:
            types[path[depth]] = kind
    return {tag: kind for tag, kind in types.items() if kind != "3"}
