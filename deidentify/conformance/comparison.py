"""What of an output's faults is new: those that its source did not have.

Most data sets of an output have the same elements as the source's in the same place, and nothing
can be new there. Only where they differ are the attributes asked for.
"""

from collections import Counter
from collections.abc import Iterator

from deidentify.conformance.attributes import faults_of, lost
from deidentify.conformance.contents import Contents, Place
from deidentify.conformance.finding import without_item_numbers

SOP_CLASS_UID = 0x00080016
SEQUENCE = len("(0008,1140)")
Fault = tuple[str, str]
"""What is wrong, and the path of the element with item numbers."""


def new_in_shape(original: Contents, ours: Contents) -> Iterator[Fault]:
    """Yield attributes that are gone, empty or out of place, and were not in the source."""
    pairs = list(_unlike(original, ours))
    sop_class = ours.main_uid(SOP_CLASS_UID).decode("latin-1")
    before_class = original.main_uid(SOP_CLASS_UID).decode("latin-1")
    has_more = sop_class != before_class
    for theirs, place in pairs:
        shape = tuple(place.shape)
        old = tuple(theirs.shape) if theirs else ()
        faults = faults_of(sop_class, place.tags, shape)
        if faults and not has_more:
            known = faults_of(sop_class, place.tags, old) if theirs else ()
            has_more = not set(faults) <= set(known)
        if theirs and old != shape:
            for what, tag in lost(sop_class, place.tags, old, shape):
                yield what, _path(place, tag)
    if has_more:
        # Items may have moved; what counts is how often something is wrong.
        yield from not_before(
            list(_shape_faults(ours, sop_class)), list(_shape_faults(original, before_class))
        )


def _unlike(original: Contents, ours: Contents) -> Iterator[tuple[Place | None, Place]]:
    """Yield the data sets of an output that are not as the source's in the same place.

    The main data set always is. With each goes the source's, None if it has none there.
    """
    before = {place.prefix: place for place in original.places}
    main, *items = ours.places
    yield original.places[0], main
    unlike = [item for item in items if not _is_alike(before.get(item.prefix), item)]
    sequences = {place.prefix[:SEQUENCE] for place in original.places}
    if any(item.prefix[:SEQUENCE] in sequences for item in unlike):
        before = {place.prefix: place for place in original.all_places()}
    for item in unlike:
        for place in item.with_inside():
            yield before.get(place.prefix), place


def not_before(ours: list[Fault], theirs: list[Fault]) -> list[Fault]:
    """Return those of our faults that outnumber the source's of the same kind and place."""
    if ours == theirs:
        return []
    left = Counter((what, without_item_numbers(path)) for what, path in theirs)
    new = []
    for what, path in ours:
        key = what, without_item_numbers(path)
        if left[key]:
            left[key] -= 1
        else:
            new.append((what, path))
    return new


def _is_alike(theirs: Place | None, ours: Place) -> bool:
    return theirs is not None and theirs.shape == ours.shape and theirs.inside == ours.inside


def _shape_faults(contents: Contents, sop_class_uid: str) -> Iterator[Fault]:
    for place in contents.all_places():
        for what, tag in faults_of(sop_class_uid, place.tags, tuple(place.shape)):
            yield what, _path(place, tag)


def _path(place: Place, tag: int) -> str:
    return f"{place.prefix}({tag >> 16:04X},{tag & 0xFFFF:04X})"
