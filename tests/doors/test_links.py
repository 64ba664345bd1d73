"""A link is for one person, one package, a while, some times; nobody else gets the file."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from exports.models import DownloadLink
from tests.doors.people import EVERYBODY, OWNER
from tests.doors.tally import TALLY
from tests.doors.world import World

pytestmark = pytest.mark.django_db


def _take(client: Client, token: str, link: int, code: str = "") -> list[int]:
    """Hand the token over, press the button, ask for the file; return the answers' status."""
    entered = client.post(reverse("export-get"), {"token": token})
    pressed = client.post(reverse("export-get-link", args=[link]), {"code": code})
    file = client.get(reverse("export-get-file", args=[link]))
    if file.streaming:
        b"".join(file.streaming_content)
    TALLY["links"] += 1
    return [entered.status_code, pressed.status_code, file.status_code]


@pytest.mark.parametrize("name", EVERYBODY)
def test_a_link_for_one_account_gives_the_file_to_that_person_alone(
    name: str, world: World, clients: dict[str, Client]
) -> None:
    got = _take(clients[name], world.own["token"], world.own["link"])

    assert (got[-1] == 200) == (name == OWNER)


@pytest.mark.parametrize("name", EVERYBODY)
def test_a_link_for_somebody_outside_gives_nothing_without_its_code(
    name: str, world: World, clients: dict[str, Client]
) -> None:
    got = _take(clients[name], world.own["outside_token"], world.own["outside_link"], "WRONG")

    assert got[-1] != 200


@pytest.mark.parametrize(
    "columns",
    [
        {"expires_at": timezone.now() - timedelta(seconds=1)},
        {"revoked_at": timezone.now()},
        {"wrong_count": 5},
        {"use_count": 3, "most_uses": 3},
    ],
    ids=["expired", "revoked", "closed by wrong codes", "used up"],
)
def test_a_link_that_is_over_gives_the_file_to_nobody(
    columns: dict[str, object], world: World, clients: dict[str, Client]
) -> None:
    DownloadLink.objects.filter(pk=world.own["link"]).update(**columns)

    got = _take(clients[OWNER], world.own["token"], world.own["link"])

    assert got[-1] != 200


def test_the_token_of_one_link_opens_no_other(world: World, clients: dict[str, Client]) -> None:
    for other in (world.other["link"], world.other["outside_link"], world.own["outside_link"]):
        assert _take(clients[OWNER], world.own["token"], other)[-1] != 200
