"""Large values that repeat are passed over where nothing is in them, and only there."""

import base64

import pytest

from deidentify.leaks.search import Searcher
from tests.deidentify.leak_cases import PRIVATE, Case, clean_dataset, source_dataset, with_private

LINES = b"".join(b"sSliceArray.asSlice[%d].dThickness\t = \t%d.5\n" % (n, n) for n in range(900))
PROTOCOL = LINES + b"\0" * (len(LINES) % 2)
NAME = b" Bjornstad "


def image(made, number, value=PROTOCOL):
    made.InstanceNumber = number
    made.ImageComments = f"image {number}"
    return with_private(made, value, "OB")


@pytest.fixture
def case(tmp_path):
    """A check that has seen four images with the same protocol."""
    made = Case(tmp_path)
    made.source = made.save(image(source_dataset(), 0), "source.dcm")
    made.terms.read(made.source)
    made.once = made.check()
    for number in range(4):
        assert examined(made, image(clean_dataset(), number)) == set()
    return made


def examined(case, target):
    path = case.save(target)
    return {(one.kind, one.path) for one in case.once.examine(case.source, path)}


def planted(text, at):
    """The protocol with a text in it, as long as before."""
    at = at if at >= 0 else len(PROTOCOL) - len(text)
    return PROTOCOL[:at] + text + PROTOCOL[at + len(text) :]


def test_only_what_is_around_a_quiet_value_is_searched(case, monkeypatch):
    searched = []
    search = Searcher.search
    monkeypatch.setattr(
        Searcher,
        "search",
        lambda self, data, locate: searched.append(len(data)) or search(self, data, locate),
    )

    assert examined(case, image(clean_dataset(), 5)) == set()

    assert sum(searched) < len(PROTOCOL) / 2


@pytest.mark.parametrize("at", [0, 1, 5000, len(PROTOCOL) // 2, -1])
def test_a_name_in_the_value_is_found_wherever_it_stands(case, at):
    target = image(clean_dataset(), 5, planted(NAME, at))

    assert examined(case, target) == {("name", PRIVATE)}


def test_what_is_packed_in_the_value_is_found(case):
    packed = base64.b64encode(b"the patient is Bjornstad, as everybody knows")

    target = image(clean_dataset(), 5, planted(b" " + packed + b" ", 7000))

    assert {kind for kind, _ in examined(case, target)} == {"name"}


def test_what_stands_beside_a_quiet_value_is_found(case):
    before, behind = image(clean_dataset(), 5), image(clean_dataset(), 6)
    before.StudyDescription = "kne, Bjornstad"
    behind.RequestedProcedureDescription = "kne, Bjornstad"

    assert examined(case, before) == {("name", "(0008,1030)")}
    assert examined(case, behind) == {("name", "(0032,1060)")}


def test_a_value_in_which_something_is_never_becomes_quiet(case):
    target = image(clean_dataset(), 5, planted(NAME, 9000))

    rounds = [examined(case, target) for _ in range(4)]

    assert rounds == [{("name", PRIVATE)}] * 4
    assert examined(case, image(clean_dataset(), 6)) == set()


def test_a_match_that_means_nothing_keeps_a_value_from_being_quiet(case):
    """Letters of a name inside a word are no finding; where they stand is searched each time."""
    inside = planted(b"xBjornstadx", 9000)

    assert [examined(case, image(clean_dataset(), n, inside)) for n in range(4)] == [set()] * 4

    assert not case.once.searcher.is_quiet(inside)
    assert case.once.searcher.is_quiet(PROTOCOL)
