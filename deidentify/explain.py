"""Explaining a plan on a file: for every element, what becomes of it and which row says so.

The file takes the very way it takes when it is rewritten, with somebody listening at each
element and nothing written; so what is told here is what would happen. No value is told
unless it is asked for.
"""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path

from deidentify import iod_types
from deidentify.changes import Met
from deidentify.decisions import ACTIONS, PIXELS, Decision, Where
from deidentify.elements import LONG_VRS, keyword
from deidentify.encoding import ITEM, UNDEFINED, unpack_length, unpack_short
from deidentify.file_meta import MOST_META, PREAMBLE
from deidentify.known import Known
from deidentify.learning import Rewriter
from deidentify.plan import Plan
from deidentify.rewrite import rewrite
from deidentify.states import (
    CHARSET,
    COLLECT,
    CONSTANT,
    DROP,
    ENTER,
    FOUND,
    JOIN,
    LATE,
    LONG_CONSTANT,
    LONG_VALUE,
    PRIVATE,
    VALUE,
    State,
    Step,
)
from deidentify.under_way import UnderWay
from deidentify.value_classes import shown, value_class

CREATOR_STAYS = "stays with the first element it vouches for"
CREATOR_GOES = "no element that it vouches for stays"
# What file_meta.write_meta carries over, changes or makes anew; all else of group 2 goes.
META = {0x02: "K", 0x03: "U", 0x10: "K"}
META_ANEW = frozenset({0x00, 0x01, 0x12, 0x13})
LARGE = 64 * 1024


@dataclass(frozen=True)
class Line:
    """What becomes of one element.

    Args:
        path: `(gggg,eeee)` or `(gggg,"CREATOR",ee)`, after the ways through sequences, each
            with the number of its item, counted from 1.
        keyword: of the data dictionary, "" if it has none.
        vr: what the element really is.
        kind: of its value, in words.
        action: a letter of decisions.ACTIONS.
        meaning: the same in words.
        outcome: `stays`, `changed`, `removed`, `emptied`, `written`, `entered`.
        because: the row of the layer that decided.
        value: "" unless values were asked for.
    """

    path: str
    keyword: str
    vr: str
    kind: str
    action: str
    meaning: str
    outcome: str
    because: str
    value: str = ""


@dataclass(frozen=True)
class _Way:
    """Where a listener stands: inside which sequence, at which of its items."""

    path: str
    is_dropped: bool = False
    item: int = 0


class Explainer:
    """Explains one plan on any number of files.

    Args:
        plan: compiled for whoever the files are about.
        show_values: tell values as well; for local eyes only.
    """

    def __init__(self, plan: Plan, *, show_values: bool = False) -> None:
        self.plan = copy(plan)
        self.plan.cache = {"rewriter": Rewriter(self.plan, self._hear)}
        self.show_values = show_values
        self._walk: UnderWay | None = None
        self._lines: list[Line] = []
        self._ways: list[_Way] = []
        self._creators: dict[tuple[str, int], int] = {}

    def explain(self, source: Path, *, known: Known | None = None, apart: str = "") -> list[Line]:
        """Return a line for every element of the file and for each that is written into it.

        Args:
            source: any file.
            known, apart: as in rewrite.rewrite.

        Raises:
            Refused: the file would be refused, and why; `heard` is what was read until then.
        """
        self._walk, self._lines = None, []
        rewrite(source, None, self.plan, known=known, apart=apart, digest=False)
        self._walk = None  # holds the file's bytes
        met = {line.path for line in self._lines}
        return [*_meta_lines(source), *self._lines, *self._absent(met)]

    @property
    def heard(self) -> tuple[Line, ...]:
        """The elements of the file last explained, also of one that was refused."""
        return tuple(self._lines)

    def _absent(self, met: set[str]) -> Iterator[Line]:
        for tag, write in sorted(self.plan.writes.items()):
            path = _name(tag, None)
            if path in met or write.if_present:
                continue
            because = "written by de-identification, was absent"
            yield Line(
                path, keyword(tag), write.vr, "absent", "W", ACTIONS["W"], "written", because
            )

    # -- listening ---------------------------------------------------------------------------

    def _hear(
        self,
        walk: UnderWay,
        state: State,
        position: int,
        met: Met,
        ruled: tuple[Decision, Step] | None,
    ) -> None:
        """Note one element; called by the rewriter before it takes the step."""
        if walk is not self._walk:  # a second reading knows more and is the one that counts
            self._walk = walk
            self._lines, self._ways, self._creators = [], [_Way("")], {}
        way = self._way(walk, position)
        if ruled is None:
            creator = self._creator(walk, position, met, way)
            self._creators[way.path, met.tag >> 16 << 8 | met.tag & 0xFF] = len(self._lines)
            self._lines.append(creator)
            return
        decision, outcome = ruled[0], _outcome(walk, position, met, ruled)
        if way.is_dropped:
            decision = Decision("X", "goes with the sequence that holds it")
            outcome = "removed"
        path = way.path + _name(met.tag, met.creator)
        if met.meant == "SQ":
            is_dropped = way.is_dropped or outcome in ("removed", "emptied", "written")
            self._ways.append(_Way(path, is_dropped))
        if outcome != "removed":
            self._vouch(way.path, met)
        raw = self._raw(walk, position, met)
        self._lines.append(
            Line(
                path=path,
                keyword=keyword(met.tag),
                vr=met.meant,
                kind=_kind(met, raw),
                action=decision.action,
                meaning=ACTIONS[decision.action],
                outcome=outcome,
                because=_reason(decision, state.where, met),
                value=shown(met.meant, raw, walk.charset) if self.show_values else "",
            )
        )

    def _way(self, walk: UnderWay, position: int) -> _Way:
        """Where the element stands; its item is a new one if an item's header is before it."""
        del self._ways[walk.depth + 1 :]
        way = self._ways[walk.depth]
        if walk.depth and walk.window.buffer[position - 8 : position - 4] == ITEM:
            way = self._ways[walk.depth] = replace(way, item=way.item + 1)
        return replace(way, path=f"{way.path}[{way.item}]") if walk.depth else way

    def _creator(self, walk: UnderWay, position: int, met: Met, way: _Way) -> Line:
        raw = self._raw(walk, position, met)
        return Line(
            path=way.path + _name(met.tag, None),
            keyword="",
            vr=met.vr,
            kind="private creator",
            action="X",
            meaning=ACTIONS["X"],
            outcome="removed",
            because=CREATOR_GOES,
            value=shown("LO", raw, walk.charset) if self.show_values else "",
        )

    def _vouch(self, path: str, met: Met) -> None:
        """An element that stays keeps its creator."""
        if not met.tag >> 16 & 1:
            return
        number = self._creators.get((path, met.tag >> 16 << 8 | met.tag >> 8 & 0xFF))
        if number is not None:
            self._lines[number] = replace(
                self._lines[number],
                action="K", meaning=ACTIONS["K"], outcome="stays", because=CREATOR_STAYS,
            )  # fmt: skip

    def _raw(self, walk: UnderWay, position: int, met: Met) -> bytes:
        if met.length > LARGE or met.meant == "SQ" or met.tag in PIXELS:
            return b""
        start = position + met.start
        return walk.window.need(start + met.length)[start : start + met.length]


def _outcome(walk: UnderWay, position: int, met: Met, ruled: tuple[Decision, Step]) -> str:
    decision, step = ruled
    if decision.action == "W":
        return "written"
    while not isinstance(step, int) and step[0] in (PRIVATE, COLLECT, FOUND, CHARSET):
        step = step[-1]
    if isinstance(step, int):
        return "stays"
    code = step[0]
    if code in (VALUE, LONG_VALUE):
        end = position + met.start + met.length
        new = step[2](walk, walk.window.need(end)[position:end])
        return "stays" if new is None else "changed" if new else "removed"
    if code in (CONSTANT, LONG_CONSTANT):
        return "emptied" if step[2] else "removed"
    if code == DROP:
        return "emptied" if step[3] else "removed"
    if code in (ENTER, JOIN):
        return "entered"
    return "changed" if code == LATE else "stays"


def _kind(met: Met, raw: bytes) -> str:
    if met.tag in PIXELS:
        return "pixel data"
    if met.length > LARGE and met.meant != "SQ":
        return f"{met.length} bytes"
    return value_class(met.meant, raw)


def _reason(decision: Decision, where: Where, met: Met) -> str:
    """The row that decided; with the attribute's type where a compound code left it to that."""
    because, tag = decision.because, met.tag
    if tag in PIXELS and met.length == UNDEFINED:
        return f"{because}; comments inside compressed frames are overwritten"
    if not because.startswith("E.1-1") or "/" not in because or " by " in because:
        return because
    kind = iod_types.type_of(where.sop_class_uid, (*where.tags, tag))
    return f"{because}, type {kind} in its IOD" if kind else f"{because}, SOP class unknown"


def _name(tag: int, creator: str | None) -> str:
    if creator:
        creator = "".join(c if c.isprintable() else "?" for c in creator)
        return f'({tag >> 16:04X},"{creator}",{tag & 0xFF:02X})'
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def _meta_lines(source: Path) -> Iterator[Line]:
    """The file meta information of a file that has one and was not refused."""
    with source.open("rb") as file:
        head = file.read(MOST_META)
    if head[PREAMBLE : PREAMBLE + 4] != b"DICM":
        return
    if head[:PREAMBLE].strip(b"\0"):
        because = "the preamble may hold anything and is written anew"
        yield Line("preamble", "", "", "128 bytes", "X", ACTIONS["X"], "emptied", because)
    position = PREAMBLE + 4
    while head[position : position + 2] == b"\2\0" and position + 12 <= len(head):
        _, element, code, length = unpack_short(head, position)
        start = position + 8
        if (vr := code.decode("latin-1")) in LONG_VRS:
            (length,) = unpack_length(head, start)
            start += 4
        action = "W" if element in META_ANEW else META.get(element, "X")
        outcome = {"W": "written", "K": "stays", "U": "changed"}.get(action, "removed")
        tag = 0x00020000 | element
        yield Line(
            path=_name(tag, None),
            keyword=keyword(tag),
            vr=vr,
            kind=value_class(vr, head[start : start + length]),
            action=action,
            meaning=ACTIONS[action],
            outcome=outcome,
            because="the file meta information is written anew",
        )
        position = start + length
