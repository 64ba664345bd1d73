"""Passages: runs of elements that stand in one image of a series as they stood in another.

Most of a header is the same throughout a series. What a walk made of such a run, element by
element, is kept whole, and the next image that has the same bytes in the same state gets it by
one comparison. Only what differs from image to image is then still looked at singly. A passage
never decides anything: it repeats what its elements became, and when they are not there to the
last byte, they are taken one by one.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple, Protocol

from deidentify.errors import Refused
from deidentify.pixel_data import Chunk
from deidentify.states import PASSAGE, State
from deidentify.window import Window

MOST_PASSAGE = 64 * 1024
MOST_SIDE_BY_SIDE = 4
GOOD = 0.5
NEARLY_AS_GOOD = 0.8
MOST_PATIENCE = 256

Collected = frozenset[tuple[str, bytes, bytes]]


class Passage(NamedTuple):
    """What became of a run of elements.

    Args:
        source: their bytes.
        length: of them.
        chunks: what is written instead; None if they stay as they are.
        late: which of the chunks are filled at the end, with the tag of each.
        found: values noted for the result.
        collected: values that say who the patient is.
        changed: letters and how many elements they changed.
        state: behind the run.
        group: of the first element; if private, no creator of it may be waiting.
    """

    source: bytes
    length: int
    chunks: tuple[bytes, ...] | None
    late: tuple[tuple[int, int], ...]
    found: Mapping[int, bytes]
    collected: Collected
    changed: tuple[tuple[str, int], ...]
    state: State
    group: int


class Piece(NamedTuple):
    """What became of one element, as a Passage of one, taken from the state `before`."""

    end: int
    before: State
    passage: Passage


class ElementByElement(Protocol):
    """A walk over a header in memory (walk.Walk is the one)."""

    window: Window
    state: State
    chunks: list[Chunk]
    run: int
    late: list[tuple[int, int]]
    changed: defaultdict[str, int]
    found: dict[int, bytes]
    collected: set[tuple[str, bytes, bytes]]
    waiting: dict[int, tuple[int, bytes]]

    def clear(self) -> None:
        """Forget what was found and written."""

    def keep(self, end: int) -> None:
        """End the run of kept bytes at `end`."""

    def settle(self) -> None:
        """Read the ranges that are in memory, with the lengths of changed sequences put right."""

    def take(self, position: int, stop: int, limit: int, state: State) -> int:
        """Walk the elements from `position` on that begin before `stop`."""


class Series:
    """What the images of one series have shown: the last header, and whether passages help."""

    def __init__(self) -> None:
        self._previous = b""
        self._best = 0.0
        self._poor = 0
        self._patience = 1

    def is_to_be_learned(self, header: bytes, matched: int) -> bool:
        """Whether passages are to be drawn from this header and the one before.

        Args:
            header: of an image just walked, up to its pixel data.
            matched: how many of its bytes were in passages.
        """
        share = matched / (len(header) or 1)
        if share >= GOOD and share >= self._best * NEARLY_AS_GOOD:
            self._best = max(self._best, share)
            self._poor, self._patience = 0, 2
            return False
        self._poor += 1
        if self._poor < self._patience or not self._previous:
            self._previous = header
            return False
        # A series that has nothing in common is not compared for ever.
        self._poor, self._patience = 0, min(2 * self._patience, MOST_PATIENCE)
        return True

    def learn(self, walk: ElementByElement, state: State) -> None:
        """Draw passages from a header by comparing it with the one before.

        Args:
            walk: over the header, which its window holds as a whole.
            state: the root.
        """
        header = walk.window.header
        previous, self._previous = self._previous, header
        run: list[Piece] = []
        position = length = 0
        while position + 8 < len(header):
            try:
                piece = _piece(walk, position, state)
            except Refused:
                break
            if piece is None:
                break
            is_common = piece.passage.length <= MOST_PASSAGE and piece.passage.source in previous
            if not is_common or length > MOST_PASSAGE:
                _keep(run)
                run, length = [], 0
            if is_common:
                run.append(piece)
                length += piece.passage.length
            position, state = piece.end, piece.passage.state
        _keep(run)


def _piece(walk: ElementByElement, position: int, state: State) -> Piece | None:
    """Take one element, and those behind it that its private creator waits for.

    None if it is not in memory as a whole.
    """
    walk.clear()
    walk.run = position
    base, limit, header = walk.window.base, walk.window.left, walk.window.header
    group, end, after = header[position : position + 2], position, state
    while end == position or (walk.waiting and header[end : end + 2] == group):
        end, after = walk.take(end, end + 1, limit, after), walk.state
        if walk.window.base != base or end > len(header):
            return None
    stays = walk.run == position and not walk.chunks
    walk.keep(end)
    walk.settle()
    chunks = tuple(chunk for chunk in walk.chunks if isinstance(chunk, bytes))
    if len(chunks) < len(walk.chunks):
        return None
    return Piece(
        end,
        state,
        Passage(
            source=header[position:end],
            length=end - position,
            chunks=None if stays else chunks,
            late=tuple(walk.late),
            found=walk.found,
            collected=frozenset(walk.collected),
            changed=tuple(walk.changed.items()),
            state=after,
            group=int.from_bytes(group, "little"),
        ),
    )


def _keep(run: list[Piece]) -> None:
    """Keep a run as a passage."""
    if not run or (len(run) == 1 and run[0].passage.chunks is None):
        return
    head, before = run[0].passage.source[:8], run[0].before
    passage = _joined([piece.passage for piece in run])
    step = before.table.get(head)
    side_by_side = 0
    other = step
    while isinstance(other, tuple) and other[0] == PASSAGE:
        if other[1].source == passage.source:
            return
        side_by_side += 1
        other = other[2]
    before.learn(head, (PASSAGE, passage, other if side_by_side >= MOST_SIDE_BY_SIDE else step))


def _joined(passages: list[Passage]) -> Passage:
    chunks: list[bytes] = []
    late: list[tuple[int, int]] = []
    found: dict[int, bytes] = {}
    changed: dict[str, int] = {}
    waiting: list[bytes] = []
    for passage in passages:
        slots = dict(passage.late)
        written = (passage.source,) if passage.chunks is None else passage.chunks
        for number, chunk in enumerate(written):
            if number in slots:
                chunks += [b"".join(waiting), b""]
                waiting = []
                late.append((len(chunks) - 1, slots[number]))
            else:
                waiting.append(chunk)
        found.update(passage.found)
        for letter, count in passage.changed:
            changed[letter] = changed.get(letter, 0) + count
    chunks.append(b"".join(waiting))
    source = b"".join(passage.source for passage in passages)
    stays = all(passage.chunks is None for passage in passages)
    return Passage(
        source=source,
        length=len(source),
        chunks=None if stays else tuple(chunks),
        late=tuple(late),
        found=found,
        collected=frozenset().union(*(passage.collected for passage in passages)),
        changed=tuple((letter, count) for letter, count in changed.items() if count),
        state=passages[-1].state,
        group=passages[0].group,
    )
