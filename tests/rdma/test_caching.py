"""Pages are not kept by browsers; what never changes is."""

import pytest

from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/", "/transfers/", "/api/v1/projects/", "/no-such-page/"])
def test_page_is_not_kept_by_the_browser(client, address):
    client.force_login(UserFactory())

    response = client.get(address)

    assert "no-store" in response.headers["Cache-Control"]


def test_static_file_may_be_kept(client):
    response = client.get("/static/app.css")

    assert response.status_code == 200
    assert "no-store" not in response.headers["Cache-Control"]
