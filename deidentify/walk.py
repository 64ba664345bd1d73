"""The walk over one file: kept bytes are copied as ranges, changed elements are put between.

Kept neighbours form a run that is cut only where something changes; pixel data and other large
elements are never read but noted as ranges of the source file. Sequences and their items are
levels on a stack, not calls: the loop is one, and it is where the time goes.

Source: DICOM PS3.5 sections 7.1, 7.5, 7.8 and Annex A.4.
"""

from collections import defaultdict
from typing import Any

from deidentify.changes import NewUids
from deidentify.encoding import ITEM, SEQUENCE_END, UNDEFINED, pack_length, unpack_length
from deidentify.errors import Refused
from deidentify.learning import Rewriter
from deidentify.notes import note
from deidentify.pixel_data import Chunk
from deidentify.rare_steps import DEEPEST, LARGE, RARE
from deidentify.references import Reference, pass_references
from deidentify.sessions import Session
from deidentify.states import (
    CONSTANT,
    ENTER,
    LARGE_VALUE,
    LONG_VALUE,
    MOST_REMEMBERED,
    OPEN,
    PASSAGE,
    PRIVATE,
    SEQUENCE_OVER,
    VALUE,
    State,
)
from deidentify.window import Window

SHORT = 256
_MISSING = object()


class Walk:
    """One pass over a data set.

    Args:
        rewriter: the plan with its tables.
        session: what is known about the patient.
        window: on the open source file.

    Attributes:
        chunks: the output so far: bytes, or ranges of the source file.
        run: where the kept bytes begin that are not among the chunks yet.
        found, collected: values noted for the result, and those that say who the patient is.
        lengths: places in the file of sequences' lengths that have changed, and the new ones.
        settled: how many of the chunks need not be looked at again.
        late: chunks that are filled at the end, each with a tag.
        changed: letter of decisions.ACTIONS -> how many elements it changed.
        matched: how many bytes were in passages.
        noted: how many values were noted.
        waiting: block -> slot and bytes of a private creator for which nothing stayed yet.
        is_inside: a sequence.
    """

    def __init__(self, rewriter: Rewriter, session: Session, window: Window) -> None:
        self.rewriter = rewriter
        self.session = session
        self.window = window
        self.state: State
        self.run = 0
        self.delta = 0
        self.depth = 0
        self.dropping = 0
        self.is_inside = False
        self.past_pixels = False
        self.charset = b""
        self.matched = 0
        self.noted = 0
        self.clear()

    def clear(self) -> None:
        """Forget what was found and written."""
        self.chunks: list[Chunk] = []
        self.found: dict[int, bytes] = {}
        self.collected: set[tuple[str, bytes, bytes]] = set()
        self.late: list[tuple[int, int]] = []
        self.changed: defaultdict[str, int] = defaultdict(int)
        self.waiting: dict[int, tuple[int, bytes]] = {}
        self.lengths: list[tuple[int, int]] = []
        self.settled = 0

    # -- writing -----------------------------------------------------------------------------

    def keep(self, end: int) -> None:
        """End the run of kept bytes at `end`."""
        base, held = self.window.base, len(self.window.buffer)
        if end - self.run > LARGE and self.run < held < end:
            # What is in memory may yet be corrected; the rest is copied block by block.
            self.chunks.append((base + self.run, base + held))
            self.run = held
        if end > self.run:
            self.chunks.append((base + self.run, base + end))
        self.run = end

    def settle(self) -> None:
        """Read the ranges that are in memory, with the lengths of changed sequences put right."""
        window, chunks = self.window, self.chunks
        base, buffer = window.base, window.buffer
        if self.lengths:
            first = min(place for place, _ in self.lengths) - base
            last = max(place for place, _ in self.lengths) - base + 4
            corrected = bytearray(buffer[first:last])
            for place, length in self.lengths:
                start = place - base - first
                corrected[start : start + 4] = pack_length(length)
            buffer = b"".join((buffer[:first], corrected, buffer[last:]))
            self.lengths = []
        held = len(buffer)
        for number in range(self.settled, len(chunks)):
            chunk = chunks[number]
            if type(chunk) is tuple:
                start, end = chunk[0] - base, chunk[1] - base
                if end <= held:
                    chunks[number] = buffer[start:end]
                elif end - start <= LARGE and start < held:
                    chunks[number] = buffer[start:] + window.need(end)[held:end]
        self.settled = len(chunks)

    def replace(self, new: bytes, start: int, end: int, letter: str) -> None:
        """Put `new` in the place of the bytes from `start` to `end`, where the run was cut."""
        self.chunks.append(new)
        self.delta += len(new) - (end - start)
        self.changed[letter] += 1
        self.run = end

    # -- the loop ----------------------------------------------------------------------------

    def data_set(self, state: State) -> None:
        """Walk the whole data set, and write what is still to be written at its end.

        Raises:
            Refused: it cannot be walked.
        """
        window = self.window
        end = self.take(0, window.left, window.left, state)
        if end > window.left:
            raise Refused("truncated")
        if not window.header:
            window.header = window.buffer[:end]
        self.keep(end)
        self.settle()
        self.rewriter.finish(self, self.state)

    def take(
        self,
        position: int,
        stop: int,
        limit: int,
        state: State,
        *,
        is_sequence: bool = False,
        undefined: bool = False,
    ) -> int:
        """Walk elements, or the items of a sequence, and everything inside them.

        Args:
            position: of the first.
            stop: no element that begins here or later is taken.
            limit: where the data set, or the sequence, ends.
            state: the tables to begin with; self.state is where it ended.
            is_sequence: items are taken.
            undefined: there is no limit; a delimiter ends it.

        Returns:
            where it ended.
        """
        window, buffer, base = self.window, self.window.buffer, self.window.base
        chunks, changed, waiting, run = self.chunks, self.changed, self.waiting, self.run
        inside = self.is_inside
        table: dict[bytes, Any] = state.items if is_sequence else state.table
        stack: list[Any] = []
        slot = length = delta = mark = 0
        changer: Any = None
        learns = self.rewriter.listener is None  # who listens hears of every element
        while True:
            while position < stop:
                step: Any = table.get(buffer[position : position + 8])
                if type(step) is int:
                    position += step
                    continue
                if step is None:
                    if table is state.items:
                        step = self._item(state, position)
                    else:
                        step = self.rewriter.learn(self, state, position, limit)
                    buffer = window.buffer
                    if type(step) is int:
                        position += step
                        continue
                code = step[0]
                while code == PASSAGE:
                    passage = step[1]
                    end = position + passage.length
                    if end > len(buffer) and end <= limit:
                        buffer = window.need(end)
                    if buffer.startswith(passage.source, position) and not (
                        passage.group & 1 and _waits(waiting, passage.group)
                    ):
                        break
                    step = step[2] or self.rewriter.learn(self, state, position, limit, anew=True)
                    buffer = window.buffer
                    code = 0 if type(step) is int else step[0]
                while code >= PRIVATE:
                    if code == PRIVATE:
                        creator = waiting.pop(step[1], None)
                        if creator is not None:
                            chunks[creator[0]] = creator[1]
                            delta += len(creator[1])
                            changed["X"] -= 1
                    else:
                        state = note(self, step, position, limit, state)
                        table, buffer = state.table, window.buffer
                    step = step[-1]
                    code = 0 if type(step) is int else step[0]
                if code == 0:
                    position += step
                elif code == PASSAGE:
                    if passage.chunks is not None:
                        if run < position:
                            chunks.append((base + run, base + position))
                        for number, tag in passage.late:
                            self.late.append((len(chunks) + number, tag))
                        chunks += passage.chunks
                        run = end
                        for letter, count in passage.changed:
                            changed[letter] += count
                    self.found.update(passage.found)
                    self.collected |= passage.collected
                    self.matched += passage.length
                    state = passage.state
                    table = state.table
                    position = end
                elif code <= LONG_VALUE:
                    if code == VALUE:
                        end = position + step[1]
                    else:
                        buffer = window.need(position + 12)
                        end = position + 12 + unpack_length(buffer, position + 8)[0]
                        window.check(position, end - position, limit)
                    if end > len(buffer):
                        buffer = window.need(end)
                    element = buffer[position:end]
                    memory = state.memory
                    new: Any = memory.get(element, _MISSING)
                    if new is _MISSING:
                        self.charset = state.charset
                        new = step[2](self, element)
                        if len(element) <= LARGE_VALUE and len(memory) < MOST_REMEMBERED:
                            memory[element] = new
                        else:
                            memory.keep(element, new)
                    if new is not None:
                        if run < position:
                            chunks.append((base + run, base + position))
                        chunks.append(new)
                        delta += len(new) - len(element)
                        run = end
                        changed[step[3]] += 1
                        changer = step if type(step[2]) is NewUids and code == VALUE else None
                    position = end
                elif code <= ENTER:
                    if code == OPEN:
                        if state.reference is not None:
                            self.run, self.delta = run, delta
                            end = pass_references(self, state, position, stop)
                            run, delta = self.run, self.delta
                            if end > position:
                                position = end
                                continue
                        start, size, inner, changer = position + 8, step[1], state, None
                    else:
                        start, inner = position + step[1], step[2]
                        buffer = window.need(start)
                        (size,) = unpack_length(buffer, start - 4)
                        if size <= SHORT and start + size <= limit:
                            # Functional groups are the same in frame after frame.
                            end = start + size
                            if end > len(buffer):
                                buffer = window.need(end)
                            if not size or buffer[start:end] in inner.quiet:
                                position = end
                                continue
                    stack.append(
                        (stop, limit, state, table, waiting, slot, length, delta, undefined, mark)
                    )
                    mark = len(chunks) + self.noted
                    if len(stack) > 2 * DEEPEST:
                        raise Refused("too-deep")
                    state, slot, length, delta, waiting = inner, start - 4, size, 0, {}
                    table = state.table if code == OPEN else state.items
                    undefined = size == UNDEFINED
                    stop = limit
                    if not undefined:
                        stop = start + size
                        if stop > limit:
                            raise Refused("bad-length" if len(stack) > 1 else "truncated")
                        limit = stop
                    position = start
                elif code == CONSTANT:
                    if run < position:
                        chunks.append((base + run, base + position))
                    chunks.append(step[2])
                    delta += len(step[2]) - step[1]
                    changed[step[3]] += 1
                    position += step[1]
                    run = position
                elif code <= SEQUENCE_OVER:
                    if not undefined:
                        raise Refused("bad-structure")
                    position += 8
                    if not stack:
                        undefined = False
                        break
                    more, changer = delta, None
                    (
                        stop, limit, state, table, waiting, slot, length, delta, undefined, mark
                    ) = stack.pop()  # fmt: skip
                    delta += more
                else:
                    self.run, self.state, self.delta, self.waiting = run, state, delta, waiting
                    self.is_inside = inside or bool(stack)
                    position = RARE[code](self, step, position, limit)
                    run, state, delta, buffer = self.run, self.state, self.delta, window.buffer
                    table = state.items if table is state.items else state.table
                    if window.base != base:
                        base = window.base
                        stop = limit = window.left
            if undefined:
                raise Refused("truncated" if limit >= window.left else "bad-structure")
            if not stack:
                break
            if position > limit:
                raise Refused("bad-length")
            if delta:
                self.lengths.append((base + slot, length + delta))
            if learns:
                grown = len(chunks) + self.noted - mark
                if table is state.items:
                    if not grown and length <= SHORT and not delta:
                        state.learn_quiet(buffer[slot + 4 : slot + 4 + length])
                elif grown == 2 and changer and state is stack[-1][2]:
                    value = run - changer[1] + 8
                    state.reference = Reference.of(
                        buffer[slot - 4 : value], run - value, buffer[run:position], changer[2]
                    )
            more, changer = delta, None
            (
                stop, limit, state, table, waiting, slot, length, delta, undefined, mark
            ) = stack.pop()  # fmt: skip
            delta += more
        self.run, self.state, self.waiting, self.is_inside = run, state, waiting, inside
        return position

    def _item(self, state: State, position: int) -> Any:
        """The step for what stands where an item has to begin."""
        head = self.window.need(position + 8)[position : position + 8]
        known = state.items.get(head)
        if known is not None:
            return known
        if head[:4] == ITEM:
            step: Any = (OPEN, unpack_length(head, 4)[0])
        elif head == SEQUENCE_END:
            step = (SEQUENCE_OVER,)
        else:
            raise Refused("bad-structure")
        state.learn_item(head, step)
        return step


def _waits(waiting: dict[int, tuple[int, bytes]], group: int) -> bool:
    """Whether a private creator of the group has not been written yet."""
    return any(block >> 8 == group for block in waiting)
