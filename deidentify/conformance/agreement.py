"""Whether the instances of a study still agree on what belongs to the study, not to the image.

Every instance tells what its study and series are called, before and after. Where originals
agreed and outputs do not, inconsistent replacing has broken the study. What was told is little
and can be stored, so that another worker goes on with it.

Source: DICOM PS3.3 A.1.2 and C.7 (patient, study, series and frame of reference modules).
"""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from deidentify.conformance.contents import Contents
from deidentify.conformance.finding import AGREEMENT, made
from deidentify.conformance.references import SERIES, STUDY, Link
from deidentify.elements import named
from deidentify.leaks.finding import Finding

FRAME = 0x00200052
FRAMES = frozenset({FRAME, 0x00200200, 0x30060024, 0x300600C2})
"""Frame of Reference UID, Synchronization Frame of Reference UID, and what refers to them."""
OF_STUDY = (
    0x00080020,  # Study Date
    0x00080030,  # Study Time
    0x00080050,  # Accession Number
    0x00080090,  # Referring Physician's Name
    0x00081030,  # Study Description
    0x00100010,  # Patient's Name
    0x00100020,  # Patient ID
    0x00100030,  # Patient's Birth Date
    0x00100040,  # Patient's Sex
    0x00200010,  # Study ID
)
OF_SERIES = (
    0x00080021,  # Series Date
    0x00080060,  # Modality
    0x0008103E,  # Series Description
    0x00200011,  # Series Number
)
NOTED = OF_STUDY + OF_SERIES
WHOLES = FRAMES | {STUDY, SERIES}

DIFFERS = "Images of one {level} agreed on {name}, and do not any more."
PARTED = "Images that shared one {name} do not share one any more."
MERGED = "Images with different {name}s share one now."


Wrong = tuple[str, bool]
"""The sentence, and whether most instances say the same as this one."""


class Fact(NamedTuple):
    """What one instance says of something that it shares with others.

    Args:
        whole: the tag of what is shared: STUDY, SERIES or one of FRAMES.
        old_uid, new_uid: of it, before and after.
        tag: the attribute; `whole` itself if the fact is about the UID.
        old, new: its value before and after; empty if absent.
    """

    whole: int
    old_uid: str
    new_uid: str
    tag: int
    old: str
    new: str

    def __repr__(self) -> str:
        return f"<Fact {self.tag:08x}>"


class Statement(NamedTuple):
    """All that one instance says; most instances of a series say the same.

    Args:
        uids: (STUDY, SERIES or FRAME, whether it is the instance's own, old UID, new UID).
        old, new: values of the attributes in NOTED, in its order; empty if absent.
    """

    uids: tuple[tuple[int, bool, bytes, bytes], ...]
    old: tuple[bytes, ...]
    new: tuple[bytes, ...]

    def __repr__(self) -> str:
        return "<Statement>"

    def facts(self) -> Iterator[Fact]:
        """Yield it piece by piece."""
        own: dict[int, tuple[str, str]] = {}
        for whole, is_own, old, new in self.uids:
            pair = old.decode("latin-1"), new.decode("latin-1")
            if is_own:
                own[whole] = pair
            yield Fact(whole, *pair, whole, "", "")
        for tag, old, new in zip(NOTED, self.old, self.new, strict=True):
            whole = STUDY if tag in OF_STUDY else SERIES
            if whole in own:
                yield Fact(whole, *own[whole], tag, old.decode("latin-1"), new.decode("latin-1"))
        if SERIES in own:
            yield Fact(SERIES, *own[SERIES], FRAME, *own.get(FRAME, ("", "")))


def statement_of(original: Contents, ours: Contents, found: list[Link]) -> Statement:
    """Return what an instance says of its study, its series and its frames of reference."""
    uids = []
    for prefix, tag, old, new in found:
        if tag in WHOLES and old and (tag in FRAMES or not prefix):
            whole = FRAME if tag in FRAMES else tag
            uids.append((whole, not prefix and whole == tag, old, new))
    return Statement(
        tuple(uids),
        tuple([original.noted.get(tag, b"") for tag in NOTED]),
        tuple([ours.noted.get(tag, b"") for tag in NOTED]),
    )


class Agreement:
    """What the instances of one transfer have said so far, and where they disagree."""

    def __init__(self) -> None:
        self._statements: Counter[Statement] = Counter()
        self._stored: Counter[Fact] = Counter()
        self._faults: dict[Fact, Wrong] | None = None

    def add(self, statement: Statement) -> None:
        """Take down what one instance says."""
        self._statements[statement] += 1
        self._faults = None

    def as_data(self) -> list[list[str | int]]:
        """Return what was told, ready for JSON; identified data."""
        return [[*fact, count] for fact, count in self._told().items()]

    @classmethod
    def from_data(cls, rows: list[list[str | int]]) -> "Agreement":
        """Return what as_data gave."""
        agreement = cls()
        for *cells, count in rows:
            whole, old_uid, new_uid, tag, old, new = cells
            fact = Fact(int(whole), str(old_uid), str(new_uid), int(tag), str(old), str(new))
            agreement._stored[fact] = int(count)
        return agreement

    @property
    def is_broken(self) -> bool:
        """Whether any instance disagrees with others where originals agreed."""
        return bool(self._wrong())

    def faults(self, statement: Statement, *, spare_most: bool = True) -> list[Finding]:
        """Return a finding for each thing in which one instance differs from the others.

        Args:
            statement: of the instance.
            spare_most: leave alone those that say what most say.
        """
        wrong = self._wrong()
        if not wrong:
            return []
        findings = []
        study = next((new for whole, _, _, new in statement.uids if whole == STUDY), b"")
        for fact in dict.fromkeys(statement.facts()):
            sentence, is_of_most = wrong.get(fact, ("", False))
            if sentence and not (is_of_most and spare_most):
                path = f"({fact.tag >> 16:04X},{fact.tag & 0xFFFF:04X})"
                level = {STUDY: "study", SERIES: "series"}.get(fact.whole, "frame of reference")
                said = sentence.format(level=level, name=named(fact.tag))
                # A verdict carries to this study alone.
                mark = f"{sentence} {study.decode('latin-1')}"
                findings.append(made(AGREEMENT, path, said, mark))
        return findings

    def _wrong(self) -> dict[Fact, Wrong]:
        if self._faults is None:
            told = self._told()
            self._faults = {**_parted(told), **_differing(told)}
        return self._faults

    def _told(self) -> Counter[Fact]:
        told = Counter(self._stored)
        for statement, count in self._statements.items():
            for fact in statement.facts():
                told[fact] += count
        return told


def _parted(told: Counter[Fact]) -> dict[Fact, Wrong]:
    """Facts about UIDs that became several, or that several became."""
    of_uids = [fact for fact in told if fact.tag == fact.whole]
    news = Counter((fact.whole, fact.old_uid) for fact in of_uids)
    olds = Counter((fact.whole, fact.new_uid) for fact in of_uids)
    wrong: dict[Fact, Wrong] = {}
    for fact in of_uids:
        if news[fact.whole, fact.old_uid] > 1:
            wrong[fact] = PARTED, False
        elif olds[fact.whole, fact.new_uid] > 1:
            wrong[fact] = MERGED, False
    return wrong


def _differing(told: Counter[Fact]) -> dict[Fact, Wrong]:
    """Facts about attributes on which originals agreed."""
    groups: dict[tuple[int, str, int], list[Fact]] = {}
    for fact in told:
        if fact.tag != fact.whole:
            groups.setdefault((fact.whole, fact.old_uid, fact.tag), []).append(fact)
    wrong: dict[Fact, Wrong] = {}
    for facts in groups.values():
        values: Counter[str] = Counter()
        for fact in facts:
            values[fact.new] += told[fact]
        if len(values) <= len({fact.old for fact in facts}):
            continue
        (usual, most), (_, second) = values.most_common(2)
        for fact in facts:
            wrong[fact] = DIFFERS, fact.new == usual and most > second
    return wrong
