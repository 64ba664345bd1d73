"""The steps a header needs once or twice: creators, writes, large elements, dropped sequences.

They are apart from the walk's loop, which is kept to what an element of every kind needs.
"""

from collections.abc import Callable
from typing import Any

from deidentify.encoding import SEQUENCE_END, UNDEFINED, pack_length, unpack_length
from deidentify.errors import Refused
from deidentify.output import length_of
from deidentify.pixel_data import Masked, own_bits, passed_fragments
from deidentify.states import (
    CREATOR,
    CROSS,
    DROP,
    JOIN,
    LATE,
    LONG_CONSTANT,
    LONG_KEEP,
    PIXELS,
)
from deidentify.under_way import UnderWay

LARGE = 64 * 1024
DEEPEST = 60

RareStep = Callable[[UnderWay, Any, int, int], int]


def _creator(walk: UnderWay, step: Any, position: int, limit: int) -> int:
    """A private creator: written when the first element it vouches for stays."""
    end = position + step[1]
    element = walk.window.need(end)[position:end]
    walk.keep(position)
    walk.waiting[step[2]] = (len(walk.chunks), element)
    walk.replace(b"", position, end, "X")
    name = element[step[3] :].decode("latin-1").strip(" \0")
    walk.state = walk.state.follow(element, step[2], name)
    return end


def _cross(walk: UnderWay, step: Any, position: int, limit: int) -> int:
    walk.keep(position)
    walk.state = walk.rewriter.cross(walk, walk.state, step[1])
    return position


def _late(walk: UnderWay, step: Any, position: int, limit: int) -> int:
    walk.keep(position)
    walk.late.append((len(walk.chunks), step[2]))
    end = position + step[1]
    walk.replace(b"", position, end, "U")
    return end


def _whole(walk: UnderWay, position: int, limit: int) -> int:
    """The end of an element whose length stands in its bytes 8 to 12."""
    (length,) = unpack_length(walk.window.need(position + 12), position + 8)
    walk.window.check(position, 12 + length, limit)
    return position + 12 + int(length)


def _long_constant(walk: UnderWay, step: Any, position: int, limit: int) -> int:
    end = _whole(walk, position, limit)
    walk.keep(position)
    walk.replace(step[2], position, end, step[3])
    return _passed(walk, position, end)


def _long_keep(walk: UnderWay, step: Any, position: int, limit: int) -> int:
    end = _whole(walk, position, limit)
    if end - position <= LARGE or walk.is_inside or end <= len(walk.window.buffer):
        return end
    walk.keep(end)
    return _passed(walk, position, end)


def _passed(walk: UnderWay, start: int, end: int) -> int:
    """Go on behind a large element that is not needed in memory."""
    if end <= len(walk.window.buffer) or walk.is_inside:
        return end
    walk.settle()
    walk.window.jump(start, end)
    walk.run = 0
    return 0


def _pixels(walk: UnderWay, step: Any, position: int, limit: int) -> int:
    """Pixel data: a range of the source, in which only what is no image is overwritten."""
    window = walk.window
    start = position + step[1]
    (length,) = unpack_length(window.need(start), start - 4)
    mask = b"" if walk.is_inside else own_bits(walk.found, window.descriptor)
    if length != UNDEFINED:
        window.check(start, length, limit)
        end = start + int(length)
        if mask:
            walk.keep(start)
            walk.chunks.append(Masked(window.base + start, window.base + end, mask))
            walk.changed["B"] += 1
            walk.run = end
    elif mask:
        raise Refused("embedded-graphics", "PixelData")
    else:
        after, patches = passed_fragments(
            window.descriptor, window.base + start, window.base + limit
        )
        end = after - window.base
        for place, instead in patches:
            walk.keep(place - window.base)
            walk.chunks.append(instead)
            walk.run = place + len(instead) - window.base
            walk.changed["B"] += 1
    if walk.is_inside:
        return end
    walk.past_pixels = True
    if end > walk.run:
        walk.keep(end)
    walk.settle()
    window.jump(position, end)
    walk.run = 0
    return 0


def _drop(walk: UnderWay, step: Any, position: int, limit: int) -> int:
    """Read a sequence for what it says about the patient, then leave it out."""
    header, child, replacement = step[1], step[2], step[3]
    start = position + header
    (length,) = unpack_length(walk.window.need(start), start - 4)
    walk.keep(position)
    chunks, changed, state, delta = walk.chunks, dict(walk.changed), walk.state, walk.delta
    lengths = len(walk.lengths)
    waiting, inside = walk.waiting, walk.is_inside
    walk.chunks, walk.waiting, walk.is_inside = [], {}, True
    walk.dropping += 1
    if walk.dropping > DEEPEST:
        raise Refused("too-deep")
    walk.run = start
    if length == UNDEFINED:
        end = walk.take(start, limit, limit, child, is_sequence=True, undefined=True)
    else:
        walk.window.check(start, length, limit)
        end = start + length
        dropping = walk.dropping
        try:
            walk.take(start, end, end, child, is_sequence=True, undefined=False)
        except Refused:
            walk.dropping = dropping  # what is broken and goes as a whole breaks nothing
    walk.dropping -= 1
    walk.chunks, walk.state, walk.delta = chunks, state, delta
    walk.waiting, walk.is_inside = waiting, inside
    del walk.lengths[lengths:]
    walk.changed.clear()
    walk.changed.update(changed)
    walk.replace(replacement, position, end, "X")
    return end


def _join(walk: UnderWay, step: Any, position: int, limit: int) -> int:
    """A sequence that gets one more item: the new one first, then those that stood there."""
    header, child, item = step[1], step[2], step[3]
    start = position + header
    (length,) = unpack_length(walk.window.need(start), start - 4)
    walk.keep(start - 4)
    slot = len(walk.chunks)
    walk.chunks += [b"", item]
    walk.run = start
    state, delta, waiting, inside = walk.state, walk.delta, walk.waiting, walk.is_inside
    walk.waiting, walk.is_inside = {}, True
    if length == UNDEFINED:
        end = walk.take(start, limit, limit, child, is_sequence=True, undefined=True)
        walk.keep(end - len(SEQUENCE_END))  # the length is known from here on
        walk.run = end
    else:
        end = start + int(length)
        walk.window.check(start, end - start, limit)
        walk.take(start, end, end, child, is_sequence=True, undefined=False)
        walk.keep(end)
    walk.chunks[slot] = pack_length(length_of(walk.chunks[slot + 1 :]))
    walk.state, walk.delta = state, delta
    walk.waiting, walk.is_inside = waiting, inside
    return end


RARE: dict[int, RareStep] = {
    JOIN: _join,
    LONG_CONSTANT: _long_constant,
    LONG_KEEP: _long_keep,
    DROP: _drop,
    LATE: _late,
    CREATOR: _creator,
    CROSS: _cross,
    PIXELS: _pixels,
}
