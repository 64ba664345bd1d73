"""What `make` runs, and what it installs when something is missing."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT

INSTALL = ROOT / "tests/services/install.sh"


def make(*arguments: str) -> str:
    """Return what make would run, or prints."""
    environment = {
        name: value for name, value in os.environ.items() if "MAKE" not in name and name != "ARGS"
    }
    ran = subprocess.run(
        ["make", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder of pretended programs on a Debian without any of the packages.

    Those that change something write down into `calls` how they were called.
    """
    (tmp_path / "bin").mkdir()
    pretend(tmp_path, "dpkg-query", "exit 1", is_noted=False)
    pretend(tmp_path, "apt-get")
    pretend(tmp_path, "sudo", '"$@"')
    return tmp_path


def pretend(machine: Path, name: str, then: str = "", *, is_noted: bool = True) -> None:
    program = machine / "bin" / name
    note = f'echo {name} "$@" >>{machine}/calls' if is_noted else ""
    program.write_text(f"#!/bin/sh\n{note}\n{then}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


def install(machine: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["/bin/sh", INSTALL],
        env={"PATH": f"{machine / 'bin'}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("target", ["demo", "test", "check", "bench", "lock"])
def test_help_says_what_a_command_does(target: str):
    assert f"make {target} " in make("help")


def test_demo_hands_on_what_it_was_asked():
    plain = make("-n", "demo")
    asked = make("-n", "demo", "ONCE=1", "DATA=a folder")
    elsewhere = make("-n", "demo", "PORT=8001")

    assert plain.rstrip().endswith("manage.py demo")
    assert '--once --data "$DATA"' in asked
    assert '--port "$PORT"' in elsewhere


def test_the_demo_and_the_checks_need_no_compiler_and_the_tests_build_what_speaks_ldap():
    demo, check = make("-n", "-B", "demo"), make("-n", "-B", "check")
    tests = make("-n", "-B", "test")

    assert "--only-binary :all:" in demo
    assert "--no-binary" not in demo + check
    assert "--no-binary python-ldap -r requirements/ldap.lock" in tests


def test_test_hands_its_arguments_to_pytest_and_spreads_only_the_whole():
    part = make("-n", "test", "ARGS=-k lease")
    whole = make("-n", "test")

    assert "-m pytest -k lease" in part
    assert "--numprocesses" not in part
    assert "-m pytest --numprocesses auto" in whole


def test_checks_and_tests_do_not_see_the_developers_database():
    lines = make("-n", "test").splitlines()

    (pytest_line,) = [line for line in lines if "-m pytest" in line]
    assert "-u DATABASE_URL" in pytest_line
    assert "RDMA_DATA_DIR=" in pytest_line


def test_what_is_missing_is_installed_by_root_after_the_lists_are_fetched(machine: Path):
    pretend(machine, "id", "echo 0", is_noted=False)

    installed = install(machine)

    calls = (machine / "calls").read_text().splitlines()
    assert installed.returncode == 0, installed.stderr
    assert calls[0] == "apt-get update --quiet"
    assert calls[1].startswith("apt-get install --yes")
    assert "postgresql redis-server dcmtk" in calls[1]


def test_who_is_not_root_installs_with_sudo(machine: Path):
    pretend(machine, "id", "echo 1000", is_noted=False)

    installed = install(machine)

    assert installed.returncode == 0, installed.stderr
    assert "sudo apt-get update --quiet" in (machine / "calls").read_text()


def test_a_failed_installation_fails_the_command(machine: Path):
    pretend(machine, "id", "echo 0", is_noted=False)
    pretend(machine, "apt-get", "exit 100")

    assert install(machine).returncode != 0


def test_nothing_is_installed_when_nothing_is_missing(machine: Path):
    pretend(machine, "dpkg-query", "echo installed", is_noted=False)

    installed = install(machine)

    assert installed.returncode == 0
    assert not (machine / "calls").exists()


def test_a_command_whose_reader_stops_ends_without_a_traceback():
    read, write = os.pipe()
    os.close(read)

    ran = subprocess.run(
        [sys.executable, "manage.py", "diffsettings", "--all"],
        cwd=ROOT,
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )

    os.close(write)
    assert ran.stderr == ""
    assert ran.returncode == 141
