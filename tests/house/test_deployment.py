"""What compose.yaml starts is what Django and this house call safe to deploy."""

import os
import re
import secrets
import subprocess
import sys

import pytest

from tests.house.compose import services
from tests.house.tree import ROOT

DOCUMENTED = {"RDMA_ALLOWED_HOSTS": "rdma.example.org", "RDMA_BEHIND_TLS": "yes"}
"""What the administrator's manual asks for besides the secrets."""


@pytest.fixture
def deployed(tmp_path):
    """Ask `manage.py check --deploy` in the environment of compose's portal."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    env = dict(services()["web"]["environment"])
    for name in [name for name in env if name.endswith("_FILE")]:
        place = tmp_path / name
        place.write_text(
            "postgres://rdma:word@postgres/rdma"
            if name == "DATABASE_URL_FILE"
            else secrets.token_urlsafe(48)
        )
        env[name] = str(place)

    def check(**more: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "RDMA_DATA_DIR": str(data), **env, **more},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    return check


def test_the_deployed_settings_have_nothing_to_be_said_about(deployed):
    status, told = deployed(**DOCUMENTED)

    assert status == 0, told[-3000:]
    assert "no issues" in told


def test_without_tls_it_is_said(deployed):
    status, told = deployed(RDMA_ALLOWED_HOSTS="rdma.example.org", RDMA_BEHIND_TLS="no")

    assert status == 1
    assert "rdma.W101" in told


@pytest.mark.parametrize(
    ("setting", "value", "code"),
    [
        ("RDMA_ALLOWED_HOSTS", "*", "rdma.E103"),
        ("RDMA_DESTINATION_HOSTS", "10.20.0.0/99", "rdma.E101"),
        ("RDMA_DELIVERY_HOSTS", "https://uploads.example.org/", "rdma.E101"),
        ("RDMA_DESTINATION_HOSTS", "0.0.0.0/0", "rdma.E102"),
        ("RDMA_PROXIES", "0", "rdma.W102"),
        ("RDMA_TRUSTED_ORIGINS", "http://rdma.example.org", "rdma.W103"),
        ("RDMA_IDLE_MINUTES", "0", "rdma.W104"),
    ],
)
def test_a_setting_that_nobody_should_use_is_named(deployed, setting, value, code):
    status, told = deployed(**{**DOCUMENTED, setting: value})

    assert status == 1
    assert set(re.findall(r"rdma\.[EW]\d+", told)) == {code}


def test_the_insides_of_errors_are_shown_on_no_server(deployed):
    status, told = deployed(**DOCUMENTED, RDMA_DEBUG="yes")

    assert status == 1
    assert "RDMA_DEBUG shows the insides of errors" in told
