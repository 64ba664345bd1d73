"""The search for what was planted: it finds every spelling, and no other word or number."""

from base64 import b64encode

import pytest

from rdma.selftest.planting.needles import is_in

NAME = "Bjørkstad"


@pytest.mark.parametrize("codec", ["latin-1", "utf-8", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("spelling", ["Bjørkstad", "BJØRKSTAD", "Bjorkstad", "BJOERKSTAD"])
def test_a_name_is_found_in_every_spelling_and_encoding(spelling, codec):
    assert is_in(NAME, f"seen by {spelling}, no change".encode(codec).lower())


@pytest.mark.parametrize("before", ["", "x", "xy"])
def test_a_name_is_found_in_hex_and_wherever_it_begins_in_base64(before):
    raw = f"{before}{NAME} and more".encode("latin-1")

    assert is_in(NAME, raw.hex().encode())
    assert is_in(NAME, b64encode(raw).lower())


def test_an_identity_number_is_found_with_a_gap():
    assert all(is_in("13836033390", b"fnr 138360" + gap + b"33390.") for gap in (b" ", b"-", b""))


def test_a_short_name_inside_a_word_and_a_number_inside_a_uid_are_no_finds():
    assert not is_in("Anne", b"channel 4")
    assert is_in("Anne", b"for anne, 4")
    assert not is_in("33390", b"2.25.1683078333901265")
    assert is_in("33390", b"nr 33390")
