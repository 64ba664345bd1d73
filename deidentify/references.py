"""Items that are alike but for one UID: references to other instances.

An image can refer to dozens of others, by items that hold a SOP class and a UID each. What such
an item looks like is learned from one; the next ones are compared with it at once, and only their
UIDs are looked at.

Source: DICOM PS3.3 section 10.8 (SOP Instance Reference Macro).
"""

from deidentify.encoding import pack_length
from deidentify.states import State
from deidentify.under_way import UnderWay


def pass_references(walk: UnderWay, state: State, position: int, stop: int) -> int:
    """Take as many items as are alike; return where the first other one begins.

    Args:
        walk: on its way; its run and delta go on.
        state: of the items.
        position: of the first.
        stop: where the sequence, or what is known of it, ends.
    """
    reference = state.reference
    if reference is None:
        return position
    head, span, change, tail = reference
    buffer, chunks, base = walk.window.buffer, walk.chunks, walk.window.base
    before = len(head) - 8  # the head ends with tag, VR and length of the UID
    size = before + span + len(tail)
    last = min(stop, len(buffer)) - size
    beginnings: dict[int, bytes] = {}
    first, kept = position, 0
    while position <= last and buffer.startswith(head, position):
        start = position + before
        end = start + span
        if tail and not buffer.startswith(tail, end):
            break
        if position == first and walk.run < position:
            chunks.append((base + walk.run, base + position))
        element = buffer[start:end]
        new = change(walk, element)
        if new is None:
            new = element
            kept += 1
        beginning = beginnings.get(len(new))
        if beginning is None:
            length = pack_length(size - 8 + len(new) - span)
            beginning = beginnings[len(new)] = head[:4] + length + head[8:-8]
        chunks.append(beginning + new + tail)
        walk.delta += len(new) - span
        position += size
    if position > first:
        walk.run = position
        walk.changed["U"] += (position - first) // size - kept
    return position
