"""Decoding one compressed frame in a process of its own: `python -P transfers/decoding.py FILE N`.

GDCM knows the lossless JPEG that angiography often comes in, and has been made to write past its
memory by malformed files. So it is never loaded where the portal runs: this process has no
secrets in its environment, a limit to its memory and its time, and writes an array and nothing
else to its standard output. The transfer syntaxes that Pillow and pydicom decode do not come here.
"""

import io
import resource
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_MEMORY = 2 * 1024**3
MOST_SECONDS = 30
JPEG = "1.2.840.10008.1.2.4."
DECODES = frozenset(JPEG + number for number in ("50", "51", "57", "70", "80", "81", "90", "91"))


class NotDecoded(Exception):
    """The process gave no array: the frame is malformed, too large or took too long."""


def decode_apart(path: Path, index: int) -> "NDArray[Any]":
    """Return one frame, counted from 0, as pydicom would. Raises NotDecoded."""
    import numpy as np  # late: few requests need it

    command = [sys.executable, "-P", __file__, str(path), str(index)]
    try:
        done = subprocess.run(
            command, env={}, capture_output=True, timeout=MOST_SECONDS * 2, check=True
        )
        return np.load(io.BytesIO(done.stdout), allow_pickle=False)
    except (subprocess.SubprocessError, ValueError, OSError) as error:
        raise NotDecoded from error


def main() -> None:
    """Decode the frame that the arguments name."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import numpy as np
    from pydicom.pixels.utils import pixel_array

    values = pixel_array(sys.argv[1], index=int(sys.argv[2]), decoding_plugin="gdcm")
    out = io.BytesIO()
    np.save(out, values, allow_pickle=False)
    sys.stdout.buffer.write(out.getbuffer())


if __name__ == "__main__":
    main()
