"""Each route is entered by everybody: who the table names gets in, nobody else, and leaves nothing.

A door that opens is one that answers; whether what it then does is right is tested in its room.
"""

import pytest
from django.test import Client

from tests.doors.door import GET, Door
from tests.doors.knocking import Answer, House, knock
from tests.doors.people import ANONYMOUS, EVERYBODY, FORMER, OPERATOR, STRANGER
from tests.doors.table import ADMIN, DOORS, routes
from tests.doors.tally import TALLY
from tests.doors.world import World
from tests.doors.world_of_studies import PATIENT_NAMES

pytestmark = pytest.mark.django_db

# What looking may write: which picture somebody opened, which package somebody took.
LOOKS = {"transfers_picture", "exports_download"}
LEAD_TO_SIGN_IN = {"sign-out", "admin-sign-out"}
IN_NO_PROJECT_OF_IT = (STRANGER, OPERATOR, FORMER, ANONYMOUS)


def test_every_route_has_a_line_in_the_table_and_every_line_a_route() -> None:
    there = {name for name, _ in routes() if not name.startswith(f"{ADMIN}:")}
    listed = {door.route for door in DOORS}

    assert "" not in there, "a route without a name cannot be listed"
    assert there - listed == set(), "add these to tests/doors/doors_of_*.py"
    assert listed - there == set(), "these are gone: take their lines out"


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_those_get_in_whom_the_table_names(
    door: Door, world: World, clients: dict[str, Client], house: House
) -> None:
    wrong = []

    for name in EVERYBODY:
        answer = knock(
            house, clients[name], door.method, door.address(world.own), door.sent(world.own)
        )
        TALLY["doors tried"] += 1
        amiss = _amiss(door, answer, is_named=name in door.who)
        amiss += [f"was told {mark}" for mark in _not_for(name, door, world) if mark in answer.text]
        wrong += [f"{name}: {what}" for what in amiss]

    assert wrong == []


def _amiss(door: Door, answer: Answer, *, is_named: bool) -> list[str]:
    """Say what is wrong with an answer."""
    if is_named:
        return [*_shut(door, answer), *_wrote_by_looking(door, answer)]
    found = [] if answer.is_refused else [f"got in ({answer.status})"]
    return [*found, *([f"was refused, but {answer.left}"] if answer.left else [])]


def _shut(door: Door, answer: Answer) -> list[str]:
    """Say that a door stayed shut that was to open; one that is read gives a page or leads on."""
    fits = answer.status in (200, 302) if door.method == GET else answer.status < 500
    is_refused = answer.is_refused and door.route not in LEAD_TO_SIGN_IN
    return [f"was to get in ({answer.status})"] if is_refused or not fits else []


def _wrote_by_looking(door: Door, answer: Answer) -> list[str]:
    if door.method == GET and (answer.wrote - LOOKS or answer.rang or answer.touched):
        return [f"only looked, but {answer.left}"]
    return []


def _not_for(name: str, door: Door, world: World) -> list[str]:
    """Return what nobody is to be told who only looks, and what is not for people elsewhere."""
    marks = [PATIENT_NAMES["BICAM"].partition("^")[2]] if door.method == GET else []
    if name in IN_NO_PROJECT_OF_IT:
        marks += ["Hearts of invented people", world.own["pseudonym"], world.own["accession"]]
    typed = str(door.sent(world.own))  # what somebody typed may stand on the page again
    return [mark for mark in marks if mark not in typed]
