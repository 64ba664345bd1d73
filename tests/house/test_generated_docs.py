"""The tables in the manuals say what the code says, and a difference is noticed."""

from pathlib import Path

from docs.generate import FOLDER, PAGES, differing, write
from projects.roles import Permission
from transfers.states import State


def test_the_pages_that_are_kept_are_as_the_code():
    assert differing(FOLDER) == []


def test_a_page_that_was_edited_or_lost_is_named(tmp_path: Path):
    write(tmp_path)
    (tmp_path / "roles.md").write_text("Everybody may do everything.\n")
    (tmp_path / "states.md").unlink()

    assert differing(tmp_path) == ["roles.md", "states.md"]


def test_every_permission_and_every_state_is_shown():
    for permission in Permission:
        assert f"| {permission.label} |" in PAGES["roles.md"]()
    for state in State:
        assert f"| `{state.value}` | {state.label} |" in PAGES["states.md"]()
