"""Where a package grows; the folder outlives the worker that began it."""

from pathlib import Path

from django.conf import settings


def scratch_folder(package_id: int) -> Path:
    """Return the folder of a package that is being built."""
    return Path(settings.RDMA_DATA_DIR) / "scratch" / "packages" / str(package_id)
