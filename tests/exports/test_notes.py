"""Notes beside an archive: what of them counts after a worker was killed."""

from exports.notes import Notes


def noted(path, position):
    with Notes(path, position) as notes:
        return notes.end, list(notes.read())


def test_notes_go_on_where_they_ended(tmp_path):
    with Notes(tmp_path / "notes", 0) as notes:
        notes.add(10, "first")
        notes.add(20, "second", 2)

    assert noted(tmp_path / "notes", 20) == (20, [["first"], ["second", 2]])


def test_notes_beyond_the_archive_are_forgotten(tmp_path):
    with Notes(tmp_path / "notes", 0) as notes:
        notes.add(10, "first")
        notes.add(20, "packed after the last checkpoint")

    assert noted(tmp_path / "notes", 10) == (10, [["first"]])


def test_half_a_note_is_none(tmp_path):
    with Notes(tmp_path / "notes", 0) as notes:
        notes.add(10, "first")
        notes.add(20, "second")
    whole = (tmp_path / "notes").read_bytes()
    (tmp_path / "notes").write_bytes(whole[:-3])

    assert noted(tmp_path / "notes", 20) == (10, [["first"]])
