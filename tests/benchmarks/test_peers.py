"""Other programs are pinned by hash and live apart; one that is missing stops nothing."""

import re
from pathlib import Path

import pytest

from benchmarks import peers

NAMES = ["deid", "dicognito", "dicom-anonymizer", "python-gdcm"]


def test_every_peer_has_a_list():
    assert sorted(path.stem for path in peers.LISTS.iterdir()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_list_pins_its_program_by_hash_and_names_no_place(name: str):
    listed = (peers.LISTS / f"{name}.txt").read_text()

    pinned = re.findall(r"^\S+==\S+.*?(?=^\S|\Z)", listed, re.M | re.S)
    assert re.fullmatch(r"\d+(\.\d+)+", peers.version(name))
    assert pinned
    assert all("--hash=sha256:" in one for one in pinned)
    assert "://" not in listed


def test_a_peer_that_cannot_be_installed_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    # Without a hash pip refuses before it asks anybody for anything.
    (tmp_path / "nobody.txt").write_text("nobody==1.0\n")
    monkeypatch.setattr(peers, "LISTS", tmp_path)

    assert peers.environment("nobody", below=tmp_path / "peers") is None


def test_an_environment_that_is_there_is_taken_as_it_is(tmp_path: Path):
    (tmp_path / "dicognito").mkdir()
    listed = (peers.LISTS / "dicognito.txt").read_bytes()
    (tmp_path / "dicognito" / "installed-from").write_text(peers.digest(listed))

    assert peers.environment("dicognito", below=tmp_path) == tmp_path / "dicognito"
    assert [path.name for path in (tmp_path / "dicognito").iterdir()] == ["installed-from"]
