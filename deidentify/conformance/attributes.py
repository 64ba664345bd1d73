"""What an IOD demands of a data set: attributes that must be there, and in which order.

Judged is the shape of a data set alone: which elements it has, and which of them are empty.
Most instances of a series have the same, so every answer is remembered.

Source: DICOM PS3.3 Annex A (modules of each IOD), PS3.5 sections 7.1 (order) and 7.4 (types).
"""

from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise

from deidentify import table
from deidentify.elements import lookup
from deidentify.iod_types import Module, modules_of, types_inside

ORDER, TWICE, MISSING, EMPTY = "order", "twice", "missing", "empty"
Shape = tuple[int, ...]
"""The tag of each element in the order of the file; its complement if it is empty."""
Fault = tuple[str, int]


@lru_cache(maxsize=20_000)
def faults_of(sop_class_uid: str, sequences: tuple[int, ...], shape: Shape) -> tuple[Fault, ...]:
    """Return (what, tag) of everything that is wrong with a data set, whatever it was before.

    Args:
        sop_class_uid: of the instance; of an unknown one little is known.
        sequences: those entered, from the top.
        shape: of the data set.
    """
    there, filled = _present(shape)
    faults = [*_out_of_order(shape)]
    for tag, kind in _demanded(sop_class_uid, sequences, there).items():
        if kind not in ("1", "2"):
            continue
        if tag not in there:
            faults.append((MISSING, tag))
        elif kind == "1" and tag not in filled:
            faults.append((EMPTY, tag))
    return tuple(faults)


@lru_cache(maxsize=20_000)
def lost(
    sop_class_uid: str, sequences: tuple[int, ...], before: Shape, after: Shape
) -> tuple[Fault, ...]:
    """Return (what, tag) of attributes whose condition held before, and that are gone now.

    Sequences that are there although they need not be have items, but for type 2.
    """
    had, had_filled = _present(before)
    there, filled = _present(after)
    types = _demanded(sop_class_uid, sequences, there | had)
    faults = [
        (MISSING, tag)
        for tag, kind in types.items()
        if kind in ("1C", "2C") and tag in had - there and not _is_to_go(tag)
    ]
    for tag in sorted(had_filled & there - filled):
        kind = types.get(tag, "3")
        if kind == "1C" or (kind == "3" and _is_sequence(tag)):
            faults.append((EMPTY, tag))
    return tuple(faults)


def _is_sequence(tag: int) -> bool:
    found = lookup(tag)
    return found is not None and found[0] == "SQ"


def _is_to_go(tag: int) -> bool:
    """Whether Table E.1-1 asks for removal, and takes the condition away with the attribute."""
    row = table.row_for(tag)
    return row is not None and row.basic == "X"


def _present(shape: Shape) -> tuple[frozenset[int], frozenset[int]]:
    """Return the tags that are there, and those that are not empty."""
    filled = frozenset(tag for tag in shape if tag >= 0)
    return filled | {~tag for tag in shape if tag < 0}, filled


def _out_of_order(shape: Shape) -> list[Fault]:
    tags = [tag if tag >= 0 else ~tag for tag in shape]
    return [
        (TWICE if left == right else ORDER, right)
        for left, right in pairwise(tags)
        if left >= right
    ]


def _demanded(
    sop_class_uid: str, sequences: tuple[int, ...], there: frozenset[int]
) -> Mapping[int, str]:
    """Return tag -> type, of modules that need not be there only when they are used."""
    if sequences:
        return types_inside(sop_class_uid, sequences)
    types: dict[int, str] = {}
    for module, own in _with_own_tags(sop_class_uid):
        if module.is_mandatory or there & own:
            for tag, kind in module.types.items():
                if kind < types.get(tag, "3"):
                    types[tag] = kind
    return types


@lru_cache(maxsize=64)
def _with_own_tags(sop_class_uid: str) -> tuple[tuple[Module, frozenset[int]], ...]:
    """Modules, each with the attributes by which one sees that it is used: no other has them."""
    modules = modules_of(sop_class_uid)
    return tuple(
        (
            module,
            frozenset(module.types).difference(
                *(other.types for other in modules if other is not module)
            ),
        )
        for module in modules
    )
