"""What killed processes leave in the scratch folder goes; what somebody works on stays."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from projects.storage import clear_scratch

DAY = 86400
LIMIT = timedelta(days=2)


@pytest.fixture
def scratch_root() -> Path:
    return Path(settings.RDMA_DATA_DIR) / "scratch"


def leave(path: Path, *, days: float) -> Path:
    """Leave a file behind; it and its folder were written so many days ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"half a file")
    then = time.time() - days * DAY
    os.utime(path, (then, then))
    os.utime(path.parent, (then, then))
    return path


def test_what_is_left_for_two_days_goes(scratch_root):
    leave(scratch_root / "tmp-old" / "deep.dcm", days=3)
    leave(scratch_root / "upload", days=3)
    young = leave(scratch_root / "tmp-young" / "image.dcm", days=1)

    cleared = clear_scratch(LIMIT)

    assert cleared == 2
    assert [path.name for path in scratch_root.iterdir()] == ["tmp-young"]
    assert young.exists()


def test_folder_in_which_something_is_still_written_stays(scratch_root):
    leave(scratch_root / "tmp-long" / "inside" / "first.dcm", days=3)
    written = leave(scratch_root / "tmp-long" / "inside" / "second.dcm", days=0)
    for folder in (written.parent, written.parent.parent):
        os.utime(folder, (0, 0))

    assert clear_scratch(LIMIT) == 0
    assert written.exists()


def test_packages_that_grow_are_left_to_their_room(scratch_root):
    growing = leave(scratch_root / "packages" / "7" / "package.zip.part", days=30)
    os.utime(growing.parent.parent, (0, 0))

    assert clear_scratch(LIMIT) == 0
    assert growing.exists()
