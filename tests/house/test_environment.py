"""The environment that the settings read, the one that is documented and the one in compose."""

import re
from pathlib import Path

from tests.house.compose import services
from tests.house.tree import text

READ = re.compile(r"\b(?:env\w*|drawn_once)\(\s*\"([A-Z_]+)\"")
DOCUMENTED = re.compile(r"^#?([A-Z][A-Z_]+)=", re.M)
SETTINGS = ("rdma/settings.py", "rdma/directory_settings.py")
ONLY_COMPOSE = {"RDMA_WEB_PORT"}
# What compose.yaml decides, and .env does not: secrets come as files, folders are volumes.
SAID_BY_COMPOSE = {
    *("SECRET_KEY", "RDMA_MASTER_KEY", "DATABASE_URL", "CELERY_BROKER_URL", "LDAP_BIND_PASSWORD"),
    *("RDMA_DATA_DIR", "RDMA_STATIC_ROOT", "RDMA_CREDENTIALS_DIR", "DICOM_HOST", "DICOM_PORT"),
    *("RDMA_DRAW_KEYS", "RDMA_MASTER_KEY_PREVIOUS", "RDMA_DEBUG"),
}


def names_read() -> set[str]:
    return {name for path in SETTINGS for name in READ.findall(text(Path(path)))}


def test_every_name_that_is_read_is_documented_and_no_other():
    documented = set(DOCUMENTED.findall(text(Path(".env.example"))))

    assert "RDMA_MASTER_KEY" in names_read()
    assert documented - ONLY_COMPOSE == names_read()


def test_compose_sets_no_name_that_nobody_reads():
    for name in ("web", "worker", "beat", "receiver", "migrate"):
        names = {key.removesuffix("_FILE") for key in services()[name]["environment"]}

        assert names <= names_read()


def test_what_is_changed_in_env_reaches_the_containers():
    written = text(Path("compose.yaml"))

    lost = {name for name in names_read() - SAID_BY_COMPOSE if f"${{{name}:-" not in written}

    assert not lost


def test_the_settings_take_nothing_past_their_readers():
    assert not any("os.environ" in text(Path(path)) for path in SETTINGS)
