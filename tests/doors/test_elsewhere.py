"""Ids of another project in addresses and in what is sent open nothing and leave nothing."""

from typing import Any

import pytest
from django.test import Client

from tests.doors.bodies import ASIDE, BODIES, Sending
from tests.doors.door import Door
from tests.doors.knocking import House, knock
from tests.doors.people import ADMINISTRATOR, MANAGER, OFFICE, OWNER, STRANGER
from tests.doors.table import DOORS
from tests.doors.tally import TALLY
from tests.doors.world import World

pytestmark = pytest.mark.django_db

MIGHTY = (ADMINISTRATOR, OFFICE, OWNER, MANAGER)
"""Who is tried with ids from elsewhere: those with the most rights among whom a door lets in."""
NO_ROW = 10**25
# Parts that are the same in every project, so that they say nothing of which one is meant.
ALIKE = {"plan", "sign_off", "version_number", "inventory", "values", "csv", "jsonl"}
PARTED = [
    door
    for door in DOORS
    if len([row for row in door.at.values() if isinstance(row, str) and row not in ALIKE]) > 1
]
WITH_IDS = [door for door in DOORS if door.at]


def _mighty(door: Door) -> list[str]:
    return [name for name in MIGHTY if name in door.who][:2]


def _rows(door: Door, world: World) -> dict[str, Any]:
    """Return the parts of an address that name different rows here and there."""
    parts = {name: row for name, row in door.at.items() if isinstance(row, str)}
    return {
        name: world.other[row]
        for name, row in parts.items()
        if row in world.own and world.own[row] != world.other[row]
    }


@pytest.mark.parametrize("door", PARTED, ids=str)
def test_a_row_of_another_project_is_not_there_under_an_address_of_ones_own(
    door: Door, world: World, clients: dict[str, Client], house: House
) -> None:
    wrong = []

    for part, foreign in _rows(door, world).items():
        for name in _mighty(door):
            path = door.address(world.own, **{part: foreign})
            answer = knock(house, clients[name], door.method, path, door.sent(world.own))
            TALLY["addresses with a part from elsewhere"] += 1
            if answer.status != 404 or answer.left:
                wrong.append(f"{name}, {part}: {answer.status} {answer.left}")

    assert wrong == []


@pytest.mark.parametrize("door", [door for door in PARTED if "acronym" in door.at], ids=str)
def test_who_may_everything_elsewhere_reaches_nothing_through_their_own_project(
    door: Door, world: World, clients: dict[str, Client], house: House
) -> None:
    path = door.address(world.own, acronym="OTHER")

    answer = knock(house, clients[STRANGER], door.method, path, door.sent(world.own))

    TALLY["addresses with a part from elsewhere"] += 1
    assert answer.status in (403, 404)
    assert answer.left == ""


@pytest.mark.parametrize("door", WITH_IDS, ids=str)
def test_an_address_of_nothing_is_not_found_and_breaks_nothing(
    door: Door, world: World, clients: dict[str, Client], house: House
) -> None:
    wrong = []

    for name in _mighty(door)[:1]:
        for part, row in door.at.items():
            value = world.own.get(row, row) if isinstance(row, str) else row
            nothing = NO_ROW if isinstance(value, int) else f"{value}\0"
            try:
                path = door.address(world.own, **{part: nothing})
            except Exception:  # noqa: BLE001 - no address can say this
                continue
            answer = knock(house, clients[name], door.method, path, door.sent(world.own))
            TALLY["addresses of nothing"] += 1
            if answer.status not in (302, 400, 404, 422) or answer.left:
                wrong.append(f"{part}: {answer.status} {answer.left}")

    assert wrong == []


@pytest.mark.parametrize("sending", BODIES, ids=str)
def test_ids_of_another_project_in_what_is_sent_do_nothing(
    sending: Sending, world: World, clients: dict[str, Client], house: House
) -> None:
    ids = world.own | {f"other_{name}": value for name, value in world.other.items()}
    path = sending.door.address(ids)

    answer = knock(house, clients[sending.by], sending.door.method, path, sending.door.sent(ids))

    TALLY["bodies with an id from elsewhere"] += 1
    assert answer.status in sending.gives
    assert answer.left == ""
    assert not [mark for mark in (*ASIDE, world.other["pseudonym"]) if mark in answer.text]


@pytest.mark.parametrize("sending", BODIES, ids=str)
def test_the_same_with_ids_of_ones_own_is_understood(
    sending: Sending, world: World, clients: dict[str, Client], house: House
) -> None:
    ids = world.own | {f"other_{name}": value for name, value in world.own.items()}
    path = sending.door.address(ids)

    answer = knock(house, clients[sending.by], sending.door.method, path, sending.door.sent(ids))

    assert answer.status not in (403, 404, 500)
