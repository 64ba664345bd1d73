"""Whether UIDs that pointed to something of the transfer point to its output now.

What became of which instance is known when verification begins: every output was written. So
each reference is judged where it stands, and nothing has to be remembered of it.

Source: DICOM PS3.15 E.3.9 and the U action of Table E.1-1 (consistent within a set), PS3.3
C.12.4 and 10.8 (references).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from deidentify.conformance.contents import Contents
from deidentify.conformance.finding import REFERENCE, made, name_of
from deidentify.leaks.finding import Finding
from deidentify.uids import is_well_known

STUDY, SERIES, INSTANCE = 0x0020000D, 0x0020000E, 0x00080018
SOP_CLASS_UID = 0x00080016

LOST = "{name} pointed to something of this transfer, and does not point to its output."
ORIGINAL = "{name} points to an original of this transfer."
ASTRAY = "{name} did not point to the output that it points to now."

Uid = tuple[str, int, bytes]
Link = tuple[str, int, bytes, bytes]
"""Prefix of the place, tag, the source's UID (empty if it had none here), the output's."""


def links(original: Contents, ours: Contents) -> Iterator[Link]:
    """Yield every UID of an output that may name a thing of the transfer, with its source's."""
    for (prefix, tag, uid), before in _paired(original, ours):
        if not uid or tag == SOP_CLASS_UID:
            continue
        if b"\\" in uid or b"\\" in before:
            pairs = zip(before.split(b"\\"), uid.split(b"\\"), strict=False)
            yield from ((prefix, tag, old, new) for old, new in pairs)
        else:
            yield prefix, tag, before, uid


def _paired(original: Contents, ours: Contents) -> Iterator[tuple[Uid, bytes]]:
    """Yield every UID of an output with what its source has in the same place."""
    if len(original.uids) == len(ours.uids):
        pairs = zip(ours.uids, original.uids, strict=True)
        if all(new[0] == old[0] and new[1] == old[1] for new, old in pairs):
            yield from ((new, old[2]) for new, old in zip(ours.uids, original.uids, strict=True))
            return
    theirs = {(prefix, tag): uid for prefix, tag, uid in original.uids}
    yield from ((new, theirs.get(new[:2], b"")) for new in ours.uids)


class References:
    """What became of the studies, series and instances of one transfer.

    Args:
        outputs: original UID -> the UIDs that stand for it; several where files share one.
    """

    def __init__(self, outputs: Mapping[bytes, Iterable[bytes]]) -> None:
        self._outputs = {old: frozenset(new) for old, new in outputs.items()}
        self._originals: dict[bytes, set[bytes]] = defaultdict(set)
        for old, news in self._outputs.items():
            for new in news:
                self._originals[new].add(old)

    def faults(self, found: Iterable[Link], *, study: str) -> list[Finding]:
        """Return a finding for each reference that leads nowhere, astray or to an original.

        Args:
            found: of one output.
            study: its new Study Instance UID; a verdict carries to this study alone.
        """
        outputs, originals = self._outputs, self._originals
        findings = []
        for prefix, tag, old, new in found:
            expected = outputs.get(old)
            if expected is not None:
                sentence = "" if new in expected else LOST
            elif new in originals and not is_well_known(new):
                sentence = ASTRAY
            else:
                sentence = ORIGINAL if new in outputs else ""
            if sentence:
                path = f"{prefix}({tag >> 16:04X},{tag & 0xFFFF:04X})"
                said = sentence.format(name=name_of(path))
                findings.append(made(REFERENCE, path, said, f"{sentence} {study}"))
        return findings
