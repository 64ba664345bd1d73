"""Walks over the elements of one file, for the conformance check.

The loops over elements are written for speed: what a head says is looked up, the plain cases are
dealt with on the spot, and everything else goes the longer way of `_other`.

Source: DICOM PS3.5 section 7 (data set, sequences), Annex A.4 (fragments).
"""

import os
import re

from deidentify.conformance.character_sets import is_known
from deidentify.conformance.contents import Contents, Place
from deidentify.conformance.encodings import (
    CHARACTER_SET,
    CONTAINER,
    ITEM,
    ITEM_END,
    MARK,
    NOTED,
    PLAIN,
    SEQUENCE_END,
    UID,
    UNDEFINED,
    Encoding,
    Known,
)
from deidentify.conformance.runs import Mark, Run
from deidentify.conformance.templates import HEAD, LONGEST, Template
from deidentify.elements import ALL_VRS

PIXELS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
DEEPEST = 64
LARGE = 256
"""Values longer than this, in bytes, are jumped over where the window ends."""

_is_uid = re.compile(rb"(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))*\0?").fullmatch


def is_good_uid(value: bytes) -> bool:
    """Whether a value is one UID, well formed and padded (PS3.5 9.1)."""
    return len(value) <= 64 and not len(value) & 1 and _is_uid(value) is not None


class Lost(Exception):
    """Raise where an element cannot be followed."""


class NeedMore(Exception):
    """Raise where an element of an item reaches past what is in memory."""


class Walk:
    """What is in memory of one file, and what was found in it.

    Args:
        descriptor: of the file; negative if all of it is in memory.
        data: the window, of which positions are counted.
        size: of the file.
        encodings: (explicit, big endian) -> what is known of it.
        judging: whether values are looked at.

    Attributes:
        base: where in the file the window begins.
        jump: where in the file to go on, behind a large value; 0 if there was none.
        marks: the elements of the main data set that were walked.
    """

    def __init__(
        self,
        descriptor: int,
        data: bytes,
        size: int,
        encodings: dict[tuple[bool, bool], Encoding],
        *,
        judging: bool,
    ) -> None:
        self.descriptor = descriptor
        self.data = data
        self.size = size
        self.encodings = encodings
        self.judging = judging
        self.base = 0
        self.jump = 0
        self.marks: list[Mark] = []
        self.contents = Contents()

    def main(self, encoding: Encoding, place: Place, position: int) -> int:
        """Walk elements of the main data set as far as the window goes.

        Returns where it stopped: behind the last element, or at one that is not wholly in the
        window, or anywhere if `jump` says where to go on.
        """
        data, end, heads, judging = self.data, len(self.data), encoding.heads, self.judging
        contents, marks, shape = self.contents, self.marks, place.shape
        places, uids, wrong = contents.places, contents.uids, contents.wrong
        runs, good = encoding.runs[judging].by_head, encoding.good_in(place.charset)
        marks.clear()
        while position + 8 <= end:
            head = data[position : position + 8]
            found = len(shape), len(places), len(uids), len(wrong)
            if head in runs and (behind := self._behind_run(runs[head], place, position)):
                marks.append((-position, *found))
                position = behind
                good = encoding.good_in(place.charset)
                continue
            marks.append((position, *found))
            how, code, advance, known = heads.get(head) or encoding.note(head)
            behind = position + advance
            if how == PLAIN and behind <= end:
                if judging:
                    whole = data[position:behind]
                    if whole not in good:
                        is_good = self._judge(place, known, whole[known.start :])
                        if is_good and advance <= LARGE:
                            good.add(whole)
                shape.append(code)
            elif how == MARK:
                raise Lost
            else:
                behind = self._other(encoding, place, known, position, end=end)
                if behind < 0:
                    return position
                if how == NOTED:
                    good = encoding.good_in(place.charset)
            position = behind
        marks.append((position, len(shape), len(places), len(uids), len(wrong)))
        return position

    def _items(
        self, encoding: Encoding, place: Place, tag: int, position: int, *, end: int, is_open: bool
    ) -> int:
        """Walk the items of a sequence; return the position behind it."""
        data, heads, judging = self.data, encoding.heads, self.judging
        tag_and_length, uids = encoding.tag_and_length, self.contents.uids
        good = usual = encoding.good_in(place.charset)
        name = f"{place.prefix}({tag >> 16:04X},{tag & 0xFFFF:04X})["
        tags = (*place.tags, tag)
        templates = encoding.templates[judging]
        places, wrong = self.contents.places, self.contents.wrong
        by_head = templates.by_head
        number = 0
        while position + 8 <= end:
            begin = position
            head = data[position : position + HEAD]
            if head in by_head:
                item = Place(f"{name}{number}]", tags, place.charset)
                position = self._by_template(by_head[head], item, position, end)
                if position:
                    number += 1
                    continue
                position = begin
            group, element, length = tag_and_length(data, position)
            position += 8
            if group != 0xFFFE or element != 0xE000:
                if group << 16 | element == SEQUENCE_END and is_open:
                    return position
                raise Lost
            prefix = f"{name}{number}]"
            number += 1
            item = Place(prefix, tags, place.charset)
            first, known_uids, known_wrong = len(places), len(uids), len(wrong)
            places.append(item)
            gaps: list[tuple[int, int, int]] = []
            good = usual
            add = item.shape.append
            is_open_item = length == UNDEFINED
            stop = end if is_open_item else position + length
            if stop > end:
                raise NeedMore if stop > len(data) else Lost
            while position + 8 <= stop:
                head = data[position : position + 8]
                how, code, advance, known = heads.get(head) or encoding.note(head)
                behind = position + advance
                if behind > stop or how > UID:
                    if how == MARK:
                        if code != ITEM_END or not is_open_item:
                            raise Lost
                        position, is_open_item = behind, False
                        stop = position
                        break
                    behind = self._other(encoding, item, known, position, end=stop)
                    if how == NOTED:
                        good = encoding.good_in(item.charset)
                elif how == UID:
                    value = data[position + 8 : behind]
                    uids.append((prefix, known.tag, value.rstrip(b"\0 ")))
                    gaps.append((position + 8 - begin, behind - begin, known.tag))
                    if judging and not is_good_uid(value):
                        self._judge(item, known, value)
                    add(code)
                else:
                    if judging:
                        whole = data[position:behind]
                        if whole not in good:
                            is_good = self._judge(item, known, whole[known.start :])
                            if is_good and advance <= LARGE:
                                good.add(whole)
                    add(code)
                position = behind
            if is_open_item:
                raise NeedMore
            if position != stop:
                raise Lost
            is_good = len(uids) == known_uids + len(gaps) and len(wrong) == known_wrong
            if is_good and item.charset == place.charset and position - begin <= LONGEST:
                templates.learn(data[begin:position], places[first:], gaps)
        if is_open:
            raise NeedMore
        if position != end:
            raise Lost
        return position

    def _by_template(self, templates: list[Template], item: Place, begin: int, end: int) -> int:
        """Take what an item yields that one of the templates fits.

        Returns the position behind it, 0 if none fits.
        """
        data, contents, judging = self.data, self.contents, self.judging
        for template in templates:
            if template.under != item.charset:
                continue
            position, uids = begin, []
            for before, length, tag in template.gaps:
                if not data.startswith(before, position):
                    break
                position += len(before)
                value = data[position : position + length]
                if judging and not is_good_uid(value):
                    break
                position += length
                uids.append((item.prefix, tag, value.rstrip(b"\0 ")))
            else:
                position += len(template.rest)
                if position > end or not data.endswith(template.rest, begin, position):
                    continue
                item.shape, item.inside = template.shape, template.inside
                contents.places.append(item)
                contents.uids += uids
                return position
        return 0

    def _other(
        self, encoding: Encoding, place: Place, known: Known, position: int, *, end: int
    ) -> int:
        """Walk one element that is not plain, or not wholly in the window.

        Returns the position behind it; -1 if the main data set cannot go on in this window.
        """
        data, tag, shape = self.data, known.tag, place.shape
        start = position + known.start
        if start > end:
            return self._short(place)
        if known.has_long_length:
            (length,) = encoding.long(data, start - 4)
        elif encoding.explicit:
            (length,) = encoding.short(data, position + 6)
        else:
            (length,) = encoding.long(data, position + 4)
        if length == UNDEFINED and tag in PIXELS:
            shape.append(tag)
            behind = self._behind_fragments(encoding, self.base + start)
            if place.prefix:
                return behind - self.base
            self.jump = behind
            return -1
        if length == UNDEFINED or known.how == CONTAINER:
            items = len(self.contents.places)
            behind = self._container(encoding, place, known, start, length=length, end=end)
            if not behind:
                return -1
            if behind > 0:
                has_items = len(self.contents.places) > items
                shape.append(tag if has_items else ~tag)
                return behind
        behind = start + length
        if behind > end:
            if place.prefix or self.base + behind > self.size or length <= LARGE:
                return self._short(place)
            if length & 1:
                self._wrong("odd-length", place, tag)
            shape.append(tag)
            self.jump = self.base + behind
            return -1
        if known.form is not None:
            value = data[start:behind]
            if known.vr == "UI":
                self.contents.uids.append((place.prefix, tag, value.rstrip(b"\0 ")))
            elif known.how == NOTED:
                self._note(place, tag, value)
            if self.judging:
                self._judge(place, known, value)
        elif length & 1 and self.judging:
            self._wrong("odd-length", place, tag)
        shape.append(tag if length else ~tag)
        return behind

    def _short(self, place: Place) -> int:
        """Ask for more of the file."""
        if place.prefix:
            raise NeedMore
        return -1

    def _behind_run(self, runs: list[Run], place: Place, position: int) -> int:
        """Take what a run yields, if one stands here; return where it ends, 0 if none does."""
        for run in runs:
            if run.under == place.charset and self.data.startswith(run.data, position):
                contents = self.contents
                place.shape += run.shape
                contents.places += run.places
                contents.uids += run.uids
                contents.noted |= run.noted
                place.charset = run.noted.get(CHARACTER_SET, place.charset)
                return position + len(run.data)
        return 0

    def _container(
        self, encoding: Encoding, place: Place, known: Known, start: int, *, length: int, end: int
    ) -> int:
        """Walk a sequence, or what may be one.

        Returns the position behind it, 0 if it is not wholly in the window, -1 if it is none.
        """
        is_sequence, is_undefined = known.vr == "SQ", length == UNDEFINED
        stop = end if is_undefined else start + length
        if is_sequence and place.prefix and not known.is_unknown and stop <= end:
            if len(place.tags) >= DEEPEST:
                raise Lost
            return self._items(encoding, place, known.tag, start, end=stop, is_open=is_undefined)
        looks_so = length >= 8 and self.data[start : start + 4] in encoding.item_starts
        if not (is_undefined or is_sequence or looks_so):
            return -1
        if stop > end:
            if place.prefix:
                raise NeedMore
            return 0
        if len(place.tags) >= DEEPEST:
            raise Lost
        inner = encoding
        if known.is_unknown:
            vr = self.data[start + 12 : start + 14].decode("latin-1")
            inner = self.encodings[vr in ALL_VRS, False]
        contents = self.contents
        before = len(contents.places), len(contents.uids), len(contents.wrong)
        try:
            return self._items(inner, place, known.tag, start, end=stop, is_open=is_undefined)
        except (Lost, NeedMore) as stopped:
            needs_more = isinstance(stopped, NeedMore)
            if place.prefix if needs_more else (is_sequence or is_undefined):
                raise
            del contents.places[before[0] :]
            del contents.uids[before[1] :]
            del contents.wrong[before[2] :]
            return 0 if needs_more else -1

    def _behind_fragments(self, encoding: Encoding, position: int) -> int:
        """Return where in the file the fragments that begin at `position` end (PS3.5 A.4)."""
        while True:
            inside = position - self.base
            head = self.data[inside : inside + 8]
            if len(head) < 8 and self.descriptor >= 0:
                head = os.pread(self.descriptor, 8, position)
            if len(head) < 8:
                raise Lost
            group, element, length = encoding.tag_and_length(head, 0)
            position += 8
            if group << 16 | element == SEQUENCE_END:
                return position
            if group << 16 | element != ITEM or length == UNDEFINED:
                raise Lost
            position += length

    def _note(self, place: Place, tag: int, value: bytes) -> None:
        if tag == CHARACTER_SET:
            place.charset = value.strip(b" \0")
            if self.judging and not is_known(place.charset):
                self._wrong("unknown-charset", place, tag)
        if not place.prefix:
            self.contents.noted[tag] = value.rstrip(b" \0")

    def _judge(self, place: Place, known: Known, value: bytes) -> bool:
        """Note what is wrong with a value; return whether nothing is."""
        wrong = known.form.faults(value, place.charset) if known.form else ()
        if known.has_wrong_vr:
            wrong = (*wrong, "vr")
        for what in wrong:
            self._wrong(what, place, known.tag)
        return not wrong

    def _wrong(self, what: str, place: Place, tag: int) -> None:
        path = f"{place.prefix}({tag >> 16:04X},{tag & 0xFFFF:04X})"
        self.contents.wrong.append((what, path))
