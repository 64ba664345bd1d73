"""A BIDS data set: what the project's mapping calls each series, converted by dcm2niix.

The templates of a specification do not count here: BIDS says itself where a file lies. What has no
place in it lies in `sourcedata/`, or is left out with its reason.
"""

from contextlib import closing
from dataclasses import dataclass, field

from exports.arranged import Image
from exports.bids.dataset import add_dataset_files
from exports.bids.entities import stem
from exports.bids.images import Named, names_of
from exports.bids.mapping import Mapping
from exports.bids.planning import Place, places
from exports.bids.rows import OUT, SOURCE
from exports.bids.sidecars import completed, shortcomings
from exports.building.progress import Progress
from exports.converting.headers import read_shape
from exports.converting.names import named, stems
from exports.converting.outputs import Output
from exports.converting.running import converter_version
from exports.converting.series import Conversion, conversions
from exports.converting.sidecars import read_sidecar, write_sidecar
from exports.converting.wishes import Wishes
from exports.models import BidsMapping

LEFT_OUT = "The mapping of the project leaves series of this kind out."
WHY = "NotInTheDataSetBecause"


def made_with() -> str:
    """Return what a manifest says of the program that converted."""
    return converter_version()


def mapping_of(progress: Progress) -> Mapping:
    """Return the mapping that held when the package was asked for."""
    package = progress.package
    unmapped = str(progress.specification.options.get("unmapped", SOURCE))
    saved = BidsMapping.objects.at(package.project, package.created_at)
    return saved.mapping(unmapped=unmapped) if saved else Mapping(unmapped=unmapped)


def pack(progress: Progress) -> bool:
    """Convert and pack series by series, as many at a time as there are processors."""
    packing = _Packing(progress)
    options = {**progress.specification.options, "compress": True, "sidecar": True}
    converting = conversions(progress, Wishes.of(options), packing.refused)
    with closing(converting) as converted:
        for conversion, position in converted:
            packing.pack(conversion)
            if not progress.packed(len(conversion.images), position, conversion.size):
                break
    return progress.is_whole


def finish(progress: Progress) -> None:
    """Add what tells of the data set as a whole."""
    add_dataset_files(progress, mapping_of(progress))


@dataclass
class _Packing:
    """Names and packs what the series become."""

    progress: Progress
    places: dict[int, Place] = field(init=False)
    stems: dict[int, str] = field(init=False)
    taken: set[str] = field(init=False)

    def __post_init__(self) -> None:
        listed = list(self.progress.all_series())
        self.places = places(listed, mapping_of(self.progress))
        self.stems = stems(listed)
        self.taken = {one.path for one in self.progress.archive.members()}

    def refused(self, image: Image) -> str:
        """Say why the series of an image is not converted."""
        return LEFT_OUT if self.places[image.series].row.place == OUT else ""

    def pack(self, conversion: Conversion) -> None:
        """Pack the images of one series, and say what of it has no place."""
        place, called = self.places[conversion.series], self.stems[conversion.series]
        if place.row.place == SOURCE:
            self._pack_aside(conversion.outputs, place, called)
        elif conversion.outputs:
            self._pack_in_place(conversion, place, called)
        if conversion.reason:
            part = "In part: " if conversion.outputs else ""
            self._leave_out(conversion, part + conversion.reason)

    def _pack_in_place(self, conversion: Conversion, place: Place, called: str) -> None:
        unmapped = self.progress.specification.options.get("unmapped", SOURCE)
        outputs = [output for output in conversion.outputs if output.image]
        kinds = [(output.kind, output.number) for output in outputs]
        for output, one in zip(outputs, names_of(place, kinds), strict=True):
            reason = self._fit(output, one)
            if not reason:
                self._add_in_place(output, place, one)
            elif unmapped == SOURCE:
                self._pack_aside([output], place, called, reason)
            else:
                self._leave_out(conversion, reason)

    def _fit(self, output: Output, one: Named) -> str:
        """Complete an image's sidecar; say why it cannot have its place, "" if it can."""
        image, sidecar = output.image, output.files.get(".json")
        if image is None or sidecar is None:
            return "dcm2niix wrote no sidecar for it."
        shape = read_shape(image)
        facts = completed(read_sidecar(sidecar), one, shape)
        has_gradients = {".bval", ".bvec"} <= set(output.files)
        reason = shortcomings(facts, one, shape, has_gradients=has_gradients)
        write_sidecar(sidecar, facts)
        return reason

    def _pack_aside(
        self, outputs: list[Output], place: Place, called: str, reason: str = ""
    ) -> None:
        for name, output in named(outputs, called):
            sidecar = output.files.get(".json")
            if reason and sidecar:
                write_sidecar(sidecar, {**read_sidecar(sidecar), WHY: reason})
            self._add(output, f"sourcedata/{place.top}/{name}")

    def _add_in_place(self, output: Output, place: Place, one: Named) -> None:
        """Add an image under its name; what is alike although rows differ is told apart."""
        entities, count = one.entities, 1
        while self._is_taken(path := f"{place.top}/{one.datatype}/{stem(entities, one.suffix)}"):
            count += 1
            entities = one.entities | {"acq": f"{one.entities.get('acq', '')}v{count}"}
        self._add(output, path)

    def _is_taken(self, name: str) -> bool:
        return f"{name}.nii.gz" in self.taken

    def _add(self, output: Output, name: str) -> None:
        """Add the files of an image; a name that is taken gets a number."""
        given, count = name, 1
        while self._is_taken(given):
            given, count = f"{name}_{count + 1}", count + 1
        for ending, path in output.files.items():
            self.taken.add(f"{given}{ending}")
            is_plain = not ending.endswith(".gz")
            self.progress.add_file(f"{given}{ending}", path, is_deflated=is_plain)

    def _leave_out(self, conversion: Conversion, reason: str) -> None:
        place, called = self.places[conversion.series], self.stems[conversion.series]
        self.progress.leave_out(f"{place.top}/{called}", len(conversion.images), reason)
