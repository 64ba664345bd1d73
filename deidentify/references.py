"""Items that are alike but for one UID: references to other instances.

An image can refer to dozens of others, by items that hold a SOP class and a UID each. What such
an item looks like is learned from one; the next ones are compared with it at once, and only their
UIDs are looked at.

Source: DICOM PS3.3 section 10.8 (SOP Instance Reference Macro).
"""

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
    run, delta, count = walk.run, walk.delta, 0
    before = len(head) - 8  # the head ends with tag, VR and length of the UID
    size = before + span + len(tail)
    last = min(stop, len(buffer)) - size
    while position <= last and buffer.startswith(head, position):
        start = position + before
        end = start + span
        if tail and not buffer.startswith(tail, end):
            break
        new = change(walk, buffer[start:end])
        if new is not None:
            chunks.append((base + run, base + start))
            chunks.append(new)
            run = end
            count += 1
            if len(new) != span:
                delta += len(new) - span
                walk.lengths.append((base + position + 4, size - 8 + len(new) - span))
        position += size
    walk.run, walk.delta = run, delta
    if count:
        walk.changed["U"] += count
    return position
