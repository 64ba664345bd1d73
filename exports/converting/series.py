"""Series after series through dcm2niix, one process per processor, in the order of the package.

While one series is packed the next ones convert. Images are proved, and transformed where the
specification says so, in the threads that wait for dcm2niix.
"""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import groupby, islice
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

import pydicom

from exports.building.progress import Progress
from exports.choosing import Image
from exports.converting.links import links_folder
from exports.converting.outputs import Output, cleaned, read_outputs
from exports.converting.running import Converter
from exports.converting.wishes import Wishes

LOOK_UP = 1.0  # seconds: so long a cancelled package may go on


@dataclass(frozen=True)
class Conversion:
    """What became of one series: its outputs, or the reason why there are none.

    With outputs and a reason, a part of it could not be converted.
    """

    images: Sequence[Image]
    outputs: list[Output] = field(default_factory=list)
    reason: str = ""

    @property
    def folder(self) -> str:
        """Where the series lies in the package."""
        return self.images[0].folder

    @property
    def series(self) -> int:
        """The running number of the series in the package."""
        return self.images[0].series

    @property
    def size(self) -> int:
        """Bytes of its images in the storage."""
        return sum(image.size for image in self.images)

    def clear_away(self) -> None:
        """Delete the files of the outputs."""
        for output in self.outputs:
            for path in output.files.values():
                path.unlink(missing_ok=True)


def conversions(
    progress: Progress, wishes: Wishes, refused: Callable[[Image], str] = lambda image: ""
) -> Generator[tuple[Conversion, int]]:
    """Yield what is still to be done, converted, each with its position for `packed`.

    `refused` says of a series, by its first image, why it is not to be converted at all. The files
    of a conversion are there until the next one is asked for. Close the generator to stop early:
    what still runs is killed. Raises SourceChanged if a file is gone or is not what was verified,
    and LeaseLost.
    """
    count = os.cpu_count() or 1
    converter = Converter(wishes.flags)
    with TemporaryDirectory(dir=progress.folder) as scratch, ThreadPoolExecutor(count) as pool:

        def convert(images: Sequence[Image]) -> Conversion:
            if reason := refused(images[0]):
                return Conversion(images, reason=reason)
            return _convert(progress, converter, wishes, images, Path(mkdtemp(dir=scratch)))

        ahead = ((pool.submit(convert, images), end) for images, end in _by_series(progress))
        waiting: deque[tuple[Future[Conversion], int]] = deque(islice(ahead, 2 * count))
        try:
            while waiting:
                future, position = waiting.popleft()
                while not wait([future], timeout=LOOK_UP).done:
                    progress.check()
                conversion = future.result()
                yield conversion, position
                conversion.clear_away()
                waiting.extend(islice(ahead, 1))
        finally:
            converter.stop()
            pool.shutdown(cancel_futures=True)


def _by_series(progress: Progress) -> Iterator[tuple[list[Image], int]]:
    """Yield what is still to be done series by series, each with its position for `packed`."""
    for _, members in groupby(progress.images(), key=lambda one: one[0].series):
        images, ends = zip(*members, strict=True)
        yield list(images), ends[-1]


def _convert(
    progress: Progress,
    converter: Converter,
    wishes: Wishes,
    images: Sequence[Image],
    scratch: Path,
) -> Conversion:
    """Convert one series below the empty folder `scratch`."""
    with ExitStack() as opened:
        source = opened.enter_context(links_folder(scratch))
        for count, image in enumerate(images, start=1):
            path = opened.enter_context(progress.open(image))
            (source / f"{count:07}.dcm").symlink_to(path.absolute())
        size = sum(image.size for image in images)
        target = scratch / "out"
        target.mkdir()
        reason = converter.run(source, target, home=scratch, size=size)
        if not any(target.glob("*.nii")):
            return Conversion(images, reason=_why_nothing(source, reason))
    try:
        outputs = list(cleaned(read_outputs(target), wishes))
    except ValueError:
        return Conversion(images, reason="What dcm2niix made of it could not be read.")
    return Conversion(images, outputs, reason)


def _why_nothing(source: Path, reason: str) -> str:
    """Say why dcm2niix made no image: documents, structures and plans have no rows of pixels."""
    if not any(_has_pixels(path) for path in sorted(source.iterdir())):
        return "It holds no images."
    return reason or "dcm2niix made no image of it."


def _has_pixels(path: Path) -> bool:
    return "Rows" in pydicom.dcmread(path, specific_tags=["Rows"], stop_before_pixels=True)
