"""What a walk notes before it goes on: who the patient is, what the result needs."""

from typing import Any

from deidentify.content import kind_by_concept
from deidentify.encoding import unpack_length
from deidentify.rare_steps import LARGE
from deidentify.states import CARRIED, COLLECT, CONCEPT, FOUND, State
from deidentify.text import repaired
from deidentify.under_way import UnderWay
from deidentify.writes import ACCESSION_NUMBER


def note(walk: UnderWay, step: Any, position: int, limit: int, state: State) -> State:
    """Remember a value before it is changed; return the state that holds from here on.

    Args:
        walk: on its way.
        step: begins with one of the codes of what is noted (states.py).
        position: of the element.
        limit: where what holds it ends.
        state: in which it stands.
    """
    walk.noted += 1
    code, what, header = step[0], step[1], step[2]
    if code == CARRIED:
        start = position + (12 if state.explicit else 8)
        (length,) = unpack_length(walk.window.need(start), start - 4)
        if length and not walk.dropping:
            walk.found[what] = b""
        return state
    start = position + header
    buffer = walk.window.need(start)
    if header == 12 or not step[3]:
        (length,) = unpack_length(buffer, start - 4)
    else:
        length = buffer[position + 6] | buffer[position + 7] << 8
    walk.window.check(start, length, limit)
    if length > LARGE:
        return state
    value = walk.window.need(start + length)[start : start + length]
    if code == COLLECT:
        if value.strip(b" \0"):
            walk.collected.add((what, value, state.charset))
    elif code == CONCEPT:
        buffer = walk.window.buffer
        kind = kind_by_concept(buffer, position, explicit=state.explicit)
        if kind and value.strip(b" \0"):
            walk.collected.add((kind, value, state.charset))
    elif code == FOUND:
        # mmiv-2019 hashes an Accession Number with whatever pads it.
        walk.found[what] = value if what == ACCESSION_NUMBER else value.rstrip(b" \0")
    else:
        return state.in_charset(repaired(value.strip(b" \0")))
    return state
