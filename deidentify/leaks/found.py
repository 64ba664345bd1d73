"""The findings of one file: where, in a sentence, and marked so that they are known again."""

from __future__ import annotations

import re
from collections.abc import Collection

from deidentify.leaks.elements import Element, Layout
from deidentify.leaks.finding import CERTAIN, SURENESS, Finding, fingerprint
from deidentify.leaks.folding import fold_bytes
from deidentify.leaks.judging import Hit
from deidentify.leaks.values import Part

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


class Findings:
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
