"""Look at one output, byte by byte, for what its patient's sources say must not be there."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from deidentify.leaks.by_element import Unchanged
from deidentify.leaks.elements import Element, Layout, Place, load
from deidentify.leaks.finding import LIKELY, Finding
from deidentify.leaks.found import Findings
from deidentify.leaks.judging import Hit, is_no_chance
from deidentify.leaks.patterns import matches
from deidentify.leaks.pixels import comment_ranges, differs, is_tail_of
from deidentify.leaks.quiet import QuietValues
from deidentify.leaks.reading import expand, read_layout
from deidentify.leaks.repeats import Repeats
from deidentify.leaks.search import Searcher, locator
from deidentify.leaks.terms import SearchTerms
from deidentify.leaks.values import Values

PIECE, OVERLAP = 1 << 20, 256
"""Bytes of compressed pixel data that are searched at a time, and how far two pieces overlap."""


class LeakCheck:
    """The check of one patient's outputs; the search automaton is compiled once."""

    def __init__(self, terms: SearchTerms) -> None:
        self.searcher = Searcher(terms)
        self._quiet = QuietValues(self.searcher)
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
        found = Findings(layout, self._written_at)
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
        found = Findings(layout, self._written_at)
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

    def _compare(self, original: Layout, layout: Layout, found: Findings) -> None:
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
        found = Findings(layout, self._written_at)
        self._search(layout, found)
        if is_by_element:
            for kind, element in self._unchanged.left(layout):
                found.add(kind, element, sure=LIKELY, source_path=element.path)
        self._search_file_name(name or target.name, found)
        return found.all()

    def _search(self, layout: Layout, found: Findings) -> None:
        for sentence in layout.trouble:
            found.add_whole("unreadable", 0, 0, sentence)
        for start, end in _stretches(layout):
            if start == end:
                continue
            parts = self._quiet.parts(layout, start, end)
            hits = [hit for part in parts for hit in self._hits(layout, *part)]
            if hits and len(parts) > 1:
                hits = self._hits(layout, start, end)
            for hit, element, offset in hits:
                found.add_hit(hit, element, offset)
        self._search_comments(layout, found)
        self._search_streams(layout, found)
        for element in layout.texts:
            if element.start != element.end:
                value = bytes(layout.data[element.start : element.end])
                for part in self._values.find(element, value):
                    found.add_part(part, element)

    def _hits(self, layout: Layout, start: int, end: int) -> list[tuple[Hit, Element, int]]:
        """Return what is found in a stretch of the file: in which element, counted from where."""
        locate = locator(partial(_all_elements, layout), start)
        hits = []
        for hit in self.searcher.search(bytes(layout.data[start:end]), locate):
            element = locate(hit.start, hit.end)
            if element:
                whole = element._replace(start=element.start + start, end=element.end + start)
                hits.append((hit, whole, start))
        return hits

    def _search_comments(self, layout: Layout, found: Findings) -> None:
        """Comment segments of compressed frames, each taken as a binary value of its own."""
        for start, end in comment_ranges(layout):
            element = Element(start, end, layout.pixels[0].tag, "OB", Place(""))
            value = bytes(layout.data[start:end])
            for hit in self.searcher.search(value, locator(partial(list, [element]), start)):
                found.add_hit(hit, element, start)

    def _search_streams(self, layout: Layout, found: Findings) -> None:
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

    def _search_file_name(self, name: str, found: Findings) -> None:
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
