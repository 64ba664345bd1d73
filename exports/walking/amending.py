"""The edits that transformations and the cutting of ties are made of.

What has to be there is never taken away: an element of type 1 gets a dummy where it would be
emptied, one of type 2 is emptied where it would be removed, in the instance's own IOD.

Source: DICOM PS3.5 section 7.4 (types); PS3.15 E.3.6 (dates).
"""

from collections.abc import Callable

from deidentify.dates import shift_da, shift_dt
from deidentify.dummies import drawn, dummy
from deidentify.elements import TEXT_VRS, named
from deidentify.iod_types import type_of
from deidentify.uids import CLASS_UIDS, is_usable, is_well_known, names_a_class
from exports.errors import CannotTransform
from exports.walking.edits import At, Edit, Everywhere
from exports.walking.pseudonyms import Pseudonyms
from exports.walking.values import BINARY, as_bytes, as_text, each

DUMMIES = drawn("research", bytes(32))


def emptied(value: bytes | None, at: At) -> bytes | None:
    """Return no value, or a dummy where there has to be one; what is missing stays missing."""
    if value is None:
        return None
    kind = type_of(at.file.sop_class_uid, (*at.parents, at.tag)) or ""
    return dummy(DUMMIES, at.vr, value) if kind.startswith("1") and at.vr != "SQ" else b""


def removed(value: bytes | None, at: At) -> bytes | None:
    """Return None, or what stands instead where the element has to be there."""
    kind = type_of(at.file.sop_class_uid, (*at.parents, at.tag)) or ""
    return emptied(value, at) if kind[:1] in ("1", "2") else None


def written(text: str, at: At) -> bytes:
    """Return a text as the element stores it."""
    value, turns = as_bytes(text, at.tag, at.vr, at.charset)
    at.file.turns_utf_8 |= turns
    return value


def of_text(change: Callable[[str], str]) -> Edit:
    """Return the edit that changes what an element says, value by value."""

    def edit(value: bytes | None, at: At) -> bytes | None:
        if not value or at.vr in BINARY or at.vr == "SQ":
            return value
        text = as_text(value, at.vr, at.charset)
        new = each(text, at.vr, change)
        return value if new == text else written(new, at)

    return edit


def constant(text: str) -> Edit:
    """Return the edit that writes one text, whatever stood there."""
    return lambda value, at: written(text, at)


def moving(days: int) -> Edit:
    """Return the edit that moves dates; what is no date becomes empty, never stays."""

    def edit(value: bytes | None, at: At) -> bytes | None:
        if not value or at.vr not in ("DA", "DT"):
            return value
        move = shift_da if at.vr == "DA" else shift_dt
        parts = [move(part.strip(b" \0"), days) if part else part for part in value.split(b"\\")]
        return b"\\".join(parts) or emptied(value, at)

    return edit


def renamed(old: str, new: str) -> Everywhere:
    """Return the edit of all texts that writes one identifier for another, however it is spelled.

    A text that is too long for its element after that goes: it cannot stay as it was.
    """
    known = Pseudonyms([old], as_words=True)

    def edit(value: bytes | None, at: At) -> bytes | None:
        if not value or not known.stand_in_words(value):
            return value
        text = as_text(value, at.vr, at.charset)
        changed = known.replaced(text, lambda _: new)
        try:
            return value if changed == text else written(changed, at)
        except CannotTransform:
            return removed(value, at)

    def everywhere(tag: int, vr: str, creator: str, parents: tuple[int, ...]) -> Edit | None:
        return edit if vr in TEXT_VRS or vr in ("CS", "AE", "UR") else None

    return everywhere


def with_uids(
    of: Callable[[bytes], bytes],
) -> Everywhere:
    """Return the edit of all UIDs that are somebody's; those of the standard stay."""

    def edit(value: bytes | None, at: At) -> bytes | None:
        if not value:
            return value
        return b"\\".join(one(part.strip(b" \0"), at.tag) for part in value.split(b"\\"))

    def one(uid: bytes, tag: int) -> bytes:
        if not uid or is_well_known(uid) or (tag in CLASS_UIDS and names_a_class(uid)):
            return uid
        if not is_usable(uid):
            raise CannotTransform(f"{named(tag)} holds something that is no UID.")
        return of(uid)

    return lambda tag, vr, creator, parents: edit if vr == "UI" else None
