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
from rdma.selftest.planting.sheets import PACKED, PIXELS, Keep, Plant, Sheet, Way, as_text, at, walk

CONTRIBUTING = 0x0018A001


@dataclass(frozen=True)
class Came:
    """What became of one file. `output` is None where nothing was written.

    `is_held`: a check found something in it, and it does not leave. `waits`: it is a picture that
    nobody has looked at yet, and is searched as if somebody had. `is_turned_away`: it did not come
    into quarantine. `delivered` is what a destination has of it; `shift` by how many days its
    dates moved, None to take it from the corpus.
    """

    output: Path | None
    reason: str = ""
    is_held: bool = False
    waits: bool = False
    is_turned_away: bool = False
    delivered: Path | None = None
    shift: int | None = None


@dataclass
class Verdict:
    """How one file came out.

    `caught` is what was planted and left in a file that is held, so that it does not leave;
    `dataset` is the output as a reader finds it, None without one.
    """

    sheet: Sheet
    came: Came
    dataset: Dataset | None = None
    leaks: list[Plant] = field(default_factory=list)
    caught: list[Plant] = field(default_factory=list)
    places: dict[str, list[str]] = field(default_factory=dict)
    lost: list[Keep] = field(default_factory=list)
    broken: list[Way] = field(default_factory=list)
    unread: str = ""
    new_errors: list[str] = field(default_factory=list)

    @property
    def output(self) -> Path | None:
        """The file that was written."""
        return self.came.output

    @property
    def is_document(self) -> bool:
        """Whether it carries a whole document, which is held on purpose (docs/adr/0013)."""
        return self.sheet.kind.startswith("encapsulated")

    @property
    def is_refused(self) -> bool:
        """Whether a file that could have been de-identified was not; documents may be held."""
        return self.output is None and not self.is_document

    @property
    def stays(self) -> bool:
        """Whether it does not leave: it was refused, or a check holds it."""
        return self.output is None or self.came.is_held


def read(path: Path) -> Dataset:
    """Open a file without a word about what pydicom thinks of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return dcmread(path)


def judge(sheets: Sequence[Sheet], outcomes: Mapping[str, Came]) -> list[Verdict]:
    """Return a verdict for every file of the corpus; `outcomes` are by the file's name."""
    verdicts = [_verdict(sheet, outcomes[sheet.name]) for sheet in sheets]
    _judge_references(verdicts)
    return verdicts


def _verdict(sheet: Sheet, came: Came) -> Verdict:
    verdict = Verdict(sheet, came)
    if verdict.is_refused:
        verdict.lost = list(sheet.keeps)
    if came.output is None:
        return verdict
    try:
        verdict.dataset = read_whole(came.output)
    except Exception as error:  # noqa: BLE001 - whatever a reader stumbles over is a finding
        verdict.unread = type(error).__name__
        verdict.lost = list(sheet.keeps)
        return verdict
    left = left_in(sheet, verdict.dataset, came)
    (verdict.caught if came.is_held else verdict.leaks).extend(left)
    for needle in {plant.needle for plant in left}:
        verdict.places[needle] = places(verdict.dataset, needle)
    shift = sheet.person.shift if came.shift is None else came.shift
    verdict.lost = [keep for keep in sheet.keeps if not _stays(sheet, verdict.dataset, keep, shift)]
    return verdict


def read_whole(path: Path) -> Dataset:
    """Read a file and decode every element of it."""
    dataset = read(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset.decode()
        list(dataset.iterall())
    return dataset


def left_in(sheet: Sheet, dataset: Dataset, came: Came) -> list[Plant]:
    """Return what is left of what was planted: in any byte, in the names, and inside packages."""
    files = [path for path in (came.output, came.delivered) if path is not None]
    searched = b"".join(_searched(path.read_bytes(), sheet, dataset) for path in files).lower()
    names = " ".join(path.name for path in files).lower().encode()
    found = {needle: is_in(needle, searched) for needle in {p.needle for p in sheet.plants}}
    left = []
    for plant in sheet.plants:
        here = _element_bytes(dataset, plant.way)
        if plant.only_here:
            if plant.needle.lower().encode() in here:
                left.append(plant)
        elif is_in(plant.needle, names) or (
            found[plant.needle]
            and (is_in(plant.needle, here) or not _elsewhere(dataset, sheet, plant))
        ):
            left.append(plant)
    return left + [plant for plant in _packed(sheet, dataset) if plant not in left]


def _same_pixels(sheet: Sheet, output: Dataset) -> bool:
    """Whether the encoded pixels are the source's; big endian ones are turned, and no more."""
    now = output.get("PixelData", b"")
    if sheet.dataset.file_meta.TransferSyntaxUID == ExplicitVRBigEndian:
        return sorted(now) == sorted(sheet.pixels)
    return bool(now == sheet.pixels)


def _stays(sheet: Sheet, dataset: Dataset, keep: Keep, shift: int) -> bool:
    """Whether the token is there, or one item further where de-identification names itself."""
    if keep.cell == PIXELS:
        return _same_pixels(sheet, dataset)
    token = keep.expected(shift)
    if token in as_text(at(dataset, keep.way)):
        return True
    first, *rest = keep.way
    if first != CONTRIBUTING or not rest:
        return False
    return token in as_text(at(dataset, (first, rest[0] + 1, *rest[1:])))


def _packed(sheet: Sheet, dataset: Dataset) -> list[Plant]:
    """What is left inside a protocol that is packed with gzip."""
    if sheet.packed is None:
        return []
    tag, needles = sheet.packed
    value = dataset[tag].value if tag in dataset else b""
    opened = zlib.decompressobj(31).decompress(value[4:]).lower() if value else b""
    return [Plant(PACKED, (tag,), one) for one in needles if is_in(one, opened)]


def _searched(raw: bytes, sheet: Sheet, dataset: Dataset) -> bytes:
    """Return all bytes but pixels in which nothing was planted: short names stand there by chance.

    Those are native ones, and encoded ones that are still the carrier's own.
    """
    pixels = dataset.get("PixelData", b"")
    is_encoded = dataset.file_meta.TransferSyntaxUID.is_compressed
    if len(pixels) < 64 or (is_encoded and pixels != sheet.pixels):
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
    new = new_uids(verdicts)
    for verdict in verdicts:
        if verdict.dataset is None:
            continue
        for way, _, element in walk(verdict.sheet.dataset):
            if element.VR == "UI" and isinstance(element.value, str) and element.value in new:
                now = at(verdict.dataset, way)
                if now is not None and now != new[element.value]:
                    verdict.broken.append(way)


def new_uids(verdicts: Sequence[Verdict]) -> dict[str, str]:
    """Return what the UIDs of the corpus' studies, series and instances became."""
    return {
        verdict.sheet.dataset[keyword].value: verdict.dataset[keyword].value
        for verdict in verdicts
        if verdict.dataset is not None
        for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
        if keyword in verdict.dataset
    }
