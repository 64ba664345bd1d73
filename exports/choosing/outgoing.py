"""What a series' header says once it has left: names are made of this, not of what stays here.

A folder named after a pseudonym would undo new identifiers, and one named after a date would undo
a shift. So one header of each series, cut off before its pixels, goes through the package's own
transformations before names are read from it.
"""

import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import pydicom

from exports.arranged import Image
from exports.choosing.facts import SeriesFacts, Values, read_file_values
from exports.errors import SourceChanged
from exports.transforming import Transformer
from projects.storage import storage

IDENTIFIER = "PatientID"
UIDS = ("StudyInstanceUID", "SeriesInstanceUID")


@dataclass(frozen=True)
class Outgoing:
    """A series as it leaves: its participant's name, and its facts with the new values.

    `original` are its facts as the research copy has them.
    """

    participant: str
    facts: SeriesFacts
    original: SeriesFacts

    @property
    def study_uid(self) -> str:
        """The Study Instance UID as it leaves."""
        return self.facts.text("StudyInstanceUID") or self.original.study_uid

    @property
    def uid(self) -> str:
        """The Series Instance UID as it leaves."""
        return self.facts.text("SeriesInstanceUID") or self.original.uid


def outgoing(
    series: SeriesFacts, transformer: Transformer | None, wanted: tuple[str, ...], study: int
) -> Outgoing:
    """Return a series as it leaves; `study` is its study's running number.

    Raises ExportError if the header cannot be transformed, or is gone.
    """
    pseudonym = series.run.transfer.participant.pseudonym
    if transformer is None or not transformer.changes_anything:
        return Outgoing(pseudonym, series, series)
    values = _changed(_first(series, study), transformer, (*wanted, IDENTIFIER, *UIDS))
    if values is None:
        return Outgoing(pseudonym, series, series)  # cutting ties always changes something
    # where ties are cut, nothing may fall back to the pseudonym
    drawn = transformer.order(pseudonym).hex()[:12].upper()
    identifier = "".join(values.get(IDENTIFIER, ())) or drawn or pseudonym
    return Outgoing(identifier, replace(series, values=values), series)


def _first(series: SeriesFacts, study: int) -> Image:
    """Return the first image of a series, as far as a transformation needs it."""
    return Image(
        outcome=series.first.pk,
        key=series.first.key,
        digest=series.first.digest,
        size=0,
        folder="",
        name="",
        is_native=False,
        participant=series.run.transfer.participant.pseudonym,
        event=series.run.transfer.event.name,
        run=series.run.pk,
        study=study,
        series=0,
    )


def _changed(first: Image, transformer: Transformer, wanted: tuple[str, ...]) -> Values | None:
    """Return values of a header after the transformations, None if they change nothing of it."""
    with tempfile.TemporaryDirectory() as scratch:
        source, target = Path(scratch) / "before.dcm", Path(scratch) / "after.dcm"
        try:
            with storage().fetch(first.key) as path:
                cut_off(path, source)
        except FileNotFoundError as error:
            raise SourceChanged(
                "An image that was chosen is not in the storage any more."
            ) from error
        if not transformer.apply(source, target, first):
            return None
        return read_file_values(target, wanted)


def cut_off(path: Path, target: Path) -> None:
    """Write a file's header alone to `target`; a deflated file whole, since it has no seam."""
    with path.open("rb") as file:
        data = pydicom.dcmread(file, stop_before_pixels=True, defer_size=1024)
        end = file.tell()
        syntax = data.file_meta.get("TransferSyntaxUID")
        if syntax is not None and syntax.is_deflated:
            shutil.copyfile(path, target)
            return
        file.seek(0)
        target.write_bytes(file.read(end))
