"""The walk over one file: kept bytes are copied as ranges, changed elements are put between.

Positions count from `base`, where the window of the file that is in memory begins. Kept
neighbours form a run that is cut only where something changes; pixel data and other large
elements are never read but noted as ranges of the source file.

Source: DICOM PS3.5 sections 7.1, 7.5, 7.8 and Annex A.4.
"""

import os
from typing import Any

from deidentify.encoding import ITEM, SEQUENCE_END, UNDEFINED, pack_length, unpack_length
from deidentify.errors import Refused
from deidentify.fragments import passed_fragments
from deidentify.learning import Rewriter
from deidentify.sessions import Session
from deidentify.states import (
    CHARSET,
    COLLECT,
    CONSTANT,
    CREATOR,
    CROSS,
    DROP,
    ENTER,
    FOUND,
    ITEM_OVER,
    LATE,
    LONG_CONSTANT,
    LONG_KEEP,
    LONG_VALUE,
    PIXELS,
    PRIVATE,
    VALUE,
    State,
)
from deidentify.text import repaired
from deidentify.writes import ACCESSION_NUMBER

WINDOW = 16 * 1024
MOST_HEADER = 256 * 1024 * 1024
LARGE = 64 * 1024
DEEPEST = 60
_MISSING = object()

Chunk = bytes | tuple[int, int]


class Walk:
    """One pass over a data set.

    Args:
        rewriter: the plan with its tables.
        session: what is known about the patient, with its memories.
        descriptor: the open source file.
        base: where the data set begins.
        size: of the file.
    """

    def __init__(
        self, rewriter: Rewriter, session: Session, descriptor: int, base: int, size: int
    ) -> None:
        self.rewriter = rewriter
        self.session = session
        self.descriptor = descriptor
        self.base = base
        self.size = size
        self.buffer = os.pread(descriptor, WINDOW, base)
        self.chunks: list[Chunk] = []
        self.run = 0
        self.depth = 0
        self.found: dict[int, bytes] = {}
        self.collected: set[tuple[str, bytes, bytes]] = set()
        self.late: list[tuple[int, int]] = []
        self.changed: dict[str, int] = {}
        self.past_pixels = False
        self.charset = b""
        self.memories = session.memories(b"")

    # -- reading -----------------------------------------------------------------------------

    def need(self, end: int) -> bytes:
        """Have the file in memory up to `end`; return the window.

        Raises:
            Refused: the file ends before, or the header is absurdly large.
        """
        if end > len(self.buffer):
            if self.base + end > self.size:
                raise Refused("truncated")
            if end > MOST_HEADER:
                raise Refused("too-large")
            wanted = min(max(end, 4 * len(self.buffer)), self.size - self.base)
            self.buffer = os.pread(self.descriptor, wanted, self.base)
            if len(self.buffer) < end:
                raise Refused("truncated")
        return self.buffer

    def cut(self, run: int, position: int) -> None:
        """End the run of kept bytes at `position`."""
        if position - run > LARGE and position > len(self.buffer):
            self.chunks.append((self.base + run, self.base + position))
        elif position > run:
            self.chunks.append(self.need(position)[run:position])

    # -- the loop ----------------------------------------------------------------------------

    def walk(self, position: int, limit: int, state: State, *, undefined: bool) -> tuple[int, int]:
        """Walk the elements of a data set or item.

        Args:
            position: of the first element.
            limit: where the data set, or what holds it, ends.
            state: the tables to begin with.
            undefined: the item has no length of its own and ends with its delimiter.

        Returns:
            where it ended, and by how many bytes the output is longer than the source.
        """
        buffer = self.buffer
        chunks = self.chunks
        memories = self.memories
        changed = self.changed
        table = state.table
        run = self.run
        delta = 0
        pending: dict[int, tuple[int, bytes]] = {}
        while position < limit:
            step: Any = table.get(buffer[position : position + 8])
            if type(step) is int:
                position += step
                continue
            if step is None:
                step = self.rewriter.learn(self, state, position, limit)
                buffer = self.buffer
                if type(step) is int:
                    position += step
                    continue
            code = step[0]
            while code in (PRIVATE, COLLECT, FOUND, CHARSET):
                if code == PRIVATE:
                    waiting = pending.pop(step[1], None)
                    if waiting is not None:
                        chunks[waiting[0]] = waiting[1]
                        delta += len(waiting[1])
                        changed["X"] -= 1
                else:
                    self._note(step, position, limit)
                    buffer = self.buffer
                    memories = self.memories
                step = step[-1]
                code = 0 if type(step) is int else step[0]
            if code == 0:
                position += step
            elif code in (VALUE, LONG_VALUE):
                if code == VALUE:
                    length = step[1]
                else:
                    buffer = self.need(position + 12)
                    length = 12 + unpack_length(buffer, position + 8)[0]
                    self.check(position, length, limit)
                end = position + length
                if end > len(buffer):
                    buffer = self.need(end)
                element = buffer[position:end]
                letter = step[3]
                memory = memories[letter]
                new: Any = memory.get(element, _MISSING)
                if new is _MISSING:
                    new = step[2](self, element)
                    memory.keep(element, new)
                if new is not None:
                    if run < position:
                        self.cut(run, position)
                    chunks.append(new)
                    delta += len(new) - length
                    run = end
                    changed[letter[0]] = changed.get(letter[0], 0) + 1
                position = end
            elif code in (CONSTANT, LONG_CONSTANT):
                length = step[1]
                if code == LONG_CONSTANT:
                    buffer = self.need(position + 12)
                    length = 12 + unpack_length(buffer, position + 8)[0]
                    self.check(position, length, limit)
                if run < position:
                    self.cut(run, position)
                    buffer = self.buffer
                replacement = step[2]
                if replacement:
                    chunks.append(replacement)
                delta += len(replacement) - length
                changed[step[3]] = changed.get(step[3], 0) + 1
                position += length
                run = position
                if position > len(buffer) and not self.depth:
                    position, limit = self._jump(position, limit)
                    buffer, run = self.buffer, position
            elif code == CREATOR:
                if run < position:
                    self.cut(run, position)
                end = position + step[1]
                buffer = self.need(end)
                element = buffer[position:end]
                pending[step[2]] = (len(chunks), element)
                chunks.append(b"")
                delta -= len(element)
                changed["X"] = changed.get("X", 0) + 1
                name = element[step[3] :].decode("latin-1").strip(" \0")
                state = state.follow(element, step[2], name)
                table = state.table
                position = run = end
            elif code == CROSS:
                if run < position:
                    self.cut(run, position)
                run = position
                state = self.rewriter.cross(self, state, step[1])
                table = state.table
            elif code == LATE:
                if run < position:
                    self.cut(run, position)
                self.late.append((len(chunks), step[2]))
                chunks.append(b"")
                position += step[1]
                run = position
                changed["U"] = changed.get("U", 0) + 1
            elif code in (ENTER, DROP):
                self.run = run
                position, more = self._sequence(position, limit, step)
                run = self.run
                buffer = self.buffer
                delta += more
            elif code == LONG_KEEP:
                buffer = self.need(position + 12)
                length = 12 + unpack_length(buffer, position + 8)[0]
                self.check(position, length, limit)
                position += length
                if not self.depth and position > len(buffer) and length > LARGE:
                    chunks.append((self.base + run, self.base + position))
                    position, limit = self._jump(position, limit)
                    buffer, run = self.buffer, position
            elif code == PIXELS:
                start = position + step[1]
                (length,) = unpack_length(self.need(start), start - 4)
                if length != UNDEFINED:
                    self.check(start, length, limit)
                    position = start + length
                else:  # fragments are stepped over, of which the beginnings alone are read
                    base = self.base
                    position, patches = passed_fragments(
                        self.descriptor, base + start, base + limit
                    )
                    for place, instead in patches:
                        chunks += (base + run, place), instead
                        run = place + len(instead) - base
                        changed["B"] = changed.get("B", 0) + 1
                    position -= base
                if not self.depth:
                    self.past_pixels = True
                    chunks.append((self.base + run, self.base + position))
                    position, limit = self._jump(position, limit)
                    buffer, run = self.buffer, position
            elif code == ITEM_OVER:
                if not undefined:
                    raise Refused("bad-structure")
                self.run = run
                return position + 8, delta
        if position > limit:
            raise Refused("bad-length" if self.depth else "truncated")
        if undefined:
            raise Refused("truncated" if self.base + limit >= self.size else "bad-structure")
        self.run = run
        if not self.depth:
            if run < position:
                self.cut(run, position)
            self.run = position
            self.rewriter.finish(self, state)
        return position, delta

    def check(self, position: int, length: int, limit: int) -> None:
        """Refuse an element that claims to reach past what holds it."""
        if position + length > limit:
            raise Refused("bad-length" if self.depth else "truncated")

    def _jump(self, position: int, limit: int) -> tuple[int, int]:
        """Begin a new window at `position`, leaving what lies before unread."""
        self.base += position
        limit -= position
        if limit < 0:
            raise Refused("truncated")
        self.buffer = os.pread(self.descriptor, WINDOW, self.base) if limit else b""
        return 0, limit

    def _note(self, step: Any, position: int, limit: int) -> None:
        """Remember a value before it is changed."""
        code, what, header = step[0], step[1], step[2]
        buffer = self.need(position + header)
        if header == 12 or not step[3]:
            (length,) = unpack_length(buffer, position + header - 4)
        else:
            length = buffer[position + 6] | buffer[position + 7] << 8
        self.check(position, header + length, limit)
        if length > LARGE:
            return
        buffer = self.need(position + header + length)
        value = buffer[position + header : position + header + length]
        if code == COLLECT:
            if value.strip(b" \0"):
                self.collected.add((what, value, self.charset))
        elif code == FOUND:
            # mmiv-2019 hashes an Accession Number with whatever pads it.
            self.found[what] = value if what == ACCESSION_NUMBER else value.rstrip(b" \0")
        else:
            self.charset = repaired(value.strip(b" \0"))
            self.memories = self.session.memories(self.charset)

    # -- sequences ---------------------------------------------------------------------------

    def _sequence(self, position: int, limit: int, step: Any) -> tuple[int, int]:
        """Walk a sequence, or read and drop it; return its end and the difference in length."""
        code, header, child = step[0], step[1], step[2]
        buffer = self.need(position + header)
        (length,) = unpack_length(buffer, position + header - 4)
        if code == DROP:
            return self._dropped(position, limit, step, length)
        if length == 0:
            return position + header, 0
        if length != UNDEFINED:
            self.check(position, header + length, limit)
        charset, memories = self.charset, self.memories
        self.depth += 1
        if self.depth > DEEPEST:
            raise Refused("too-deep")
        if length == UNDEFINED:
            end, delta = self._items(position + header, limit, child, undefined=True)
        else:
            start = position + header
            self.cut(self.run, start - 4)
            slot = len(self.chunks)
            self.chunks.append(b"")
            self.run = start
            end, delta = self._items(start, start + length, child, undefined=False)
            self.chunks[slot] = pack_length(length + delta)
        self.depth -= 1
        self.charset, self.memories = charset, memories
        return end, delta

    def _items(
        self, position: int, limit: int, state: State, *, undefined: bool
    ) -> tuple[int, int]:
        delta = 0
        while position < limit:
            if position + 8 > limit:
                raise Refused("bad-structure")
            buffer = self.need(position + 8)
            mark = buffer[position : position + 4]
            if mark == ITEM:
                (length,) = unpack_length(buffer, position + 4)
                start = position + 8
                if length == UNDEFINED:
                    position, more = self.walk(start, limit, state, undefined=True)
                else:
                    self.check(start, length, limit)
                    self.cut(self.run, start - 4)
                    slot = len(self.chunks)
                    self.chunks.append(b"")
                    self.run = start
                    position, more = self.walk(start, start + length, state, undefined=False)
                    self.chunks[slot] = pack_length(length + more)
                delta += more
            elif buffer[position : position + 8] == SEQUENCE_END and undefined:
                return position + 8, delta
            else:
                raise Refused("bad-structure")
        if undefined:
            raise Refused("truncated" if self.base + limit >= self.size else "bad-structure")
        return position, delta

    def _dropped(self, position: int, limit: int, step: Any, length: int) -> tuple[int, int]:
        """Read a sequence for what it says about the patient, then leave it out."""
        header, child, replacement = step[1], step[2], step[3]
        self.cut(self.run, position)
        kept, counts = len(self.chunks), dict(self.changed)
        self.run = position + header
        self.depth += 1
        if self.depth > DEEPEST:
            raise Refused("too-deep")
        if length == UNDEFINED:
            end, _ = self._items(position + header, limit, child, undefined=True)
        else:
            self.check(position, header + length, limit)
            end = position + header + length
            depth = self.depth
            charset, memories = self.charset, self.memories
            try:
                self._items(position + header, end, child, undefined=False)
            except Refused:
                self.depth = depth  # what is broken and goes as a whole breaks nothing
            self.charset, self.memories = charset, memories
        self.depth -= 1
        del self.chunks[kept:]
        self.changed.clear()
        self.changed.update(counts)
        self.changed["X"] = self.changed.get("X", 0) + 1
        if replacement:
            self.chunks.append(replacement)
        self.run = end
        return end, len(replacement) - (end - position)
