"""Where a package grows; the folder outlives the worker that began it."""

import shutil
from pathlib import Path
from tempfile import gettempprefix

from django.conf import settings

from exports.archive import FILES


def scratch_folder(package_id: int) -> Path:
    """Return the folder of a package that is being built."""
    return Path(settings.RDMA_DATA_DIR) / "scratch" / "packages" / str(package_id)


def clear_leftovers(folder: Path, *, is_all: bool) -> None:
    """Delete what a killed worker was in the middle of; with `is_all` whatever it wrote down.

    Only for the process that has the folder's lock.
    """
    for path in folder.iterdir():
        if path.is_dir() and (is_all or path.name.startswith(gettempprefix())):
            shutil.rmtree(path, ignore_errors=True)
        elif is_all and path.name not in FILES:
            path.unlink(missing_ok=True)
