"""How far a run is, said on a terminal in one line that is written over."""

import time
from typing import TextIO

PATIENCE, PAUSE = 1.0, 0.25  # seconds before the first word, and between words


class ProgressLine:
    """Says `312 of 500 files, about 4 s left` once something has taken more than a second.

    Args:
        stream: a terminal.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._started = self._said = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        """Take note that `done` of `total` files are done."""
        now = time.monotonic()
        has_spoken = self._said > self._started
        is_over = done >= total
        if not (is_over and has_spoken) and now - self._said < (PAUSE if has_spoken else PATIENCE):
            return
        self._said = now
        left = (now - self._started) / max(done, 1) * (total - done)
        text = f"{done} of {total} files, about {left:.0f} s left"
        self._stream.write(f"\r{text:<60}" + "\n" * is_over)
        self._stream.flush()
        if is_over:  # what comes next, such as verifying, counts anew
            self._started = self._said = now
