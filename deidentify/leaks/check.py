"""Look at one output, byte by byte, for what its patient's sources say must not be there."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path

from deidentify.leaks.by_element import Unchanged
from deidentify.leaks.elements import Element, Layout, Place, load
from deidentify.leaks.finding import CERTAIN, LIKELY, SURENESS, Finding, fingerprint
from deidentify.leaks.folding import fold_bytes
from deidentify.leaks.judging import Hit, is_no_chance
from deidentify.leaks.patterns import matches
from deidentify.leaks.pixels import comment_ranges, differs, is_tail_of
from deidentify.leaks.reading import expand, read_layout
from deidentify.leaks.repeats import Repeats
from deidentify.leaks.search import Searcher, locator
from deidentify.leaks.terms import SearchTerms
from deidentify.leaks.values import Part, Values

PIECE, OVERLAP = 1 << 20, 256
"""Bytes of compressed pixel data that are searched at a time, and how far two pieces overlap."""
_ITEM = re.compile(r"\[\d+\]")
CONTEXT = 24
"""Bytes on either side of a hit that count towards its fingerprint."""
_WHAT = {
    "name": "A patient's name",
    "physician": "A name of a physician, an operator or another person",
    "identifier": "An identifier of the patient or the examination",
    "national_id": "What has the form of a national identity number",
    "birth_date": "The birth date",
    "date": "An original date",
    "address": "An address",
    "phone": "A phone number",
    "email": "An e-mail address",
    "institution": "The name of an institution, a department or a ward",
    "device": "An identifier of a device",
    "uid": "An original UID",
}


class LeakCheck:
    """The check of one patient's outputs; the search automaton is compiled once."""

    def __init__(self, terms: SearchTerms) -> None:
        self.searcher = Searcher(terms)
        self._unchanged = Unchanged(terms)
        self._is_pairing_needed = terms.is_pairing_needed
        self._repeats = Repeats()
        self._values = Values(self.searcher, terms.written)
        self._written_at = terms.written_at

    def examine(self, source: Path, target: Path, *, name: str = "") -> list[Finding]:
        """Return what is wrong with `target`, the output made of `source`.

        The search terms must have been read from `source`, among others. An empty list means:
        none of the search terms is left in any byte, no identifying element still holds its
        source's value, and the pixel data is the source's.

        Args:
            name: under which the output leaves, folders included; its file's name if not given.
        """
        original, layout = load(source), read_layout(load(target), repeats=self._repeats)
        found = _Findings(layout, self._written_at)
        self._search(layout, found)
        is_suspect = self._is_pairing_needed or self._unchanged.is_suspect(layout)
        if is_suspect or not is_tail_of(original, layout):
            self._compare(read_layout(original), read_layout(load(target)), found)
        elif not found:
            self._repeats.learn(layout)
        self._search_file_name(name or target.name, found)
        return found.all()

    def examine_over(self, copy: Path, target: Path, *, name: str = "") -> list[Finding]:
        """Return what is wrong with `target`, made over an earlier output whose source is gone.

        It is searched like any other. An identifying element that holds what any source had in
        the same attribute counts as unchanged, and the pixel data must be the copy's.
        """
        earlier, layout = load(copy), read_layout(load(target), repeats=self._repeats)
        found = _Findings(layout, self._written_at)
        self._search(layout, found)
        for kind, element in self._unchanged.left(layout):
            found.add(kind, element, sure=LIKELY, source_path=element.path)
        if not is_tail_of(earlier, layout):
            changed = differs(read_layout(earlier), read_layout(load(target)))
            if changed:
                found.add_whole("pixels", *changed)
        elif not found:
            self._repeats.learn(layout)
        self._search_file_name(name or target.name, found)
        return found.all()

    def _compare(self, original: Layout, layout: Layout, found: _Findings) -> None:
        """Compare with the source what is not searched, element by element."""
        if original.is_incomplete:
            found.add_whole(
                "unreadable", 0, 0, "The source cannot be followed: search terms may be missing."
            )
        for kind, element, sure in self._unchanged.find(original, layout):
            found.add(kind, element, sure=sure, source_path=element.path)
        changed = differs(original, layout)
        if changed:
            found.add_whole("pixels", *changed)

    def search(self, target: Path, *, name: str = "", is_by_element: bool = False) -> list[Finding]:
        """Return what is left of the search terms in an output whose source is not known.

        Args:
            name: under which it leaves, folders included; its file's name if not given.
            is_by_element: an identifying element that holds what any source had in the same
                attribute counts as unchanged.
        """
        layout = read_layout(load(target), repeats=self._repeats)
        found = _Findings(layout, self._written_at)
        self._search(layout, found)
        if is_by_element:
            for kind, element in self._unchanged.left(layout):
                found.add(kind, element, sure=LIKELY, source_path=element.path)
        self._search_file_name(name or target.name, found)
        return found.all()

    def _search(self, layout: Layout, found: _Findings) -> None:
        for sentence in layout.trouble:
            found.add_whole("unreadable", 0, 0, sentence)
        for start, end in _stretches(layout):
            if start == end:
                continue
            locate = locator(partial(_all_elements, layout), start)
            for hit in self.searcher.search(bytes(layout.data[start:end]), locate):
                element = locate(hit.start, hit.end)
                if element:
                    whole = element._replace(start=element.start + start, end=element.end + start)
                    found.add_hit(hit, whole, start)
        self._search_comments(layout, found)
        self._search_streams(layout, found)
        for element in layout.texts:
            if element.start != element.end:
                value = bytes(layout.data[element.start : element.end])
                for part in self._values.find(element, value):
                    found.add_part(part, element)

    def _search_comments(self, layout: Layout, found: _Findings) -> None:
        """Comment segments of compressed frames, each taken as a binary value of its own."""
        for start, end in comment_ranges(layout):
            element = Element(start, end, layout.pixels[0].tag, "OB", Place(""))
            value = bytes(layout.data[start:end])
            for hit in self.searcher.search(value, locator(partial(list, [element]), start)):
                found.add_hit(hit, element, start)

    def _search_streams(self, layout: Layout, found: _Findings) -> None:
        """All of the compressed pixel data, video too, for what chance does not make there."""
        if layout.is_native:
            return
        for element in layout.pixels:
            for start in range(element.start, element.end, PIECE):
                end = min(start + PIECE + OVERLAP, element.end)
                piece = bytes(layout.data[start:end])
                whole = Element(start, end, element.tag, "OB", Place(""))
                for hit in self.searcher.search(piece, locator(partial(list, [whole]), start)):
                    if is_no_chance(piece[hit.start : hit.end]):
                        found.add_hit(hit, element, start)

    def _search_file_name(self, name: str, found: _Findings) -> None:
        element = Element(0, 0, 0, "LO", Place("file name"))
        for hit in self.searcher.search_text(name):
            found.add(hit.term.kind, element, sure=hit.sure, source_path=hit.term.source_path)
        for match in matches(name.encode("utf-8", "replace")):
            found.add(match.kind, element, sure=match.sure)


def _all_elements(layout: Layout) -> list[Element]:
    expand(layout)
    return layout.elements


def _stretches(layout: Layout) -> Iterator[tuple[int, int]]:
    """Yield the parts of the file that are searched: all but top-level pixel data."""
    position = 0
    for element in sorted(layout.pixels, key=lambda element: element.start):
        yield position, element.start
        position = element.end
    yield position, len(layout.data)


class _Findings:
    """Findings of one file: of several for the same bytes the surest stays."""

    def __init__(self, layout: Layout, written_at: Collection[tuple[str, str]] = ()) -> None:
        self._layout = layout
        self._written_at = written_at
        self._found: dict[tuple[str, str, int], Finding] = {}

    def add_hit(self, hit: Hit, element: Element, offset: int) -> None:
        at = hit.start + offset, hit.end + offset
        self.add(hit.term.kind, element, *at, sure=hit.sure, source_path=hit.term.source_path)

    def add(
        self,
        kind: str,
        element: Element,
        start: int = -1,
        end: int = -1,
        *,
        sure: str,
        source_path: str = "",
    ) -> None:
        """Note what was found in a part of an element's value, or in the whole of it."""
        if self._written_at and self._is_written(element):
            return
        if start < 0:
            start, end = element.start, element.end
        where = source_path or "its form"
        sentence = f"{_WHAT[kind]} is left in {element.path}, known by {where}."
        self._keep(
            Finding(
                kind,
                element.path,
                start,
                end,
                sure,
                source_path,
                sentence,
                fingerprint(kind, element.path, self._context(element, start, end)),
            )
        )

    def _is_written(self, element: Element) -> bool:
        """Whether the whole value is what a rule of the project writes at this place."""
        path = _ITEM.sub("", element.path).lower()
        texts = {text for name, text in self._written_at if path.endswith(name)}
        if not texts:
            return False
        value = bytes(self._layout.data[element.start : element.end]).decode("latin-1").strip(" \0")
        return value in texts or all(part.strip() in texts for part in value.split("\\"))

    def add_part(self, part: Part, element: Element) -> None:
        """Note what was found inside one value; its range counts from the value's beginning."""
        if part.kind == "unreadable":
            mark = fingerprint(part.kind, element.path, part.sentence.encode())
            place = element.path, element.start, element.end
            self._keep(Finding(part.kind, *place, part.sure, "", part.sentence, mark))
            return
        start, end = element.start + part.start, element.start + part.end
        self.add(part.kind, element, start, end, sure=part.sure, source_path=part.source_path)

    def add_whole(self, kind: str, start: int, end: int, sentence: str) -> None:
        path = "file" if kind == "unreadable" else "(7FE0,0010)"
        mark = fingerprint(kind, path, sentence.encode())
        self._keep(Finding(kind, path, start, end, CERTAIN, "", sentence, mark))

    def __len__(self) -> int:
        return len(self._found)

    def all(self) -> list[Finding]:
        """Return them in their order; of those of a kind that overlap, the surest."""
        kept: list[Finding] = []
        for finding in sorted(self._found.values(), key=_rank):
            if not any(_overlaps(finding, other) for other in kept):
                kept.append(finding)
        return sorted(kept, key=lambda finding: (finding.start, finding.path))

    def _keep(self, finding: Finding) -> None:
        key = (finding.kind, finding.path, finding.start)
        if finding.kind == "unreadable":
            key = (finding.kind, finding.sentence, 0)
        known = self._found.get(key)
        if known is None or _weight(finding) > _weight(known):
            self._found[key] = finding

    def _context(self, element: Element, start: int, end: int) -> bytes:
        """Return the folded surroundings; other numbers do not count, so that counters may run."""
        data = self._layout.data
        before = fold_bytes(bytes(data[max(element.start, start - CONTEXT) : start]))
        after = fold_bytes(bytes(data[end : min(element.end, end + CONTEXT)]))
        hit = fold_bytes(bytes(data[start:end]))
        return b"|".join((_without_numbers(before), hit, _without_numbers(after)))


def _rank(finding: Finding) -> tuple[int, int, int]:
    return -SURENESS.index(finding.sure), finding.start - finding.end, finding.start


def _overlaps(one: Finding, other: Finding) -> bool:
    is_alike = one.kind == other.kind and one.path == other.path
    return is_alike and one.start < other.end and other.start < one.end


def _weight(finding: Finding) -> tuple[int, int]:
    return SURENESS.index(finding.sure), finding.end - finding.start


def _without_numbers(context: bytes) -> bytes:
    return re.sub(rb"\d+", b"#", context)
