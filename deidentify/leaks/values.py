"""What one value hides: in characters that do not fold, by its form alone, or packed away.

The automaton over a file's raw bytes has seen every value before; here it sees them decoded and
unpacked. Values without findings are remembered, since most repeat across a series.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from deidentify.leaks.attributes import TEXT_VRS
from deidentify.leaks.character_sets import decoded, is_searchable_as_bytes
from deidentify.leaks.documents import is_document, read_document
from deidentify.leaks.elements import Element, Place
from deidentify.leaks.finding import CERTAIN, LIKELY
from deidentify.leaks.folding import fold, fold_bytes
from deidentify.leaks.patterns import LONGEST_TEXT, buried_numbers, is_printable, is_text, matches
from deidentify.leaks.search import Searcher
from deidentify.leaks.unpacking import (
    LEAST_RUN,
    Allowance,
    base64_decoded,
    base64_runs,
    packed_streams,
    unescaped,
)

REMEMBERED = 50_000
LARGEST, MOST_LARGE = 256 * 1024, 16
"""Bytes of a large value, and how many of them, that are remembered."""
DEEPEST = 3
"""How often what was unpacked may hold something packed in its turn."""
LEAST_IN_CHANCE = 6
"""Bytes of a hit that mean something among decoded bytes that are no text."""


class Part(NamedTuple):
    """What was found in a part of one value: a half-open range in it, and why it counts."""

    kind: str
    start: int
    end: int
    sure: str
    source_path: str = ""
    sentence: str = ""


class Values:
    """Looks into the values of one patient's outputs.

    Args:
        written: what the plan itself writes, which is no finding.
    """

    def __init__(self, searcher: Searcher, written: Collection[str]) -> None:
        self._searcher = searcher
        self._written = {fold_bytes(value.encode()) for value in written if value}
        self._clean: set[tuple[bytes, str, bytes]] = set()
        self._clean_large: dict[tuple[str, bytes, int], bytes] = {}
        self._clean_runs: set[bytes] = set()
        self._allowance = Allowance()

    def find(self, element: Element, value: bytes) -> list[Part]:
        """Return what one value holds; the range of what was packed is that of its package."""
        how = element.vr, element.place.character_set
        if self._is_clean(value, how):
            return []
        self._allowance = Allowance()
        found = list(self._in_value(element, value))
        for sentence in sorted(self._allowance.trouble):
            found.append(Part("unreadable", 0, len(value), CERTAIN, sentence=sentence))
        if not found:
            self._remember(value, how)
        return found

    def _is_clean(self, value: bytes, how: tuple[str, bytes]) -> bool:
        """Whether nothing was in a value before."""
        if len(value) <= LONGEST_TEXT:
            return (value, *how) in self._clean
        # Compared with the last of its length: that is quicker than looking it up among many.
        return self._clean_large.get((*how, len(value))) == value

    def _remember(self, value: bytes, how: tuple[str, bytes]) -> None:
        """Note that nothing is in a value; of large ones, the last of each length."""
        if len(value) <= LONGEST_TEXT:
            if len(self._clean) < REMEMBERED:
                self._clean.add((value, *how))
        elif len(value) <= LARGEST:
            if len(self._clean_large) >= MOST_LARGE:
                del self._clean_large[next(iter(self._clean_large))]
            self._clean_large[*how, len(value)] = value

    def _in_value(self, element: Element, value: bytes) -> Iterator[Part]:
        vr, character_set = element.vr, element.place.character_set
        if is_text(vr, value):
            yield from self._forms(value)
            yield from self._escapes(value)
        elif len(value) > LONGEST_TEXT:
            for match in buried_numbers(value):
                yield Part(match.kind, match.start, match.end, match.sure)
        is_plain = value.isascii() and b"\x1b" not in value
        if not is_plain and vr in TEXT_VRS and not is_searchable_as_bytes(character_set):
            for hit in self._searcher.search_text(fold(decoded(value, character_set))):
                yield Part(hit.term.kind, 0, len(value), LIKELY, hit.term.source_path)
        if len(value) >= LEAST_RUN:
            yield from self._packed(value, may_hold_streams=vr not in TEXT_VRS, depth=0)

    def _forms(self, value: bytes) -> Iterator[Part]:
        for match in matches(value):
            if fold_bytes(value[match.start : match.end]) not in self._written:
                yield Part(match.kind, match.start, match.end, match.sure)

    def _escapes(self, value: bytes) -> Iterator[Part]:
        for text in unescaped(value):
            for part in self._in_content(text, depth=DEEPEST):
                yield part._replace(start=0, end=len(value))

    def _packed(self, value: bytes, *, may_hold_streams: bool, depth: int) -> Iterator[Part]:
        for start, end in base64_runs(value):
            run = value[start:end]
            if run not in self._clean_runs:
                found = list(self._in_run(run, depth))
                yield from (part._replace(start=start, end=end) for part in found)
                if not found and len(self._clean_runs) < REMEMBERED:
                    self._clean_runs.add(run)
        if may_hold_streams:
            for start, end, content in packed_streams(value, self._allowance):
                for part in self._in_content(content, depth=depth + 1):
                    yield part._replace(start=start, end=end)
        if is_document(value):
            yield from self._in_document(value)

    def _in_run(self, run: bytes, depth: int) -> Iterator[Part]:
        for content in base64_decoded(run):
            if is_printable(content) or content.startswith((b"\x1f\x8b", b"PK", b"%PDF")):
                yield from self._in_content(content, depth=depth + 1)
                continue
            for part in self._hits(content, "OB"):
                if part.end - part.start >= LEAST_IN_CHANCE:
                    yield part

    def _in_document(self, value: bytes) -> Iterator[Part]:
        texts, trouble = read_document(value)
        for text in texts:
            for part in self._in_content(text, depth=1):
                yield part._replace(start=0, end=len(value))
        for sentence in trouble:
            yield Part("unreadable", 0, len(value), CERTAIN, sentence=sentence)

    def _in_content(self, content: bytes, *, depth: int) -> Iterator[Part]:
        """Search what was unpacked; ranges are those inside it."""
        is_readable = is_printable(content)
        yield from self._hits(content, "UT" if is_readable else "OB")
        if is_readable:
            yield from self._forms(content)
        if depth < DEEPEST:
            if is_readable:
                for text in unescaped(content):
                    yield from self._in_content(text, depth=DEEPEST)
            yield from self._packed(content, may_hold_streams=True, depth=depth)

    def _hits(self, content: bytes, vr: str) -> Iterator[Part]:
        whole = Element(0, len(content), 1, vr, Place("unpacked"))
        for hit in self._searcher.search(content, lambda start, end: whole):
            yield Part(hit.term.kind, hit.start, hit.end, hit.sure, hit.term.source_path)
