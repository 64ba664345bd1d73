"""One thing found in one member, and all of them put together: one row for what is alike."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from deidentify.leaks.finding import SURENESS, fingerprint
from deidentify.leaks.folding import normalised
from exports.door.words import place_of, sentence_of
from exports.models import Package, PackageFinding
from transfers.fingerprints import fingerprint_key, keyed

MOST_ROWS = 500
"""Different findings of one package that are kept; what comes after is counted in one more."""
MORE = "More was found than is listed here."
MOST_MEMBERS = 5
"""Members that are named with one finding."""
REMARKS = frozenset({"unknown people"})
"""Kinds that are said and hold nothing."""
_NUMBERS = re.compile(r"\d+")


class Found(NamedTuple):
    """One thing found.

    Attributes:
        kind: a word of deidentify.leaks.finding.KINDS, or `unproved`.
        path: where: `nifti:descrip`, `name:folder`, or the way to an element of a DICOM member.
        member: in which it is; "" for the archive itself.
        sure: a word of SURENESS.
        context: what tells it from another finding; may hold the value, and is never kept.
        sentence: what is said; made of kind and place if it is empty.
    """

    kind: str
    path: str
    member: str
    sure: str
    context: str = ""
    sentence: str = ""


@dataclass
class Alike:
    """Findings that are told as one."""

    first: Found
    sure: str
    members: list[str] = field(default_factory=list)
    count: int = 0


class Notes:
    """What was found in a batch of members."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._key = fingerprint_key(package.project.root)
        self._alike: dict[str, Alike] = {}

    def add(self, all_found: Iterable[Found]) -> None:
        """Note what was found in one member."""
        seen: set[str] = set()
        for found in all_found:
            mark = self._mark(found)
            alike = self._alike.setdefault(mark, Alike(found, found.sure))
            alike.sure = max(alike.sure, found.sure, key=SURENESS.index)
            if mark not in seen:
                seen.add(mark)
                alike.count += 1
                if len(alike.members) < MOST_MEMBERS:
                    alike.members.append(found.member)

    def _mark(self, found: Found) -> str:
        context = _NUMBERS.sub("#", normalised(found.context))
        return keyed(fingerprint(found.kind, found.path, context.encode()), self._key)

    def save(self) -> None:
        """Add what was found to the package's rows; inside the transaction of the position."""
        marks = [*self._alike, MORE]
        known = {
            row.fingerprint: row for row in self._package.findings.filter(fingerprint__in=marks)
        }
        room = MOST_ROWS - self._package.findings.count()
        new: dict[str, PackageFinding] = {}
        for mark, alike in self._alike.items():
            is_room = mark in known or len(new) < room
            told = mark if is_room else MORE
            row = known.get(told) or new.get(told)
            if row is not None:
                row.member_count += alike.count
            elif is_room:
                new[mark] = self._row(mark, alike)
            else:
                # it cannot be released: nobody has seen what that would be
                first = Found("unreadable", "archive", "", alike.sure, "", MORE)
                new[MORE] = self._row(MORE, Alike(first, alike.sure, count=alike.count))
        PackageFinding.objects.bulk_create(new.values())
        PackageFinding.objects.bulk_update(known.values(), ["member_count"])

    def _row(self, mark: str, alike: Alike) -> PackageFinding:
        found = alike.first
        place = place_of(found.path)
        return PackageFinding(
            package=self._package,
            kind=found.kind,
            place=place[:200],
            sure=alike.sure,
            sentence=(found.sentence or sentence_of(found.kind, place))[:300],
            detail=json.dumps({"path": found.path, "members": alike.members}),
            fingerprint=mark,
            member_count=alike.count,
            is_holding=found.kind not in REMARKS,
        )
