"""The sums are SQL of their own; on SQLite, where one person works alone, they come out as well."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("script", "said"), [("on_sqlite.py", "elements"), ("verdicts_on_sqlite.py", "signed off")]
)
def test_what_the_review_keeps_comes_out_exactly_on_sqlite_too(tmp_path, script, said):
    named = ("DATABASE_URL", "DATABASE_URL_FILE")
    environment = {name: value for name, value in os.environ.items() if name not in named}
    environment |= {
        "RDMA_DATA_DIR": str(tmp_path / "data"),
        "DJANGO_SETTINGS_MODULE": "rdma.settings",
        "PYTHONPATH": str(ROOT),
    }

    ended = subprocess.run(
        [sys.executable, ROOT / "tests" / "review" / script, tmp_path / "files"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    assert said in ended.stdout
