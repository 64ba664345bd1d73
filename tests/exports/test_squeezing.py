"""What is squeezed as a whole and what passes as a stream become the same package."""

import hashlib
import os
import zipfile
from pathlib import Path

import pytest

from exports import archive as archives
from exports.archive import Archive
from exports.errors import SourceChanged
from exports.sealing import Seal
from exports.zipfiles import STORED


@pytest.fixture
def files(tmp_path) -> list[Path]:
    contents = [b"", b"pixels" * 50_000, os.urandom(300_000), b"a" * 7, os.urandom(2_000_000)]
    paths = [tmp_path / f"file{place}" for place in range(3 * len(contents))]
    for place, path in enumerate(paths):
        path.write_bytes(contents[place % len(contents)])
    return paths


def packed(folder: Path, files: list[Path], *, is_sealed: bool = False) -> Path:
    """Pack files, every third of them as it is."""
    folder.mkdir()
    seal = Seal("ABCDE-FGHJK-MNPQR", b"s" * 32) if is_sealed else None
    with Archive(folder, seal=seal) as archive:
        for place, path in enumerate(files):
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            with path.open("rb") as source:
                archive.add(path.name, source, is_deflated=place % 3 > 0, digest=digest)
        return archive.close_directory()


@pytest.mark.parametrize("is_sealed", [False, True])
def test_small_members_side_by_side_are_as_those_of_a_stream(
    files, tmp_path, monkeypatch, is_sealed
):
    side_by_side = packed(tmp_path / "a", files, is_sealed=is_sealed)
    monkeypatch.setattr(archives, "SMALL", -1)

    streamed = packed(tmp_path / "b", files, is_sealed=is_sealed)

    assert side_by_side.read_bytes() == streamed.read_bytes()


def test_members_stand_in_the_order_in_which_they_came(files, tmp_path):
    path = packed(tmp_path / "a", files)

    with zipfile.ZipFile(path) as read:
        places = [one.header_offset for one in read.infolist()]
        found = {one.filename: read.read(one) for one in read.infolist()}
        as_they_are = [one.filename for one in read.infolist() if one.compress_type == STORED]

    assert places == sorted(places)
    assert found == {one.name: one.read_bytes() for one in files}
    assert list(found) == [one.name for one in files]
    assert as_they_are == [one.name for one in files[::3]]


@pytest.mark.parametrize("is_deflated", [False, True])
def test_one_that_grows_or_shrinks_meanwhile_is_refused(tmp_path, is_deflated, monkeypatch):
    path = tmp_path / "file"
    path.write_bytes(b"pixels" * 1000)
    size = path.stat().st_size
    real = os.fstat

    for now in (size + 1, size - 1):
        with Archive(tmp_path) as archive, path.open("rb") as source:
            told = iter([now])

            def once(descriptor, told=told, source=source):
                found = real(descriptor)
                is_first = descriptor == source.fileno() and (told_size := next(told, None))
                if not is_first:
                    return found
                return os.stat_result([*found[:6], told_size, *found[7:]])

            monkeypatch.setattr(os, "fstat", once)
            with pytest.raises(SourceChanged):
                archive.add("file", source, is_deflated=is_deflated)
            monkeypatch.undo()
