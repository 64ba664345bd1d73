"""The scores: what leaked, what was kept, which references broke, which errors are new.

Everything is read from the output with pydicom and from its raw bytes; nothing of the engine
is asked.
"""

import warnings
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian

from rdma.selftest.planting.needles import is_in
from rdma.selftest.planting.sheets import Keep, Plant, Sheet, Way, as_text, at, walk

CONTRIBUTING = 0x0018A001


@dataclass
class Verdict:
    """How one file came out. `output` is None if it was refused or held."""

    sheet: Sheet
    output: Path | None
    reason: str = ""
    leaks: list[Plant] = field(default_factory=list)
    places: dict[str, list[str]] = field(default_factory=dict)
    lost: list[Keep] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    unread: str = ""

    new_errors: list[str] = field(default_factory=list)

    @property
    def is_refused(self) -> bool:
        """Whether a file that could have been de-identified was not; documents may be held."""
        return self.output is None and not self.sheet.kind.startswith("encapsulated")


def read(path: Path) -> Dataset:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return dcmread(path)


def judge(
    sheets: Sequence[Sheet], outcomes: Mapping[str, tuple[str, Path | None]]
) -> list[Verdict]:
    """Return a verdict for every file of the corpus.

    Args:
        sheets: what was planted.
        outcomes: file name -> reason and output.
    """
    verdicts = []
    for sheet in sheets:
        reason, output = outcomes[sheet.name]
        verdict = Verdict(sheet, output, reason)
        if verdict.is_refused:
            verdict.lost = list(sheet.keeps)
        elif output is not None:
            _judge_output(verdict, output)
        verdicts.append(verdict)
    _judge_references(verdicts)
    return verdicts


def _judge_output(verdict: Verdict, output: Path) -> None:
    sheet = verdict.sheet
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            dataset = dcmread(output)
            dataset.decode()
            list(dataset.iterall())
        except Exception as error:  # noqa: BLE001 - whatever a reader stumbles over is a finding
            verdict.unread = repr(error)[:120]
            verdict.lost = list(sheet.keeps)
            return
    searched = _searched(output.read_bytes(), dataset).lower()
    found = {needle: is_in(needle, searched) for needle in {p.needle for p in sheet.plants}}
    name = str(output.name).lower().encode()
    for plant in sheet.plants:
        here = _element_bytes(dataset, plant.way)
        if plant.only_here:
            if plant.needle.lower().encode() in here:
                verdict.leaks.append(plant)
        elif is_in(plant.needle, name) or (
            found[plant.needle]
            and (is_in(plant.needle, here) or not _elsewhere(dataset, sheet, plant))
        ):
            verdict.leaks.append(plant)
    verdict.leaks += _packed(sheet, dataset)
    for needle in {plant.needle for plant in verdict.leaks}:
        verdict.places[needle] = places(dataset, needle)
    for keep in sheet.keeps:
        if keep.cell == "pixels":
            if not _same_pixels(sheet, dataset):
                verdict.lost.append(keep)
        elif not _stays(dataset, keep):
            verdict.lost.append(keep)


def _same_pixels(sheet: Sheet, output: Dataset) -> bool:
    """Whether the encoded pixels are the source's; big endian ones are turned, and no more."""
    now = output.get("PixelData", b"")
    if sheet.dataset.file_meta.TransferSyntaxUID == ExplicitVRBigEndian:
        return sorted(now) == sorted(sheet.pixels)
    return bool(now == sheet.pixels)


def _stays(dataset: Dataset, keep: Keep) -> bool:
    """Whether the token is there, or one item further where de-identification names itself."""
    if keep.token in as_text(at(dataset, keep.way)):
        return True
    first, *rest = keep.way
    if first != CONTRIBUTING or not rest:
        return False
    return keep.token in as_text(at(dataset, (first, rest[0] + 1, *rest[1:])))


def _packed(sheet: Sheet, dataset: Dataset) -> list[Plant]:
    """What is left inside a protocol that is packed with gzip."""
    if sheet.packed is None:
        return []
    tag, needles = sheet.packed
    value = dataset[tag].value if tag in dataset else b""
    opened = zlib.decompressobj(31).decompress(value[4:]).lower() if value else b""
    return [Plant("D packed", (tag,), one) for one in needles if is_in(one, opened)]


def _searched(raw: bytes, dataset: Dataset) -> bytes:
    """All bytes but native pixels, in which four letters stand by chance."""
    pixels = dataset.get("PixelData", b"")
    if len(pixels) < 64 or dataset.file_meta.TransferSyntaxUID.is_compressed:
        return raw
    start = raw.find(pixels)
    return raw if start < 0 else raw[:start] + raw[start + len(pixels) :]


def _element_bytes(dataset: Dataset, way: Way) -> bytes:
    value = at(dataset, way)
    if isinstance(value, bytes):
        return value.lower()
    text = as_text(value)
    return text.encode("utf-8", "replace").lower()


def _elsewhere(dataset: Dataset, sheet: Sheet, plant: Plant) -> bool:
    """Whether it was found where another identifier was planted: that one leaked."""
    return any(
        other.way != plant.way and is_in(plant.needle, _element_bytes(dataset, other.way))
        for other in sheet.plants
    )


def places(dataset: Dataset, needle: str) -> list[str]:
    """Return where in a data set a needle stands."""
    found = []
    for way, _, element in walk(dataset):
        if element.VR != "SQ" and element.tag != 0x7FE00010:
            value = element.value
            raw = value if isinstance(value, bytes) else as_text(value).encode("utf-8", "replace")
            if is_in(needle, raw.lower()):
                found.append(f"{said(way)} {element.VR} {element.keyword or element.name}")
    return found or ["outside the data set"]


def said(way: Way) -> str:
    return ".".join(f"{one:08x}" if one > 0xFFFF else str(one) for one in way)


def _judge_references(verdicts: Sequence[Verdict]) -> None:
    """Every UID that pointed to another instance, series or study of the corpus still does."""
    outputs = {id(v): read(v.output) for v in verdicts if v.output and not v.unread}
    new: dict[str, str] = {}
    for verdict in verdicts:
        output = outputs.get(id(verdict))
        if output is not None:
            source = verdict.sheet.dataset
            for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
                new[source[keyword].value] = output[keyword].value
    for verdict in verdicts:
        output = outputs.get(id(verdict))
        if output is None:
            continue
        for way, _, element in walk(verdict.sheet.dataset):
            if element.VR == "UI" and isinstance(element.value, str) and element.value in new:
                now = at(output, way)
                if now is not None and now != new[element.value]:
                    verdict.broken.append(said(way))
