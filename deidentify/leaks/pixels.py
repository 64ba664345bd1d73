"""Pixel data: compared with the source, not searched.

Native values must equal the source's byte for byte (after undoing big endian), but for the bits
of overlays that the source's header declares among them and the output's does not: those must
be zero. Compressed fragments must equal the source's but for comment segments, which are searched
instead. Compared piece by piece, so that memory stays constant.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Literal

from deidentify.leaks.attributes import ANY_OVERLAY, OVERLAY_BIT_POSITION
from deidentify.leaks.compressed_frames import comments, fragments
from deidentify.leaks.elements import DEFLATED, Bytes, Element, Layout

PIECE = 1 << 16
"""Bytes compared at a time: what fits into a processor's cache is compared twice as fast."""
BITS_ALLOCATED, BITS_STORED, HIGH_BIT = 0x00280100, 0x00280101, 0x00280102
_PIXEL_DATA = b"\xe0\x7f\x10\x00"
_SWAPPED = {"OW": 2, "OF": 4, "OD": 8}


def differs(source: Layout, target: Layout) -> tuple[int, int, str] | None:
    """Return the target's byte range and a sentence if its pixel data is not the source's."""
    theirs = {element.tag: element for element in source.pixels}
    for ours in target.pixels:
        original = theirs.get(ours.tag)
        if original is None:
            return ours.start, ours.end, "The source has no such pixel data."
        if target.is_native != source.is_native:
            return ours.start, ours.end, "The pixel data is encoded differently from the source's."
        if not _is_equal(source, original, target, ours):
            return ours.start, ours.end, "The pixel data is not the source's."
    if len(target.pixels) < len(source.pixels):
        return 0, 0, "The pixel data of the source is missing."
    return None


def has_embedded_overlays(layout: Layout) -> bool:
    """Say whether graphics lie among the bits of the pixel values (PS3.3 C.9.2, retired)."""
    return any(
        value and tag & ANY_OVERLAY == OVERLAY_BIT_POSITION
        for tag, value in _numbers(layout).items()
    )


def is_tail_of(source: Bytes, target: Layout) -> bool:
    """Say whether both files end alike, from the head of the pixel data on: the usual case.

    If not, or if the target has none, `differs` has to look more closely.
    """
    if len(target.pixels) != 1 or target.transfer_syntax_uid in DEFLATED:
        return False
    begins, data = target.pixels[0].start, target.data
    head = 8 if data[begins - 8 : begins - 4] == _PIXEL_DATA else 12
    first, last = begins - head, len(data)
    if data[first : first + 4] != _PIXEL_DATA or len(source) < last - first:
        return False
    return _same(source, (len(source) - last + first, len(source)), data, (first, last))


def comment_ranges(layout: Layout) -> list[tuple[int, int]]:
    """Return where compressed pixel data holds text, all fragments of a file together."""
    if layout.is_native:
        return []
    found = []
    for element in layout.pixels:
        if element.vr in ("OB", "OW", "UN"):
            for start, end in fragments(layout.data, element.start, element.end):
                found += comments(layout.data, start, end)
    return found


def _is_equal(source: Layout, original: Element, target: Layout, ours: Element) -> bool:
    width = _SWAPPED.get(original.vr, 0) if source.is_big_endian else 0
    if source.is_big_endian and not target.is_big_endian and width:
        return _is_equal_swapped(source.data, original, target.data, ours, width)
    if not target.is_native:
        return _essence(source.data, original) == _essence(target.data, ours)
    mask = _overlay_mask(source, target)
    if mask:
        cleared = _masked(source.data, original, mask)
        return cleared == bytes(target.data[ours.start : ours.end])
    return _same(source.data, (original.start, original.end), target.data, (ours.start, ours.end))


def _overlay_mask(source: Layout, target: Layout) -> bytes:
    """Return the bits that stay of a value, as stored, where overlays took others; else b""."""
    facts = _numbers(source)
    if not any(tag & ANY_OVERLAY == OVERLAY_BIT_POSITION for tag in facts):
        return b""
    gone = facts.keys() - _numbers(target).keys()
    drawn = {facts[tag] for tag in gone if tag & ANY_OVERLAY == OVERLAY_BIT_POSITION}
    if not drawn:
        return b""
    allocated = facts.get(BITS_ALLOCATED, 0)
    last = facts.get(HIGH_BIT, allocated)
    own = range(last - facts.get(BITS_STORED, allocated) + 1, last + 1)
    taken = sum(1 << bit for bit in drawn if 0 < bit < allocated and bit not in own)
    return ((1 << allocated) - 1 & ~taken).to_bytes((allocated + 7) // 8, "little")


def _numbers(layout: Layout) -> dict[int, int]:
    order: Literal["big", "little"] = "big" if layout.is_big_endian else "little"
    return {
        element.tag: int.from_bytes(layout.data[element.start : element.end][:2], order)
        for element in layout.marked
        if element.place.is_main
        and (
            element.tag in (BITS_ALLOCATED, BITS_STORED, HIGH_BIT)
            or element.tag & ANY_OVERLAY == OVERLAY_BIT_POSITION
        )
    }


def _masked(data: Bytes, element: Element, mask: bytes) -> bytes:
    values = bytes(data[element.start : element.end])
    stays = (mask * (len(values) // len(mask) + 1))[: len(values)]
    kept = int.from_bytes(values, "little") & int.from_bytes(stays, "little")
    return kept.to_bytes(len(values), "little")


def _same(left: Bytes, a: tuple[int, int], right: Bytes, b: tuple[int, int]) -> bool:
    length = a[1] - a[0]
    if length != b[1] - b[0]:
        # an odd length is made even by one zero byte (PS3.5 7.1.1)
        if abs(length - b[1] + b[0]) != 1:
            return False
        length = min(length, b[1] - b[0])
    return all(
        left[a[0] + at : a[0] + min(at + PIECE, length)]
        == right[b[0] + at : b[0] + min(at + PIECE, length)]
        for at in range(0, length, PIECE)
    )


def _is_equal_swapped(
    left: Bytes, original: Element, right: Bytes, ours: Element, width: int
) -> bool:
    if original.end - original.start != ours.end - ours.start:
        return False
    for at in range(0, ours.end - ours.start, PIECE):
        piece = bytearray(
            left[original.start + at : min(original.start + at + PIECE, original.end)]
        )
        swapped = bytearray(len(piece))
        for byte in range(width):
            swapped[byte::width] = piece[width - 1 - byte :: width]
        if bytes(swapped) != right[ours.start + at : min(ours.start + at + PIECE, ours.end)]:
            return False
    return True


def _essence(data: Bytes, element: Element) -> bytes:
    """Return a digest of all fragments without offsets, lengths and comment segments."""
    digest = hashlib.blake2b(digest_size=32)
    for piece in _image_pieces(data, element):
        digest.update(piece)
    return digest.digest()


def _image_pieces(data: Bytes, element: Element) -> Iterator[bytes]:
    for number, (start, end) in enumerate(fragments(data, element.start, element.end)):
        if number == 0:
            continue  # the Basic Offset Table: offsets change when a comment goes
        for comment_start, comment_end in [*comments(data, start, end), (end, end)]:
            for at in range(start, comment_start, PIECE):
                yield data[at : min(at + PIECE, comment_start)]
            start = comment_end
