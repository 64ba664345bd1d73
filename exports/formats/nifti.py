"""NIfTI with its side files: one image per series, or as many as dcm2niix makes of it."""

from contextlib import closing

from exports.building.progress import Progress
from exports.converting.names import named, stems
from exports.converting.running import converter_version
from exports.converting.series import Conversion, conversions
from exports.converting.wishes import Wishes


def made_with() -> str:
    """Return what a manifest says of the program that converted."""
    return converter_version()


def pack(progress: Progress) -> bool:
    """Convert and pack series by series, as many at a time as there are processors."""
    wishes = Wishes.of(progress.specification.options)
    stem = stems(progress.all_series())
    with closing(conversions(progress, wishes)) as converted:
        for conversion, position in converted:
            _pack(progress, conversion, stem[conversion.series])
            if not progress.packed(len(conversion.images), position, conversion.size):
                break
    return progress.is_whole


def _pack(progress: Progress, conversion: Conversion, stem: str) -> None:
    """Pack what one series became; say what it did not become."""
    for name, output in named(conversion.outputs, stem):
        for ending, path in output.files.items():
            is_plain = not ending.endswith(".gz")
            place = f"{conversion.folder}/{name}{ending}"
            progress.add_file(place, path, is_deflated=is_plain)
    if conversion.reason:
        part = "In part: " if conversion.outputs else ""
        progress.leave_out(conversion.folder, len(conversion.images), part + conversion.reason)
