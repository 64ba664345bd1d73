"""Values are shown as people can read them, whatever bytes they are."""

import base64

import pytest

from deidentify.leaks.elements import Element, Place
from transfers.shown_values import MOST_NUMBERS, plain, show


def shown(value, vr, hit=None, character_set=b"", before=b"....", is_big=False):
    data = before + value + b"...."
    element = Element(
        len(before), len(before) + len(value), 0x00100010, vr, Place("", character_set)
    )
    where = None
    if hit is not None:
        start = data.index(hit)
        where = (start, start + len(hit))
    return show(data, element, where, is_big=is_big)


def texts(side):
    return [(piece.text, piece.is_hit) for piece in side.pieces]


def test_text_is_read_in_its_character_set_with_the_hit_between_its_neighbours():
    side = shown("Sørås^Turid".encode("latin-1"), "PN", b"^", b"ISO_IR 100")

    assert texts(side) == [("Sørås", False), ("^", True), ("Turid", False)]


def test_text_whose_escapes_reach_across_the_hit_is_marked_whole():
    value = "Yamada^Tarou=山田^太郎".encode("iso2022_jp")

    side = shown(value, "PN", value[14:17], b"\\ISO 2022 IR 87")

    assert [is_hit for _, is_hit in texts(side)] == [True]


def test_only_the_surroundings_of_a_hit_in_a_long_text_are_shown_and_that_is_said():
    side = shown(b"a" * 5000 + b"FJELL" + b"b" * 5000, "UT", b"FJELL")

    text = "".join(piece.text for piece in side.pieces)
    assert "FJELL" in text
    assert len(text) < 2000
    assert side.notes == ["Bytes 4,600 to 5,805 of 10,005 are shown."]


@pytest.mark.parametrize(
    ("vr", "is_big", "value", "text"),
    [
        ("US", False, b"\1\0\2\0", "1 \\ 2"),
        ("US", True, b"\0\1\0\2", "1 \\ 2"),
        ("FD", False, b"\0\0\0\0\0\0\xf8\x3f", "1.5"),
        ("SS", False, b"\xff\xff", "-1"),
    ],
)
def test_numbers_are_written_out(vr, is_big, value, text):
    assert texts(shown(value, vr, is_big=is_big)) == [(text, False)]


def test_of_many_numbers_the_first_are_written_out():
    (piece,) = shown(b"\1\0" * 100, "US").pieces

    assert piece.text.count("1") == MOST_NUMBERS
    assert piece.text.endswith("…")


def test_of_bytes_the_letters_are_shown_with_the_hit_marked_and_the_bytes_in_lines():
    side = shown(bytes(20) + b"FJELL" + bytes(20), "OB", b"FJELL")

    assert texts(side) == [("·" * 20, False), ("FJELL", True), ("·" * 20, False)]
    assert "46 4a 45 4c 4c" in "".join(piece.text for piece in side.lines)


def test_a_hit_across_two_lines_is_marked_in_both():
    side = shown(bytes(14) + b"FJELL" + bytes(20), "OB", b"FJELL")

    assert [piece.text for piece in side.lines if piece.is_hit] == ["FJ", "ELL"]


def test_what_is_packed_is_unpacked_for_the_reader():
    packed = base64.b64encode(b"PatientName Fjell^Turid")

    side = shown(bytes(16) + packed + bytes(16), "OB", packed)

    assert side.notes == ["Unpacked, it begins: PatientName Fjell^Turid"]


@pytest.mark.parametrize("value", [b"", b"\xff\xfe\x00", b"\x1f\x8b\x08broken", b"SV10" + bytes(9)])
def test_whatever_stands_there_is_shown_without_failing(value):
    for vr in ("PN", "OB", "UN", "US", "SQ", ""):
        side = shown(value, vr, value[:2] or None)
        assert side.size == len(value)


def test_a_value_in_one_line_is_text_or_nothing():
    data = b"Fjell \0"

    assert plain(data, Element(0, 7, 0x00100010, "PN", Place(""))) == "Fjell"
    assert plain(b"\1\2", Element(0, 2, 0x00280010, "US", Place(""))) == ""
