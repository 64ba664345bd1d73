"""Whether an attribute may be missing or empty: its type in the instance's own IOD.

Compound codes of Table E.1-1 such as X/Z/D are decided by it.

Source: DICOM PS3.3 Annex A (modules of each IOD) and PS3.5 section 7.4 (types).
"""

from collections.abc import Mapping
from functools import lru_cache

from deidentify.elements import TABLES

Types = Mapping[tuple[int, ...], str]
STRENGTH = {"1": 5, "1C": 4, "2": 3, "2C": 2, "3": 1}


@lru_cache(maxsize=1)
def _lines() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    classes: dict[str, str] = {}
    iods: dict[str, str] = {}
    modules: dict[str, str] = {}
    kinds = {"S": classes, "I": iods, "M": modules}
    with (TABLES / "iod_types.txt").open() as file:
        next(file)
        for line in file:
            kind, name, rest = line.rstrip("\n").split(" ", 2)
            kinds[kind][name] = rest
    return classes, iods, modules


@lru_cache(maxsize=64)
def types_of(sop_class_uid: str) -> Types | None:
    """Return path of tags -> type (1, 1C, 2, 2C; absent means 3); None if the class is unknown.

    Where several modules name an attribute, the strictest mandatory type wins.
    """
    classes, iods, modules = _lines()
    iod = classes.get(sop_class_uid)
    if iod is None or iod not in iods:
        return None
    types: dict[tuple[int, ...], str] = {}
    for part in iods[iod].split():
        module, _, usage = part.rpartition(":")
        for entry in modules.get(module, "").split():
            kind, _, dotted = entry.partition(":")
            # What an optional module demands is demanded only when the module is there.
            if usage != "M" and len(kind) == 1:
                kind += "C"
            path = tuple(int(tag, 16) for tag in dotted.split("."))
            if STRENGTH[kind] > STRENGTH[types.get(path, "3")]:
                types[path] = kind
    return types
