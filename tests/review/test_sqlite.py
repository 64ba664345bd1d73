"""The sums are SQL of their own; on SQLite, where one person works alone, they come out as well."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_what_leaves_is_taken_out_exactly_on_sqlite_too(tmp_path):
    named = ("DATABASE_URL", "DATABASE_URL_FILE")
    environment = {name: value for name, value in os.environ.items() if name not in named}
    environment |= {
        "RDMA_DATA_DIR": str(tmp_path / "data"),
        "DJANGO_SETTINGS_MODULE": "rdma.settings",
        "PYTHONPATH": str(ROOT),
    }

    ended = subprocess.run(
        [sys.executable, ROOT / "tests" / "review" / "on_sqlite.py", tmp_path / "files"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    assert "elements" in ended.stdout
