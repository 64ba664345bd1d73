"""Pictures: every frame as a PNG or JPEG, as a screen would show it or with its stored values.

A picture carries nothing but pixels: no text chunk, no EXIF, no colour profile. What cannot be
drawn (documents, models, videos, damaged frames) is left out with the reason. Frames are drawn
in threads, since decoding and squeezing happen outside of Python, and added in their order.
"""

import io
import os
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from itertools import groupby, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from pydicom import Dataset

from exports.building.progress import Progress
from exports.choosing import Image
from exports.notes import Notes, unnoted
from transfers.greys import EIGHT_BITS, SIXTEEN_BITS, Contrast, shown
from transfers.pictures import CannotBeShown, frame_values, read_header, told_by

PER_FRAME = ("PerFrameFunctionalGroupsSequence",)
UNREADABLE = "Its header cannot be read."
UNDECODABLE = "Its pixels cannot be decoded."
TOO_DEEP = "Its stored values do not fit into 16 bits."
IN_PART = "In part: "
STORED = "stored"
AHEAD = 3


class Wish(NamedTuple):
    """What the specification asks for; see OPTIONS."""

    kind: str
    contrast: str
    depth: int
    quality: int
    frames: str

    @property
    def ending(self) -> str:
        """How the file names end."""
        return ".jpg" if self.kind == "jpeg" else ".png"

    @property
    def most(self) -> int:
        """What white is."""
        is_deep = self.depth == 16 and self.kind == "png"
        return SIXTEEN_BITS if is_deep else EIGHT_BITS


class _Job(NamedTuple):
    """One frame to draw.

    `drawn` gives the reason why there is no picture, or nothing once it lies at `target`.
    """

    image: Image
    position: int
    drawn: Future[str]
    target: Path
    is_last: bool


def wish_of(options: dict[str, Any]) -> Wish:
    """Read the options of a specification."""
    return Wish(
        kind="png" if options["contrast"] == STORED else options["kind"],
        contrast=options["contrast"],
        depth=int(options["depth"]),
        quality=int(options["quality"]),
        frames=options["frames"],
    )


def pack(progress: Progress) -> bool:
    """Draw image by image; tell whether all are in."""
    wish = wish_of(progress.specification.options)
    # one block around all threads: they share the filters of the process
    with (
        warnings.catch_warnings(),
        Notes(_notes(progress), progress.position) as notes,
        TemporaryDirectory(dir=progress.folder) as scratch,
        ThreadPoolExecutor(_processors()) as pool,
    ):
        warnings.simplefilter("ignore")
        files: list[ExitStack] = []
        jobs = _jobs(
            progress, notes, lambda *job: pool.submit(draw, wish, *job), files, Path(scratch)
        )
        waiting = deque(islice(jobs, AHEAD * _processors()))
        try:
            while waiting and _packed(progress, notes, waiting, jobs):
                files.pop(0).close()
        finally:
            pool.shutdown(cancel_futures=True)
            for file in files:
                file.close()
    return progress.is_whole


def _packed(progress: Progress, notes: Notes, waiting: deque[_Job], jobs: Iterator[_Job]) -> bool:
    """Pack the frames of the image whose turn it is; tell whether to go on."""
    reasons = []
    is_last = False
    while not is_last:
        job = waiting.popleft()
        reasons.append(job.drawn.result())
        is_new = job.position > progress.position  # or it was packed before its note was lost
        if is_new and not reasons[-1]:
            path = f"{job.image.folder}/{job.target.name}"
            progress.add_file(path, job.target, is_deflated=False)
        job.target.unlink(missing_ok=True)
        progress.check()
        waiting.extend(islice(jobs, 1))
        is_last = job.is_last
    notes.add(job.position, job.image.folder, _told(reasons))
    return not is_new or progress.packed(1, job.position, job.image.size)


def finish(progress: Progress) -> None:
    """Say of each folder what is not in it."""
    with Notes(_notes(progress), progress.position) as notes:
        for folder, members in groupby(notes.read(), key=lambda note: note[0]):
            reasons = [reason for _, reason in members if reason]
            for reason in sorted(set(reasons)):
                progress.leave_out(folder, reasons.count(reason), reason)


def draw(wish: Wish, path: Path, frame: int, header: Dataset, target: Path) -> str:
    """Draw one frame, counted from 1, into a file; return why it cannot be drawn, or nothing.

    Raises OSError if the file cannot be written.
    """
    from PIL import Image as Pictures  # late: only this format needs it

    try:
        values = frame_values(path, frame, header)
        if wish.contrast == STORED:
            pixels = stored(values, header)
        else:
            contrast = Contrast(wish.contrast)
            pixels = shown(values, header, contrast, frame=frame, most=wish.most)
        picture = Pictures.fromarray(pixels)
        # in memory first: Pillow takes a write that a full disk cut short for a whole one
        drawn = io.BytesIO()
        if wish.kind == "jpeg":
            picture.save(drawn, "JPEG", quality=wish.quality, subsampling=0)
        else:
            picture.save(drawn, "PNG", compress_level=1)
    except CannotBeShown as error:
        return str(error)
    except Exception:  # noqa: BLE001 - bytes from anywhere fail in any way
        return UNDECODABLE
    target.write_bytes(drawn.getbuffer())
    return ""


def stored(values: Any, header: Dataset) -> Any:
    """Return stored values as words; of signed ones, so much more that the least becomes zero.

    No window, table or inversion applies: a grey of the file is the stored value, or the stored
    value and 2 to the power of Bits Stored - 1. Colours stay as they are.
    """
    import numpy as np

    if values.ndim == 3:
        return shown(values, header)
    bits = int(header.get("BitsStored") or 0)
    if not 1 <= bits <= 16 or values.dtype.kind not in "iu":
        raise CannotBeShown(TOO_DEEP)
    shift = 1 << bits - 1 if values.dtype.kind == "i" else 0
    return np.clip(values.astype(np.int32) + shift, 0, SIXTEEN_BITS).astype(np.uint16)


def _jobs(
    progress: Progress,
    notes: Notes,
    begin: Callable[..., Future[str]],
    files: list[ExitStack],
    scratch: Path,
) -> Iterator[_Job]:
    """Yield the frames of every image, each already being drawn.

    `files` gets what keeps each image at hand; it is to be closed after the image's last frame.
    """
    wish = wish_of(progress.specification.options)
    for image, position in unnoted(progress, notes):
        files.append(ExitStack())
        path = files[-1].enter_context(progress.open(image))
        folder = Path(files[-1].enter_context(TemporaryDirectory(dir=scratch)))
        stem = image.name.rpartition(".")[0] or image.name
        try:
            header = read_header(path, PER_FRAME)
            count = told_by(header).frame_count
        except CannotBeShown as error:
            yield _Job(image, position, _done(str(error)), folder / stem, is_last=True)
            continue
        except Exception:  # noqa: BLE001 - a damaged header fails in any way
            yield _Job(image, position, _done(UNREADABLE), folder / stem, is_last=True)
            continue
        frames = _frames(count, wish)
        for frame in frames:
            # no name of an image has a plus sign in it, so that no two pictures can meet
            name = f"{stem}+{frame:04}" if count > 1 else stem
            target = folder / f"{name}{wish.ending}"
            drawn = begin(path, frame, header, target)
            yield _Job(image, position, drawn, target, is_last=frame == frames[-1])


def _frames(count: int, wish: Wish) -> range:
    if wish.frames == "middle":
        return range((count + 1) // 2, (count + 1) // 2 + 1)
    return range(1, count + 1)


def _told(reasons: list[str]) -> str:
    """Return why an image is not in the package, or not with all of its frames."""
    first = next(filter(None, reasons), "")
    return f"{IN_PART}{first}" if first and "" in reasons else first


def _done(reason: str) -> Future[str]:
    future: Future[str] = Future()
    future.set_result(reason)
    return future


def _notes(progress: Progress) -> Path:
    return progress.folder / "drawn.jsonl"


def _processors() -> int:
    return os.cpu_count() or 1
