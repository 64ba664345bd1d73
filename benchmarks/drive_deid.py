"""Run pydicom's `deid` over a folder with its own default recipe; its environment's Python does it.

    .venv/peers/deid/bin/python -I benchmarks/drive_deid.py SOURCE TARGET

Its command line reads all identifiers before it replaces them, which its users can leave out; this
is the way its manual shows for a folder.
"""

import sys

from deid.config import DeidRecipe
from deid.dicom import get_files, replace_identifiers


def main() -> None:
    """Replace identifiers in every file."""
    source, target = sys.argv[1], sys.argv[2]
    replace_identifiers(
        dicom_files=list(get_files(source)),
        deid=DeidRecipe(),
        save=True,
        output_folder=target,
        remove_private=True,
    )


if __name__ == "__main__":
    main()
