"""`make check` asks about known vulnerabilities: found fails, out of reach is said."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT, text

FOUND = {
    "dependencies": [
        {"name": "fine", "version": "1.0", "vulns": []},
        {"name": "broken", "version": "2.0", "vulns": [{"id": "CVE-1", "fix_versions": ["2.1"]}]},
    ]
}


@pytest.fixture
def audit(tmp_path):
    """The script, with a pip-audit that says and writes what a test wants."""
    (tmp_path / "python").symlink_to(sys.executable)

    def run(*, status: int, report: object = None, said: str = "") -> tuple[int, str]:
        written = tmp_path / "report"
        written.write_text(json.dumps(report) if report else "")
        program = tmp_path / "pip-audit"
        program.write_text(
            "#!/bin/sh\n"
            'while [ "$1" != --output ]; do shift; done\n'
            f'[ -s {written} ] && cp {written} "$2"\n'
            f"echo '{said}' >&2\nexit {status}\n"
        )
        program.chmod(0o755)
        done = subprocess.run(
            [ROOT / ".ci" / "audit", tmp_path], capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout

    return run


def test_nothing_known_passes_and_is_said(audit):
    assert audit(status=0) == (0, "No locked dependency is known to be vulnerable.\n")


def test_what_is_known_fails_with_its_name_and_its_cure(audit):
    assert audit(status=1, report=FOUND) == (1, "broken 2.0: CVE-1, mended in 2.1\n")


def test_a_database_out_of_reach_is_said_and_fails_nothing(audit):
    status, told = audit(status=1, said="ConnectionError: Max retries exceeded")

    assert status == 0
    assert "were not audited" in told


def test_anything_else_that_goes_wrong_fails(audit):
    assert audit(status=2, said="the lock cannot be read")[0] == 1


def test_the_check_asks():
    assert ".ci/audit" in text(Path("Makefile"))
