"""The conformance check of one transfer: each output against its source, and all together.

Originals often break the standard; a finding says that an output does so where its original did
not. The values of originals are looked at only where something is wrong with the output's.

    check = ConformanceCheck(outputs=…)
    findings = check.examine(source, target)        # for each instance
    if check.agreement.is_broken:                   # when all have been examined
        findings = check.compare(source, target)    # for each instance once more
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from deidentify.conformance.agreement import NOTED, Agreement, Statement, statement_of
from deidentify.conformance.comparison import Fault, new_in_shape, not_before
from deidentify.conformance.contents import Contents
from deidentify.conformance.finding import (
    conformance,
    content_of,
    unknown,
    without_item_numbers,
)
from deidentify.conformance.reading import Reader
from deidentify.conformance.references import STUDY, Link, References, links
from deidentify.conformance.waivers import Waiver
from deidentify.leaks.finding import Finding

SOP_CLASS_UID, SOP_INSTANCE_UID = 0x00080016, 0x00080018
META = {0x02: SOP_CLASS_UID, 0x03: SOP_INSTANCE_UID}


class ConformanceCheck:
    """The check of one transfer; what it learned of elements serves all of its instances.

    Args:
        outputs: original UID of each study, series and instance -> those that stand for it.
        waives: faults that the profile is known for.
        agreement: what instances said that were examined before.
        copies: UIDs of what is made over earlier outputs. An original that joins them is spoken of
            by the names that they have, since theirs is all that is left.
    """

    def __init__(
        self,
        *,
        outputs: Mapping[bytes, Iterable[bytes]],
        waives: Waiver | None = None,
        agreement: Agreement | None = None,
        copies: Collection[bytes] = (),
    ) -> None:
        self.agreement = agreement or Agreement()
        self.last_statement: Statement | None = None
        self._references = References(outputs)
        self._waives = waives
        self._copies = copies
        self._reader = Reader(frozenset(NOTED))

    def examine(self, source: Path, target: Path) -> list[Finding]:
        """Return what is wrong with an output by itself, and take down what it shares.

        Raises OSError if a file cannot be read; anything else that is wrong is a finding.
        """
        ours = self._reader.read(target, judging=True)
        # Values of originals are asked only where something is wrong with ours.
        original = self._reader.read(source, judging=bool(ours.wrong))
        self.last_statement = None
        if ours.is_broken:
            return [unknown(content_of(target))]
        found = list(links(original, ours))
        self.last_statement = self._told(original, ours, found)
        self.agreement.add(self.last_statement)
        sop_class = ours.main_uid(SOP_CLASS_UID).decode("latin-1")
        findings = [
            conformance(what, path, sop_class)
            for what, path in _new_faults(original, ours)
            if not self._is_waived(what, path)
        ]
        study = ours.main_uid(STUDY).decode("latin-1")
        return findings + self._not_waived(self._references.faults(found, study=study))

    def compare(self, source: Path, target: Path, *, spare_most: bool = True) -> list[Finding]:
        """Return in what an output differs from the others of its study, all being examined.

        Args:
            spare_most: leave alone what most of them say. Not where some have left already.
        """
        ours = self._reader.read(target, judging=False)
        original = self._reader.read(source, judging=False)
        statement = self._told(original, ours, list(links(original, ours)))
        return self._not_waived(self.agreement.faults(statement, spare_most=spare_most))

    def _told(self, original: Contents, ours: Contents, found: list[Link]) -> Statement:
        """Return what an instance says; where it joins copies, by the names that they have."""
        told = statement_of(original, ours, found)
        if not self._copies:
            return told
        return told._replace(
            uids=tuple(
                (whole, is_own, new if new in self._copies else old, new)
                for whole, is_own, old, new in told.uids
            )
        )

    def _not_waived(self, findings: list[Finding]) -> list[Finding]:
        return [one for one in findings if not self._is_waived(one.kind, one.path)]

    def _is_waived(self, what: str, path: str) -> bool:
        return self._waives is not None and self._waives(what, without_item_numbers(path))


def _new_faults(original: Contents, ours: Contents) -> list[Fault]:
    """Return what is wrong with an output and was not with its source."""
    found = list(new_in_shape(original, ours))
    if faults := [*ours.wrong, *_meta_faults(ours)]:
        found += not_before(faults, [*original.wrong, *_meta_faults(original)])
    return found


def _meta_faults(contents: Contents) -> Iterator[Fault]:
    if contents.meta_is_wrong:
        yield "meta", "file meta (0002,0000)"
    for element, tag in META.items():
        if contents.meta.get(element, b"") != contents.main_uid(tag):
            yield "meta", f"file meta (0002,{element:04X})"
