"""The environment that the settings read, the one that is documented and the one in compose."""

import re
from pathlib import Path

from tests.house.compose import services
from tests.house.tree import text

READ = re.compile(r"\b(?:env\w*|drawn_once)\(\s*\"([A-Z_]+)\"")
DOCUMENTED = re.compile(r"^#?([A-Z][A-Z_]+)=", re.M)
SETTINGS = ("rdma/settings.py", "rdma/directory_settings.py")
ONLY_COMPOSE = {"RDMA_WEB_PORT"}


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


def test_the_settings_take_nothing_past_their_readers():
    assert not any("os.environ" in text(Path(path)) for path in SETTINGS)
