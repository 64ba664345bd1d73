"""The preamble and the file meta information: read what counts, write it anew.

Nothing of the source's preamble or meta is copied but the SOP class and the transfer syntax:
the rest says which machine wrote and sent the file, or is private.

Source: DICOM PS3.10 section 7.1.
"""

from dataclasses import dataclass
from functools import lru_cache

from deidentify.elements import LONG_VRS
from deidentify.encoding import encode, header, padded, unpack_length, unpack_short
from deidentify.errors import Refused
from deidentify.uids import is_strict
from deidentify.version import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME

IMPLICIT = b"1.2.840.10008.1.2"
EXPLICIT = b"1.2.840.10008.1.2.1"
# Deflated ones, and what each is called when it has been inflated.
DEFLATED = {
    b"1.2.840.10008.1.2.1.99": EXPLICIT,
    b"1.2.840.10008.1.2.4.95": b"1.2.840.10008.1.2.4.94",
    b"1.2.840.10008.1.2.4.205": b"1.2.840.10008.1.2.4.204",
}
BIG_ENDIAN = b"1.2.840.10008.1.2.2"
NATIVE = frozenset({IMPLICIT, EXPLICIT, BIG_ENDIAN, b"1.2.840.10008.1.2.1.99"})
MEDIA_STORAGE_DIRECTORY = b"1.2.840.10008.1.3.10"
TRANSFER_SYNTAXES = b"1.2.840.10008.1.2"  # private ones hide how the bytes are to be read
PREAMBLE = 128
MOST_META = 64 * 1024


@dataclass(frozen=True)
class Meta:
    """What a file's meta information says about its data set.

    `end` is where the data set begins, in bytes from the start of the file.
    """

    sop_class_uid: bytes
    sop_instance_uid: bytes
    transfer_syntax_uid: bytes
    end: int


def read_meta(head: bytes) -> Meta:
    """Read the file meta information from the first bytes of a file.

    Raises:
        Refused: `not-dicom` if the prefix is missing; `no-meta` if what follows cannot be read
            or names no transfer syntax.
    """
    if head[PREAMBLE : PREAMBLE + 4] != b"DICM":
        raise Refused("not-dicom")
    position = PREAMBLE + 4
    values: dict[int, bytes] = {}
    while head[position : position + 2] == b"\x02\0":
        if position + 8 > len(head):
            raise Refused("truncated")
        _, element, vr, length = unpack_short(head, position)
        start = position + 8
        if vr.decode("latin-1") in LONG_VRS:
            if position + 12 > len(head):
                raise Refused("truncated")
            (length,) = unpack_length(head, position + 8)
            start += 4
        elif not vr.isalpha():
            raise Refused("no-meta")
        if length > MOST_META or start + length > len(head):
            raise Refused("truncated" if start + length > len(head) else "no-meta")
        if element <= 0x10:
            values[element] = head[start : start + length]
        position = start + length
    syntax = values.get(0x10, b"").strip(b" \0")
    if not syntax:
        raise Refused("no-meta", "TransferSyntaxUID")
    if not (syntax.startswith(TRANSFER_SYNTAXES) and is_strict(syntax)):
        raise Refused("unreadable", "TransferSyntaxUID")
    return Meta(
        sop_class_uid=values.get(2, b"").strip(b" \0"),
        sop_instance_uid=values.get(3, b"").strip(b" \0"),
        transfer_syntax_uid=syntax,
        end=position,
    )


def write_meta(sop_class_uid: bytes, sop_instance_uid: bytes, transfer_syntax_uid: bytes) -> bytes:
    """Return preamble, prefix and file meta information for an output file."""
    uid = padded(sop_instance_uid, "UI")
    before, behind = _around(sop_class_uid, transfer_syntax_uid, len(uid))
    return before + uid + behind


@lru_cache(maxsize=64)
def _around(sop_class_uid: bytes, transfer_syntax_uid: bytes, length: int) -> tuple[bytes, bytes]:
    """What stands before and behind the SOP Instance UID; the same for all of a series."""
    before, behind = (
        b"".join(
            encode(0x00020000 | element, vr, padded(value, vr), explicit=True)
            for element, vr, value in elements
        )
        for elements in (
            ((0x01, "OB", b"\0\1"), (0x02, "UI", sop_class_uid)),
            (
                (0x10, "UI", transfer_syntax_uid),
                (0x12, "UI", IMPLEMENTATION_CLASS_UID),
                (0x13, "SH", IMPLEMENTATION_VERSION_NAME),
            ),
        )
    )
    instance = header(0x00020003, "UI", length, explicit=True)
    group = len(before) + len(instance) + length + len(behind)
    group_length = encode(0x00020000, "UL", group.to_bytes(4, "little"), explicit=True)
    return bytes(PREAMBLE) + b"DICM" + group_length + before + instance, behind
