"""REST keeps what its description promises, whatever is sent to it and by whom.

Every answer has a status, a form and headers that the description names; what breaks the
description is refused; and nothing is an error of the portal.
"""

from typing import Any

import pytest

from tests.doors.described import Trying, described, session_of, try_all
from tests.doors.people import OFFICE, OWNER, RESEARCHER
from tests.doors.tally import TALLY
from tests.tokens import bearer

pytestmark = pytest.mark.django_db


@pytest.fixture
def trying(world: Any, clients: Any, settings: Any) -> Trying:
    """Ask so many cases of every operation as three people, two of them with all rights."""
    settings.REST_PER_MINUTE = settings.REST_UNKNOWN_PER_MINUTE = 0
    people = {
        OWNER: session_of(clients[OWNER]),
        OFFICE: session_of(clients[OFFICE]),
        RESEARCHER: bearer(world.people[RESEARCHER]),
    }
    return lambda examples: try_all(described(), people, world.own, examples=examples)


def test_no_answer_breaks_the_description(trying):
    found = trying(12)

    TALLY["cases drawn from the description of REST"] += found.cases
    assert not found.failures, "\n\n".join(found.failures)
    assert found.cases > 700
    assert {200, 201, 400, 403, 404} <= found.statuses.keys()


@pytest.mark.slow
def test_no_answer_breaks_the_description_however_long_one_asks(trying):
    found = trying(200)

    TALLY["cases drawn from the description of REST"] += found.cases
    assert not found.failures, "\n\n".join(found.failures)
