"""compose.yaml, as podman-compose reads it, and the one image that its processes share."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.compose import configuration, services
from tests.house.tree import ROOT, text

OURS = ("migrate", "web", "worker", "beat", "receiver")
LONG_RUNNING = ("postgres", "redis", "web", "worker", "beat", "receiver")
SECRETS = {"database_url", "secret_key", "rdma_master_key"}


def test_podman_compose_reads_every_service():
    assert set(services()) == {"postgres", "redis", *OURS}


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_what_keeps_running_is_watched_and_comes_back(name: str):
    assert services()[name]["healthcheck"]["test"]
    assert services()[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", OURS)
def test_our_processes_share_one_image_and_may_do_little(name: str):
    service = services()[name]

    assert service["image"] == "rdma:local"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", OURS)
def test_secrets_come_as_files_and_stand_in_no_environment(name: str):
    environment = services()[name]["environment"]

    assert set(services()[name]["secrets"]) == SECRETS
    for secret in SECRETS:
        assert environment[f"{secret.upper()}_FILE"] == f"/run/secrets/{secret}"
        assert secret.upper() not in environment


def test_the_folder_of_secrets_is_kept_out_of_git_and_of_the_image():
    paths = [secret["file"] for secret in configuration()["secrets"].values()]

    assert all(path.startswith("./secrets/") for path in paths)
    assert "/secrets/" in text(Path(".gitignore")).splitlines()
    assert text(Path(".dockerignore")).splitlines()[0] == "*"
    assert "!secrets" not in text(Path(".dockerignore"))


def test_every_secret_of_compose_is_drawn_once(tmp_path: Path):
    (tmp_path / ".ci").mkdir()
    script = shutil.copy(ROOT / ".ci/draw-secrets", tmp_path / ".ci")

    subprocess.run(["sh", script], check=True, capture_output=True)
    drawn = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    subprocess.run(["sh", script], check=True, capture_output=True)
    after = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}

    assert set(drawn) == set(configuration()["secrets"])
    assert after == drawn
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert min(len(secret) for secret in drawn.values()) >= 32
    assert drawn["postgres_password"] in drawn["database_url"]


def test_database_and_broker_are_reached_from_inside_alone():
    assert configuration()["networks"]["inside"]["internal"] is True
    for name in ("postgres", "redis"):
        assert services()[name]["networks"] == ["inside"]
        assert "ports" not in services()[name]


def test_the_portal_waits_for_a_web_server_with_tls_before_it():
    assert services()["web"]["ports"] == ["127.0.0.1:8000:8000"]


def test_redis_keeps_its_messages_and_evicts_none():
    command = " ".join(services()["redis"]["command"])

    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


def test_workers_keep_the_flags_without_which_they_hang():
    command = services()["worker"]["command"]

    assert not [part for part in command if part.startswith("--without-")]


def test_all_wait_for_the_migrations():
    for name in ("web", "worker", "beat", "receiver"):
        waited_for = services()[name]["depends_on"]["migrate"]["condition"]

        assert waited_for == "service_completed_successfully"


def test_the_image_runs_as_nobody_in_particular():
    dockerfile = text(Path("Dockerfile"))
    last_user = re.findall(r"^USER (\w+)$", dockerfile, re.M)[-1]

    assert last_user == "rdma"
    assert "--require-hashes --only-binary :all:" in dockerfile


def test_every_room_reaches_the_image():
    rooms = {p.parent.name for p in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks", "docs"}
    kept = text(Path(".dockerignore")).splitlines()

    assert "rdma" in rooms
    for folder in (*rooms, "templates", "static", "requirements"):
        assert f"!{folder}/" in kept
