"""UIDs: which are nobody's, which are well formed, and how one participant's become others.

Source: DICOM PS3.5 section 9 and Annex B.2 (UUID-derived UIDs, root 2.25); RFC 9562 (UUID
version 8).
"""

import hashlib
import re
from collections.abc import Iterable, Sequence

WELL_KNOWN_ROOT = b"1.2.840.10008."
MAX_LENGTH = 64
LONGEST_OTHER = 32  # no well-known UID outside DICOM's own root is longer
COUNTED_DIGITS = 3
MOST_DIGITS = 39  # of a number of 128 bits

# Coding schemes that PS3.16 section 8 names by UID: they say what a code means, and are the same
# for everybody. HL7 registers most of them, below three arcs of its own.
CODING_SCHEMES = frozenset(
    {
        b"1.0.639.1",
        b"1.0.639.2",
        b"1.0.3166.1.2.2",
        b"2.16.840.1.113883.3.26.1.1",  # NCI Thesaurus
    }
)
_is_of_hl7 = re.compile(rb"2\.16\.840\.1\.113883\.(?:5|6|12)(?:\.\d{1,4}){1,2}").fullmatch
# Elements that hold UIDs of classes, syntaxes and coding schemes; vendors have their own as well.
CLASS_UIDS = frozenset(
    {
        0x00080016, 0x0008001A, 0x0008001B, 0x00080062, 0x0008010C, 0x00080117, 0x00080118,
        0x0008040E, 0x00081150, 0x0008115A, 0x00083002, 0x00340003, 0x04000010, 0x04000510,
        0x30100052, 0x30100053,
    }
)  # fmt: skip
# What DICOM registers has short numbers. Programs have used its root for instances as well.
_is_of_dicom = re.compile(rb"1\.2\.840\.10008(?:\.\d{1,4}){1,9}").fullmatch

# Arcs of registered classes count things; those of instances hold times, serial and random numbers.
_is_of_class = re.compile(rb"[12](?:\.\d{1,7}){4,14}").fullmatch

_FREE_BITS = (1 << 128) - 1 & ~(0xF << 76) & ~(0x3 << 62)
_SET_BITS = 0x8 << 76 | 0x2 << 62
_FORM = re.compile(rb"(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))+")
_DIGITS_AND_DOTS = b"0123456789."
_is_loose = re.compile(rb"[0-9]+(?:\.[0-9]+)*").fullmatch


def is_well_known(uid: bytes) -> bool:
    """Whether the UID names a thing of the standard, not of a patient, site or device."""
    if uid.startswith(WELL_KNOWN_ROOT):
        return _is_of_dicom(uid) is not None
    return uid[:2] in (b"1.", b"2.") and (uid in CODING_SCHEMES or _is_of_hl7(uid) is not None)


def names_a_class(uid: bytes) -> bool:
    """Whether a UID looks like one of a class, syntax or scheme that a vendor has registered.

    For elements that hold such UIDs alone: people have been seen to put others there.
    """
    return _is_of_class(uid) is not None and not uid.startswith(b"2.25.")


def is_drawn(uid: bytes) -> bool:
    """Whether `uid` has the form of those that KeyedUids draws: a version 8 UUID below 2.25."""
    number = uid[5:]
    if not uid.startswith(b"2.25.") or not number.isdigit() or len(number) > MOST_DIGITS:
        return False
    return int(number) & ~_FREE_BITS & ((1 << 128) - 1) == _SET_BITS


def is_usable(uid: bytes) -> bool:
    """Whether `uid` has only digits and dots and at most 64 of them.

    Leading zeros, which PS3.5 forbids, are common in real files and do no harm here.
    """
    return len(uid) <= MAX_LENGTH and _is_loose(uid) is not None


def are_long_and_unknown(uids: Sequence[bytes]) -> bool:
    """Whether every one is usable and, by its length and root, certainly no well-known one."""
    # Asked of all references of an image at once: a question about each costs more than its answer.
    lines = b"\n".join((b"", *uids, b""))
    lengths = {*map(len, uids)}
    return (
        min(lengths) > LONGEST_OTHER
        and max(lengths) <= MAX_LENGTH
        and lines.translate(None, _DIGITS_AND_DOTS) == b"\n" * (len(uids) + 1)
        and b".." not in lines
        and b"\n." not in lines
        and b".\n" not in lines
        and b"\n" + WELL_KNOWN_ROOT not in lines
    )


def is_strict(uid: bytes) -> bool:
    """Whether `uid` is well formed to the letter of PS3.5 section 9.1."""
    return len(uid) <= MAX_LENGTH and _FORM.fullmatch(uid) is not None


class KeyedUids:
    """The UIDs that stand for originals under a key: 2.25. and a version 8 UUID each.

    The same key and original always give the same UID; without the key no guess at the original
    can be tested. It is HMAC-SHA-256, whose two beginnings are hashed once.

    Args:
        key: of the participant, at most 64 bytes.
    """

    def __init__(self, key: bytes) -> None:
        block = key.ljust(64, b"\0")
        self._begin_inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block)).copy
        self._begin_outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block)).copy

    def of(self, original: bytes, apart: bytes = b"") -> bytes:
        """Return the UID for `original`; `apart` parts instances that share one."""
        return self.each((original + b"\0" + apart if apart else original,))[0]

    def number(self, message: bytes) -> int:
        """Return the UUID for a message, as a number."""
        return int(self.of(message).removeprefix(b"2.25."))

    def each(self, originals: Iterable[bytes]) -> list[bytes]:
        """Return the UID for every one of them."""
        begin_inner, begin_outer, number = self._begin_inner, self._begin_outer, int.from_bytes
        drawn = []
        for original in originals:
            inner = begin_inner()
            inner.update(original)
            outer = begin_outer()
            outer.update(inner.digest())
            # Version 8 and the variant of RFC 9562.
            uuid = number(outer.digest()[:16], "big") & _FREE_BITS | _SET_BITS
            drawn.append(b"2.25.%d" % uuid)
        return drawn


def agree(stored: bytes, uid: bytes) -> bool:
    """Tell whether two SOP Instance UIDs agree, or differ in their last three digits at most.

    Tools that copy a file and count up its UID often do so in the file meta information alone;
    such copies go by the data set's UID, and several under one UID are kept apart.
    """
    return len(stored) == len(uid) and stored[:-COUNTED_DIGITS] == uid[:-COUNTED_DIGITS]
