"""What a walk over one file looks like to those who take its steps (walk.Walk is the one)."""

from collections import defaultdict
from typing import Protocol

from deidentify.pixel_data import Chunk
from deidentify.sessions import Session
from deidentify.states import State
from deidentify.window import Window


class Writes(Protocol):
    """Who knows what de-identification writes (learning.Rewriter is the one)."""

    def cross(self, walk: "UnderWay", state: State, tag: int) -> State:
        """Write what belongs before `tag`; return the state behind it."""


class UnderWay(Protocol):
    """A walk over one file, as walk.Walk describes it."""

    session: Session
    window: Window
    state: State
    chunks: list[Chunk]
    run: int
    delta: int
    late: list[tuple[int, int]]
    found: dict[int, bytes]
    collected: set[tuple[str, bytes, bytes]]
    noted: int
    changed: defaultdict[str, int]
    lengths: list[tuple[int, int]]
    waiting: dict[int, tuple[int, bytes]]
    charset: bytes
    depth: int
    dropping: int
    is_inside: bool
    past_pixels: bool

    @property
    def rewriter(self) -> Writes:
        """The plan with its tables."""

    def keep(self, end: int) -> None:
        """End the run of kept bytes at `end`."""

    def settle(self) -> None:
        """Read the ranges that are in memory, with the lengths of changed sequences put right."""

    def replace(self, new: bytes, start: int, end: int, letter: str) -> None:
        """Put `new` in the place of the bytes from `start` to `end`, where the run was cut."""

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
        """Walk elements, or the items of a sequence, and everything inside them."""
