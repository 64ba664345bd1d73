"""Methods that no line names, tokens against forgery, and odd spellings of addresses."""

import pytest
from django.test import Client

from tests.doors.door import GET, NOT_SIGNED_IN, Door
from tests.doors.knocking import SAFE, House, knock
from tests.doors.people import ANONYMOUS, MANAGER, OFFICE, OPERATOR, OWNER, STRANGER
from tests.doors.table import DOORS
from tests.doors.tally import TALLY
from tests.doors.world import World

pytestmark = pytest.mark.django_db

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE")
FIRST = {door.route: door for door in reversed(DOORS)}
CHANGING = [door for door in DOORS if door.method not in SAFE]
READING = [door for door in DOORS if door.method == GET]
MIGHTY = (OFFICE, MANAGER, OWNER, OPERATOR)
FOR_WHO_IS_OUT = {"sign-in"}
"""Who has signed in is sent on, whatever the method."""


def _who(door: Door) -> str | None:
    return next((name for name in MIGHTY if name in door.who), None)


@pytest.mark.parametrize("route", FIRST)
def test_a_method_that_the_table_does_not_name_is_not_answered(
    route: str, world: World, clients: dict[str, Client], house: House
) -> None:
    door = FIRST[route]
    named = {one.method for one in DOORS if one.route == route}
    name = ANONYMOUS if route in FOR_WHO_IS_OUT else _who(door)
    wrong = []

    for method in METHODS if name else ():
        if method not in named:
            answer = knock(house, clients[str(name)], method, door.address(world.own))
            TALLY["methods that nobody named"] += 1
            if answer.status != 405 or answer.left:
                wrong.append(f"{method}: {answer.status} {answer.left}")

    assert wrong == []


@pytest.mark.parametrize("door", READING, ids=str)
def test_asking_for_the_head_alone_opens_no_more(
    door: Door, world: World, clients: dict[str, Client], house: House
) -> None:
    wrong = []

    for name in (STRANGER, ANONYMOUS):
        answer = knock(house, clients[name], "HEAD", door.address(world.own))
        TALLY["heads"] += 1
        if name not in door.who and not answer.is_refused and answer.status != 405:
            wrong.append(f"{name}: {answer.status}")
        if answer.text or answer.left or answer.status >= 500:
            wrong.append(f"{name}: {answer.status}, {len(answer.text)} letters, {answer.left}")

    assert wrong == []


@pytest.mark.parametrize("door", CHANGING, ids=str)
def test_nothing_is_done_for_a_form_from_elsewhere(
    door: Door, world: World, clients: dict[str, Client], house: House
) -> None:
    name = _who(door) or OWNER
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
    strict.cookies["sessionid"] = clients[name].cookies["sessionid"].value

    answer = knock(house, strict, door.method, door.address(world.own), door.sent(world.own))

    TALLY["forms from elsewhere"] += 1
    assert answer.status == 403
    assert answer.left == ""


@pytest.mark.parametrize("door", [one for one in CHANGING if one.method == "POST"], ids=str)
def test_a_header_does_not_make_another_method_of_a_look(
    door: Door, world: World, clients: dict[str, Client], house: House
) -> None:
    name = _who(door) or OWNER
    headers = {"X-HTTP-Method-Override": "POST", "X-Method-Override": "POST"}

    answer = knock(house, clients[name], "GET", door.address(world.own), headers=headers)

    assert answer.left in ("", "wrote transfers_picture")


@pytest.mark.parametrize(
    "door", [one for one in DOORS if one.is_rest and one.route != "api-docs"], ids=str
)
def test_options_tell_nothing_to_who_is_not_signed_in(
    door: Door, world: World, clients: dict[str, Client], house: House
) -> None:
    if door.who >= NOT_SIGNED_IN:
        pytest.fail("REST lets nobody in who is not signed in.")

    answer = knock(house, clients[ANONYMOUS], "OPTIONS", door.address(world.own))

    assert answer.status == 401


ODD = [
    "/projects/OTHER/../BICAM/",
    "/projects/OTHER/%2e%2e/BICAM/",
    "/projects/OTHER%2f..%2fBICAM/",
    "/projects//BICAM/",
    "/projects/BICAM%2f/",
    "/projects/BICAM;OTHER/",
    "/projects/BICAM%20/",
    "/projects/%42ICAM/",
    "/projects/BICAM",
    "/review/OTHER/../BICAM/",
    "/review/./BICAM/",
    "//projects/BICAM/",
    "/exports/get/../BICAM/",
    "/exports/BICAM/./",
    "/api/v1/projects/BICAM",
    "/api/v1/projects/OTHER/../BICAM/",
    "/api/v1/projects/%42ICAM/participants/",
    "/transfers/1/../2/",
    "/transfers/+1/",
    "/transfers/1e0/",
    "/transfers/%31/",
    "/transfers/٣/",
    "/projects/BICAM\ufe0f/",
    "/projects/BICAM%00/",
    "/static/../rdma/settings.py",
    "/static/%2e%2e/rdma/settings.py",
    "/static//etc/passwd",
]


@pytest.mark.parametrize("path", ODD)
def test_no_spelling_of_an_address_leads_a_stranger_in(
    path: str, world: World, clients: dict[str, Client], house: House
) -> None:
    wrong = []

    for name in (STRANGER, OPERATOR, ANONYMOUS):
        answer = knock(house, clients[name], "GET", path)
        TALLY["odd spellings"] += 1
        told = [mark for mark in ("Hearts of", world.own["pseudonym"]) if mark in answer.text]
        if answer.status not in (301, 302, 400, 401, 404) or told or answer.left:
            wrong.append(f"{name}: {answer.status} {told} {answer.left}")

    assert wrong == []
