"""What podman-compose makes of compose.yaml."""

import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from tests.house.tree import ROOT
from tests.services.process import executable


@lru_cache(maxsize=1)
def configuration() -> dict[str, Any]:
    """Return the whole parsed file, as it is with no .env and nothing in the environment."""
    podman = executable("podman", package="podman")
    with TemporaryDirectory(prefix="rdma-podman-") as home:  # it looks for settings there
        parsed = subprocess.run(
            [
                *(sys.executable, "-m", "podman_compose"),
                *("--env-file", os.devnull, "--file", ROOT / "compose.yaml", "config"),
            ],
            cwd=ROOT,
            env={"PATH": f"{Path(podman).parent}:{os.environ['PATH']}", "HOME": home},
            capture_output=True,
            text=True,
            check=False,
        )
    assert parsed.returncode == 0, parsed.stderr[-2000:]
    found: dict[str, Any] = yaml.safe_load(parsed.stdout)
    return found


def services() -> dict[str, Any]:
    """Return the services by name."""
    found: dict[str, Any] = configuration()["services"]
    return found
