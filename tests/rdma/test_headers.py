"""What every answer tells the browser, whichever door it comes out of."""

import re

import pytest
from django.test import Client

from projects.roles import HospitalRole
from rdma import views
from rdma.headers import ALWAYS
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

DOORS = (
    *("/", "/sign-in/", "/no-such-page/", "/static/app.css", "/healthz", "/readyz"),
    *("/api/v1/projects/", "/api/schema/", "/api/docs/", "/api/v1/no-such-thing/", "/admin/"),
    *("/audit/", "/exports/get/", "/projects/BICAM/"),
)


@pytest.fixture
def office(client):
    client.force_login(UserFactory(hospital_role=HospitalRole.DATA_OFFICE, is_superuser=True))
    return client


@pytest.mark.parametrize("address", DOORS)
def test_every_answer_keeps_to_itself(office, address):
    answer = office.get(address)

    assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize("address", [door for door in DOORS if not door.startswith("/static/")])
def test_no_page_permits_what_stands_in_it_to_run_or_may_be_framed(office, address):
    answer = office.get(address)

    policy = answer.headers["Content-Security-Policy"]
    rules = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert "unsafe" not in policy
    assert rules["default-src"] == rules["frame-ancestors"] == rules["object-src"] == "'none'"
    assert rules["script-src"] == rules["form-action"] == "'self'"
    assert answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("address", ["/", "/sign-in/", "/api/docs/", "/admin/"])
def test_no_page_has_scripts_or_styles_inside(office, address):
    text = (office if address != "/sign-in/" else Client()).get(address).content.decode()

    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>\s*\S", text)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", text)


@pytest.mark.parametrize("host", ["elsewhere.example", "localhost.elsewhere.example", "a b", ""])
def test_another_host_name_is_refused_before_anything_is_looked_up(client, host):
    answer = client.get("/sign-in/", headers={"host": host})

    assert answer.status_code == 400
    assert host not in answer.content.decode() or not host


@pytest.mark.parametrize(
    "wish", ["https://elsewhere.example/", "//elsewhere.example", "\\\\elsewhere.example",
             "https:/elsewhere.example", "javascript:alert(1)", "/\t/elsewhere.example"],
)  # fmt: skip
def test_signing_in_sends_nobody_elsewhere(client, wish):
    UserFactory(username="kari")

    answer = client.post("/sign-in/", {"username": "kari", "password": PASSWORD, "next": wish})

    assert answer.headers["Location"] == "/"


def test_what_nobody_foresaw_shows_a_number_and_nothing_else(office, monkeypatch):
    def break_down(_: object) -> None:
        raise RuntimeError("Fjell^Turid Aasen")

    monkeypatch.setattr(views, "under_way", break_down)
    office.raise_request_exception = False

    answer = office.get("/")

    assert answer.status_code == 500
    assert "Fjell" not in answer.content.decode()
    assert "Traceback" not in answer.content.decode()
    assert re.search(r'class="mono">[0-9a-f]{8}<', answer.content.decode())
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
