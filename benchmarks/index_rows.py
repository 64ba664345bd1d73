"""Invented series for the index: rows as deidentify.inventory gives them, of no file.

Twelve scanners with protocols of their own; each series has about 300 elements: constants of its
scanner and of its protocol, what somebody typed, what differs from participant to participant,
numbers and UIDs that differ from image to image.
"""

import hashlib
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from deidentify.elements import keyword, lookup
from deidentify.inventory import VALUE_CAP, ElementRow

SCANNERS = 12
PROTOCOLS = 40
WORDS = "axial sagittal head knee contrast repeat calm moved left right fast wide second".split()  # noqa: SIM905

UIDS = (0x00020003, 0x00080018, 0x00080014, 0x00081155)
MEASURED = tuple(0x00189000 + number for number in range(0x70, 0x7A))


@dataclass(frozen=True)
class Invented:
    """One series: whose it is, which scanner made it, and its rows."""

    participant: int
    study: int
    scanner: int
    rows: list[ElementRow]


def invented(count: int, *, instances: int, participants: int, seed: int = 1) -> Iterator[Invented]:
    """Yield series, five in a study; a participant has the studies that fall to it in turn.

    Args:
        count: of series.
        instances: of each.
        participants: in all.
        seed: of the generator.
    """
    draw = random.Random(seed)
    changing = _changing(instances)
    scanners = [_scanner(number, instances) for number in range(SCANNERS)]
    protocols = [_protocol(number, instances) for number in range(PROTOCOLS)]
    for number in range(count):
        study = number // 5
        participant, scanner = study % participants, study % SCANNERS
        rows = [*scanners[scanner], *protocols[draw.randrange(PROTOCOLS)], *changing]
        rows += _own(number, participant, study, draw, instances)
        yield Invented(participant, study, scanner, sorted(rows, key=lambda row: row.path))


def _row(path: str, vr: str, values: Mapping[str, int], distinct: int = 0) -> ElementRow:
    tag = int(path[-10:-6] + path[-5:-1], 16) if '"' not in path else 0
    creator = path.rsplit('"', 2)[1] if '"' in path else ""
    last = path.rsplit("(", 1)[1][:-1]
    return ElementRow(
        path=path,
        tag=f"{last[:4]},xx{last[-2:]}" if creator else last,
        vr=vr,
        keyword=keyword(tag) if tag else "",
        creator=creator,
        instances=sum(values.values()) if len(values) < VALUE_CAP else 0,
        values=values,
        distinct=distinct or len(values),
        is_capped=distinct > len(values),
    )


def _scanner(number: int, instances: int) -> list[ElementRow]:
    """120 elements that a scanner always writes alike, 60 of them private, some in a sequence."""
    rows = [
        _row("(0008,0060)", "CS", {"MR" if number % 3 else "CT": instances}),
        _row("(0008,0070)", "LO", {f"Maker {number % 4}": instances}),
        _row("(0008,1090)", "LO", {f"Model {number % 6}": instances}),
        _row("(0018,1000)", "LO", {f"{40_000 + number}": instances}),
        _row("(0018,1020)", "LO", {f"release {number % 5}.{number}": instances}),
    ]
    rows += [
        _row(f"(0018,{9000 + place:04X})", "CS", {f"TERM {number % 3}": instances})
        for place in range(55)
        if not lookup(0x00180000 + 9000 + place)
    ]
    for place in range(60):
        path = f'(0021,"MAKER {number % 4} HEADER",{place:02X})'
        path = f"(5200,9229){path}" if place % 4 == 0 else path
        rows.append(
            _row(path, "LO" if place % 2 else "SH", {f"setting {number}.{place}": instances})
        )
    return rows


def _protocol(number: int, instances: int) -> list[ElementRow]:
    """80 elements that follow the protocol."""
    rows = [
        _row(f"(0018,{0x1300 + place:04X})", "DS", {f"{number * place % 17}.5": instances})
        for place in range(50)
    ]
    rows += [
        _row(f"(5200,9229)(0018,{0x9300 + place:04X})", "CS", {f"MODE {number % 7}": instances})
        for place in range(30)
    ]
    rows.append(_row("(0018,1030)", "LO", {f"{WORDS[number % 13]} {WORDS[number % 7]}": instances}))
    return rows


def _changing(instances: int) -> list[ElementRow]:
    """40 elements that differ in every image: positions, times, counters."""
    shown = min(instances, VALUE_CAP)
    rows = []
    for place in range(40):
        values = {f"{place}.{image}": 1 for image in range(shown)}
        row = _row(f"(0020,{0x9300 + place:04X})", "DS", values, distinct=instances)
        rows.append(ElementRow(**{**vars(row), "instances": instances}))
    return rows


def _own(
    number: int, participant: int, study: int, draw: random.Random, instances: int
) -> Iterator[ElementRow]:
    """60 elements of this very series, study or participant."""

    def uid(text: str) -> str:
        return f"2.25.{int(hashlib.sha256(text.encode()).hexdigest()[:24], 16)}"

    yield _row("(0010,0010)", "PN", {f"BENCH_{participant:05}": instances})
    yield _row("(0010,0020)", "LO", {f"BENCH_{participant:05}": instances})
    yield _row("(0020,000D)", "UI", {uid(f"study {study}"): instances})
    yield _row("(0020,000E)", "UI", {uid(f"series {number}"): instances})
    yield _row("(0008,0020)", "DA", {f"20{study % 20 + 10}{study % 12 + 1:02}11": instances})
    yield _row("(0008,103E)", "LO", {f"{draw.choice(WORDS)} {draw.choice(WORDS)}": instances})
    yield _row("(0020,4000)", "LT", {" ".join(draw.choices(WORDS, k=4)): instances})
    for place in range(3):  # references to other images, a UID in each
        shown = {uid(f"{number} {place} {image}"): 1 for image in range(min(instances, 60))}
        row = _row(f"(0008,1140)(0008,{0x1150 + place:04X})", "UI", shown, distinct=instances)
        yield ElementRow(**{**vars(row), "instances": instances})
    for place in range(50):
        text = f"{draw.randrange(40)}.{place}"
        yield _row(f"(0018,{0x1400 + place:04X})", "DS", {text: instances})
