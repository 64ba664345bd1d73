"""The archive's records where they are rare: beyond four gigabytes and 65,535 members."""

import subprocess
from zipfile import ZIP_STORED, ZipFile

from exports.archive import Archive
from exports.zipfiles import FULL_32


def test_member_beyond_four_gigabytes_is_found(tmp_path):
    huge, after = tmp_path / "huge", tmp_path / "after"
    with huge.open("wb") as file:
        file.truncate(FULL_32 + 10)  # a hole: deflated, it is small
    after.write_bytes(b"after")

    with Archive(tmp_path) as archive:
        for path in (huge, after):
            with path.open("rb") as file:
                archive.add(path.name, file, is_deflated=True)
        finished = archive.close_directory()

    with ZipFile(finished) as read:
        assert [one.file_size for one in read.infolist()] == [FULL_32 + 10, 5]
        assert read.read("after") == b"after"
    listed = subprocess.run(["unzip", "-l", finished], check=True, capture_output=True, text=True)
    assert str(FULL_32 + 10) in listed.stdout


def test_more_members_than_the_old_format_counts_are_found(tmp_path):
    empty = tmp_path / "empty"
    empty.touch()

    with Archive(tmp_path) as archive, empty.open("rb") as file:
        for number in range(65_600):
            archive.add(f"{number:06}", file, is_deflated=False)
        finished = archive.close_directory()

    with ZipFile(finished) as read:
        assert len(read.infolist()) == 65_600
        assert read.infolist()[-1].compress_type == ZIP_STORED
    subprocess.run(["unzip", "-tq", finished], check=True, capture_output=True)


def test_member_that_starts_beyond_four_gigabytes_is_found(tmp_path):
    small = tmp_path / "small"
    small.write_bytes(b"small")

    with Archive(tmp_path) as archive, small.open("rb") as file:
        archive.end = FULL_32 + 100  # as after so many bytes; what is before is a hole
        archive.zip.seek(archive.end)
        archive.add("far", file, is_deflated=False)
        finished = archive.close_directory()

    with ZipFile(finished) as read:
        assert read.read("far") == b"small"
