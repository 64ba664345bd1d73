"""Folders of links go when they are done with, also those of workers that were killed."""

import os
import subprocess

from exports.converting import links


def test_folder_is_there_inside_the_block_only(tmp_path):
    with links.links_folder(tmp_path) as folder:
        (folder / "1.dcm").symlink_to(tmp_path)
        assert folder.stat().st_mode & 0o777 == 0o700

    assert not folder.exists()
    assert tmp_path.exists()


def test_folder_lies_on_the_disk_where_there_is_no_room_in_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(links, "IN_MEMORY", tmp_path / "nowhere")

    with links.links_folder(tmp_path) as folder:
        assert folder.parent == tmp_path


def test_what_a_killed_worker_left_is_cleared_away_and_what_others_use_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(links, "IN_MEMORY", tmp_path)
    with subprocess.Popen(["true"]) as ended:
        pass
    dead = tmp_path / f"{links.PREFIX}{ended.pid}-a"
    living = tmp_path / f"{links.PREFIX}{os.getpid()}-b"
    for folder in (dead, living):
        folder.mkdir()

    with links.links_folder(tmp_path):
        pass

    assert not dead.exists()
    assert living.exists()
