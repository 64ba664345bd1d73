"""What is left in a series: every element path with its values and how many instances have it.

Files are counted by `inventory_walk`; only the distinct elements are decoded, at the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from struct import Struct
from typing import Literal, NamedTuple

from deidentify.element_text import DIGEST_DIGITS, element_text
from deidentify.elements import TEXT_VRS
from deidentify.inventory_references import references
from deidentify.inventory_walk import (
    CHARACTER_SET,
    DEEPEST,
    PIXEL_REPRESENTATION,
    UNDEFINED,
    Context,
    Encoding,
    Unreadable,
    Walk,
    changed_context,
    element_vr,
    is_skipped,
)
from deidentify.leaks.elements import KNOWN_VRS, LONG_VRS

VALUE_CAP = 1000
"""Distinct values that are listed for one path of one series."""
HELD = 64 << 20
"""Bytes of undecoded elements that are held before they are decoded."""

_STEP = re.compile(r'\(([0-9A-F]{4}),(?:"(.*?)",([0-9A-F]{2})|([0-9A-F]{4}))\)(?=\(|$)')
_SEQUENCE_END, _ITEM_END = 0xFFFEE0DD, 0xFFFEE00D


@dataclass(frozen=True)
class ElementRow:
    """One element path of one series.

    Attributes:
        path: `(0008,1140)(0008,1155)`, private ones by creator: `(0051,"SIEMENS MR HEADER",1F)`.
        tag: `0008,1155`; of a private element without its block: `0051,xx1F`.
        vr: as most instances have it, but one that holds text wherever any instance has one:
            what somebody wrote must not pass for a number. "UN" if unknown.
        keyword: PS3.6 keyword, "" for private and unknown elements.
        creator: private creator, "" for public elements.
        instances: number of instances that have it at least once.
        values: text of a value, number of instances with it; at most `VALUE_CAP` of them.
        distinct: number of different values, listed or not.
        is_capped: there are more values than are listed.
    """

    path: str
    tag: str
    vr: str
    keyword: str
    creator: str
    instances: int
    values: Mapping[str, int]
    distinct: int
    is_capped: bool


@dataclass
class _Tally:
    """The sums of one path."""

    tag: int
    creator: str
    vrs: dict[str, int] = field(default_factory=dict)
    instances: int = 0
    values: dict[str, int] = field(default_factory=dict)
    unlisted: set[int] = field(default_factory=set)

    def count(self, text: str, number: int) -> None:
        if text in self.values:
            self.values[text] += number
        elif len(self.values) < VALUE_CAP:
            self.values[text] = number
        else:
            self.unlisted.add(hash(text))  # 64 bits: exact for all practical purposes


@dataclass(frozen=True)
class _Leaf:
    """One decoded element of one distinct top-level element."""

    path: str
    tag: int
    creator: str
    vr: str
    text: str


class SeriesInventory:
    """The inventory of one series: add its files, then read the rows."""

    def __init__(self) -> None:
        self._walk = Walk()
        self._tallies: dict[str, _Tally] = {}
        self.instances = 0
        self.unreadable = 0
        """Files that could not be followed to their end; what came before is counted."""

    def add(self, path: Path) -> None:
        """Count the elements of one file."""
        self.instances += 1
        try:
            self._walk.add(path)
        except Unreadable:
            self.unreadable += 1
        if self._walk.size > HELD:
            self._decode()

    def rows(self) -> Iterator[ElementRow]:
        """Yield one row per element path, in the order of the paths."""
        # late: the dictionary costs start-up time, and counting does not need it
        from pydicom.datadict import keyword_for_tag

        self._decode()
        for path, tally in sorted(self._tallies.items()):
            tag = f"{tally.tag >> 16:04X},{tally.tag & 0xFFFF:04X}"
            if tally.creator or _is_private_value(tally.tag):
                tag = f"{tag[:5]}xx{tag[7:]}"
            yield ElementRow(
                path=path,
                tag=tag,
                vr=_told_vr(tally.vrs),
                keyword="" if tally.tag >> 16 & 1 else keyword_for_tag(tally.tag),
                creator=tally.creator,
                # an element that a broken file holds twice counts once
                instances=min(tally.instances, self.instances),
                values=dict(tally.values),
                distinct=len(tally.values) + len(tally.unlisted),
                is_capped=bool(tally.unlisted),
            )

    def _decode(self) -> None:
        """Turn counted bytes into sums, and forget them."""
        rests: _Rests = {}
        for state in self._walk.states.values():
            for raw, number in state.elements.items():
                leaves = set(_Decoder(raw, rests).read(state.context))
                self._count(leaves, number)
            for (tag, vr, length, mark), number in state.long.items():
                name, creator = _name(tag, state.context)
                text = f"{length} bytes"
                if mark is not None:
                    text += f", sha256 {mark.hex()[:DIGEST_DIGITS]}{state.texts.get(mark, '')}"
                self._count({_Leaf(name, tag, creator, vr or "UN", text)}, number)
        self._walk.clear()

    def _count(self, leaves: set[_Leaf], number: int) -> None:
        """Add one distinct top-level element that `number` instances have."""
        seen: set[str] = set()
        texts: set[tuple[str, str]] = set()
        for leaf in leaves:
            tally = self._tallies.get(leaf.path)
            if tally is None:
                tally = self._tallies[leaf.path] = _Tally(leaf.tag, leaf.creator)
            if leaf.path not in seen:
                seen.add(leaf.path)
                tally.instances += number
                tally.vrs[leaf.vr] = tally.vrs.get(leaf.vr, 0) + number
            if (leaf.path, leaf.text) not in texts:
                texts.add((leaf.path, leaf.text))
                tally.count(leaf.text, number)


class Name(NamedTuple):
    """One element of a path: its tag, private ones in the first block; their creator, or None."""

    tag: int
    creator: str | None


def names_in(path: str) -> tuple[Name, ...]:
    """Take the path of a row apart, from the outermost sequence to the element itself."""
    return tuple(
        Name(int(group + number, 16), None)
        if number
        else Name(int(f"{group}10{last}", 16), creator or None)
        for group, creator, last, number in _STEP.findall(path)
    )


def _told_vr(vrs: Mapping[str, int]) -> str:
    """Return the VR by which a path is told, of those that its instances have."""
    written = {vr: number for vr, number in vrs.items() if vr in TEXT_VRS}
    among = written or vrs
    return max(among, key=lambda vr: among[vr])


def _is_private_value(tag: int) -> bool:
    return bool(tag >> 16 & 1) and tag & 0xFFFF > 0xFF


def _name(tag: int, context: Context) -> tuple[str, str]:
    """Return an element's own part of a path, and its private creator."""
    group, number = tag >> 16, tag & 0xFFFF
    if not _is_private_value(tag):
        return f"({group:04X},{number:04X})", ""
    creator = dict(context.creators).get(group << 8 | number >> 8, "")
    return f'({group:04X},"{creator}",{number & 0xFF:02X})', creator


_Rests = dict[tuple[str, Context, bytes], list[_Leaf]]


class _Decoder:
    """Takes one counted element apart, with everything inside it.

    `rests` keeps what follows the references in items, by path, context and bytes.
    """

    def __init__(self, raw: bytes, rests: _Rests) -> None:
        self.raw = raw
        self.rests = rests

    def read(self, context: Context) -> Iterator[_Leaf]:
        yield from self._elements(0, len(self.raw), context, "", 0)[1]

    def _elements(
        self, position: int, end: int, context: Context, prefix: str, depth: int
    ) -> tuple[int, list[_Leaf]]:
        """Return where the elements end, and all leaves in them."""
        raw, leaves = self.raw, list[_Leaf]()
        head = Struct(context.encoding.order + "HHL").unpack_from
        while position + 8 <= end:
            group, number, length = head(raw, position)
            tag, start = group << 16 | number, position + 8
            if tag == _ITEM_END:
                return start, leaves
            vr = element_vr(tag, raw[position + 4 : position + 6], context)
            if context.encoding.is_explicit and vr in LONG_VRS:
                length = int.from_bytes(raw[start : start + 4], _byte_order(context))
                start += 4
            elif context.encoding.is_explicit:
                length = int.from_bytes(raw[position + 6 : start], _byte_order(context))
            name, creator = _name(tag, context)
            path = prefix + name
            is_open = length == UNDEFINED
            stop = end if is_open else min(start + length, end)
            if is_open or vr == "SQ" or self._holds_items(vr, start, stop, context):
                position, inner, count = self._items(
                    start, stop, vr, context, path=path, depth=depth, is_closed=not is_open
                )
                if inner is not None:
                    text = "1 item" if count == 1 else f"{count} items"
                    leaves += [_Leaf(path, tag, creator, "SQ", text), *inner]
                    continue
            value = raw[start:stop]
            leaves.append(_Leaf(path, tag, creator, vr or "UN", _text(tag, vr, value, context)))
            if tag in (CHARACTER_SET, PIXEL_REPRESENTATION) or (
                group & 1 and 0x10 <= number <= 0xFF
            ):
                context = changed_context(context, tag, value)
            position = stop
        return end, leaves

    def _holds_items(self, vr: str, start: int, stop: int, context: Context) -> bool:
        mark = context.encoding.item_start
        return vr in ("UN", "") and stop - start >= 8 and self.raw[start : start + 4] == mark

    def _items(
        self,
        position: int,
        end: int,
        vr: str,
        context: Context,
        *,
        path: str,
        depth: int,
        is_closed: bool,
    ) -> tuple[int, list[_Leaf] | None, int]:
        """Return where a sequence ends, the leaves of all items (None: no sequence), the count."""
        if depth > DEEPEST:
            return end, None, 0
        inner_context = Context(context.encoding, context.character_set, context.is_signed)
        if vr == "UN" and self.raw[position + 12 : position + 14] not in KNOWN_VRS:
            # a sequence stored as UN is implicit VR little endian inside (PS3.5 6.2.2 note 2)
            inner_context = Context(Encoding(False), context.character_set, context.is_signed)
        encoding = inner_context.encoding
        if is_closed and encoding.is_explicit and not encoding.is_big_endian:
            found = self._references(position, end, inner_context, path=path, depth=depth)
            if found is not None:
                return end, *found
        head = Struct(encoding.order + "HHL").unpack_from
        leaves: list[_Leaf] = []
        count = 0
        while position + 8 <= end:
            group, number, length = head(self.raw, position)
            if group << 16 | number == _SEQUENCE_END:
                return position + 8, leaves, count
            if group != 0xFFFE:
                return end, (leaves if vr == "SQ" else None), count
            start = position + 8
            stop = end if length == UNDEFINED else min(start + length, end)
            position, inner = self._elements(start, stop, inner_context, path, depth + 1)
            leaves += inner
            count += 1
        return end, leaves, count

    def _references(
        self, position: int, end: int, context: Context, *, path: str, depth: int
    ) -> tuple[list[_Leaf], int] | None:
        """Return the leaves of items that are references, and how many; None if they are not."""
        found = references(self.raw, position, end)
        if found is None:
            return None
        leaves = [
            _Leaf(f"{path}{name}", tag, "", "UI", _text(tag, "UI", uid, context))
            for name, tag, uids in (
                ("(0008,1150)", 0x00081150, found.classes),
                ("(0008,1155)", 0x00081155, found.instances),
            )
            for uid in uids
        ]
        for rest in found.rests:
            known = self.rests.get((path, context, rest))
            if known is None:
                decoder = _Decoder(rest, self.rests)
                behind, known = decoder._elements(0, len(rest), context, path, depth + 1)
                if behind != len(rest):
                    return None  # it ends before its end: read item by item
                self.rests[path, context, rest] = known
            leaves += known
        return leaves, found.items


def _byte_order(context: Context) -> Literal["little", "big"]:
    return "big" if context.encoding.is_big_endian else "little"


def _text(tag: int, vr: str, value: bytes, context: Context) -> str:
    if is_skipped(tag):
        return f"{len(value)} bytes"
    return element_text(vr, value, context.character_set, big_endian=context.encoding.is_big_endian)
