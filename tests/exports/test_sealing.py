"""Encrypted packages: other programs open them, nothing plain lies about, kills change nothing."""

import os
import subprocess
from pathlib import Path

import pytest
import pyzipper

from exports.archive import CHUNK, Archive
from exports.errors import SourceChanged
from exports.passwords import LETTERS, package_password
from exports.sealing import Seal
from exports.specification import read_specification
from exports.states import State
from projects.errors import KeyUnavailable
from tests.datasets import make_mr_series
from tests.exports.conftest import path_of
from tests.exports.research_copies import add_study, dicom_files

PASSWORD = "ABCDE-FGHJK-MNPQR"
PLAIN = b"an image in plain "


def sealed(folder: Path, files: list[Path], *, stop_after: int | None = None) -> bytes:
    """Pack files with a seal; a build that stops goes on in another archive, as after a kill."""
    folder.mkdir(exist_ok=True)
    done = 0
    for stop in (stop_after, len(files)):
        with Archive(folder, seal=Seal(PASSWORD, b"s" * 32)) as archive:
            done = archive.state.get("done", 0)
            for place, path in enumerate(files[done:stop], start=done):
                with path.open("rb") as source:
                    archive.add(f"{place}/{path.name}", source, is_deflated=place % 2 == 0)
                if place == 0:
                    archive.checkpoint(done=1)
            if stop == len(files):
                return archive.close_directory().read_bytes()
    raise AssertionError


@pytest.fixture
def files(tmp_path) -> list[Path]:
    contents = [PLAIN * 100, b"", os.urandom(CHUNK + 7), PLAIN * (CHUNK // 8), b"x" * CHUNK]
    paths = [tmp_path / f"file{place}" for place in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    return paths


def test_another_library_opens_what_is_sealed(files, tmp_path):
    (tmp_path / "package.zip").write_bytes(sealed(tmp_path / "a", files))

    with pyzipper.AESZipFile(tmp_path / "package.zip") as read:
        read.setpassword(PASSWORD.encode())
        found = [read.read(one) for one in read.infolist()]

    assert found == [path.read_bytes() for path in files]


def test_another_program_opens_what_is_sealed(files, tmp_path):
    package = tmp_path / "package.zip"
    package.write_bytes(sealed(tmp_path / "a", files))

    subprocess.run(["7zz", "t", f"-p{PASSWORD}", package], check=True, capture_output=True)
    wrong = subprocess.run(["7zz", "t", "-pWRONG", package], check=False, capture_output=True)

    assert wrong.returncode != 0


def test_nothing_plain_is_on_disk_and_no_two_members_look_alike(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(PLAIN * 10)

    content = sealed(tmp_path / "a", [path] * 3)

    assert PLAIN not in content
    with pyzipper.AESZipFile(tmp_path / "a" / "package.zip.part") as read:
        starts = [one.header_offset for one in read.infolist()]
        assert {one.CRC for one in read.infolist()} == {0}
    assert len({content[start + 60 : start + 200] for start in starts}) == 3


def test_build_that_went_on_after_a_kill_equals_an_undisturbed_one(files, tmp_path):
    undisturbed = sealed(tmp_path / "a", files)

    assert sealed(tmp_path / "b", files, stop_after=3) == undisturbed


def test_file_that_is_not_what_it_must_be_is_found_before_the_next_checkpoint(files, tmp_path):
    def pack() -> None:
        with Archive(tmp_path) as archive, files[0].open("rb") as source:
            archive.add("a", source, is_deflated=False, digest="0" * 64)
            archive.checkpoint()

    with pytest.raises(SourceChanged):
        pack()


@pytest.mark.django_db
def test_encrypted_package_opens_with_its_password_alone(project, build, tmp_path):
    make_mr_series(tmp_path / "a", n=2)
    add_study(project, dicom_files(tmp_path / "a"))

    package = build(project, read_specification({"is_encrypted": True}))

    assert package.state == State.READY, package.reason
    password = package_password(package)
    assert set(password) <= {*LETTERS, "-"}
    assert len(password) == 29
    with pyzipper.AESZipFile(path_of(package)) as read:
        with pytest.raises(RuntimeError):
            read.read("manifest.json")
        read.setpassword(password.encode())
        assert read.testzip() is None
        assert {one.wz_aes_strength for one in read.infolist()} == {3}


@pytest.mark.django_db
def test_two_encrypted_packages_have_different_passwords(project, build, tmp_path):
    make_mr_series(tmp_path / "a", n=1)
    add_study(project, dicom_files(tmp_path / "a"))
    specification = read_specification({"is_encrypted": True})

    first, second = build(project, specification), build(project, specification)

    assert package_password(first) != package_password(second)
    assert path_of(first).read_bytes() != path_of(second).read_bytes()


@pytest.mark.django_db
def test_package_that_is_not_encrypted_has_no_password(project, build, tmp_path):
    make_mr_series(tmp_path / "a", n=1)
    add_study(project, dicom_files(tmp_path / "a"))

    with pytest.raises(KeyUnavailable):
        package_password(build(project))
