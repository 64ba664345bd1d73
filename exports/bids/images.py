"""What the images of one series are called: echoes, parts and field maps told apart.

dcm2niix names what differs between the images of a series by suffixes (`_e2_ph`); BIDS has
entities and suffixes of its own for most of it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from exports.bids.entities import SUFFIXES
from exports.bids.planning import Place

ECHO = re.compile(r"_e(\d+)")
PARTS = {"_ph": "phase", "_imaginary": "imag", "_real": "real"}
FIELD = "_fieldmaphz"


@dataclass(frozen=True)
class Told:
    """What tells one image of a series from the others.

    Args:
        echo: its number; "" if there is one only.
        part: phase, imag or real; "" for magnitude.
        is_field: whether it is a field map in Hz.
        rest: what BIDS has no word for.
    """

    echo: str = ""
    part: str = ""
    is_field: bool = False
    rest: str = ""


def read_kind(kind: str) -> Told:
    """Read dcm2niix's suffix."""
    told = Told()
    if found := ECHO.search(kind):
        told, kind = replace(told, echo=found[1]), kind.replace(found[0], "", 1)
    if FIELD in kind:
        told, kind = replace(told, is_field=True), kind.replace(FIELD, "", 1)
    for word, part in PARTS.items():
        if word in kind:
            told, kind = replace(told, part=part), kind.replace(word, "", 1)
            break
    return replace(told, rest=re.sub(r"[^A-Za-z0-9]", "", kind))


@dataclass(frozen=True)
class Named:
    """The folder, the suffix and the entities of one image."""

    datatype: str
    suffix: str
    entities: dict[str, str]


@dataclass(frozen=True)
class _Together:
    """What the images of one series have between them."""

    has_parts: bool
    has_echoes: bool
    has_field: bool


def names_of(place: Place, kinds: Iterable[tuple[str, int]]) -> list[Named]:
    """Name the images of one series, given as dcm2niix's suffix and a number among equals."""
    told = [(read_kind(kind), number) for kind, number in kinds]
    context = _Together(
        has_parts=len({one.part for one, _ in told}) > 1,
        has_echoes=len({one.echo for one, _ in told}) > 1,
        has_field=any(one.is_field for one, _ in told),
    )
    return [_named(place, one, number, context) for one, number in told]


def _named(place: Place, told: Told, number: int, among: _Together) -> Named:
    key = place.row.place
    datatype, suffix = key.split("/")
    entities = dict(place.entities)
    is_told = {"echo": False, "part": False}  # whether the suffix says it already
    if datatype == "fmap" and suffix != "epi":
        suffix = _field_map(suffix, told, among)
        is_told = {"echo": True, "part": True}
    elif suffix == "PDT2" and told.echo:
        suffix = "PDw" if told.echo == "1" else "T2w"
        is_told["echo"] = among.has_echoes
    known = SUFFIXES[key].entities
    extra = told.rest
    for name, value in (
        ("echo", told.echo),
        ("part", told.part or ("mag" if among.has_parts else "")),
    ):
        if not value or is_told[name]:
            continue
        if name in known:
            entities[name] = value
        else:
            extra += f"{name}{value}"
    extra += f"v{number}" if number > 1 else ""
    if extra:
        entities["acq"] = entities.get("acq", "") + extra
    return Named(datatype, suffix, entities)


def _field_map(suffix: str, told: Told, among: _Together) -> str:
    """Return the suffix of one image of a field map (BIDS, "Field map data", cases 1 to 3)."""
    if told.is_field:
        return "fieldmap"
    if told.part == "phase":
        is_one_of_two = among.has_echoes and told.echo in ("1", "2")
        return f"phase{told.echo}" if is_one_of_two else "phasediff"
    if among.has_field or suffix == "fieldmap":
        return "magnitude"
    return f"magnitude{told.echo}" if told.echo in ("1", "2") else "magnitude1"
