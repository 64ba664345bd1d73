"""Every dependency is locked by hash, and no lock says where it was fetched from."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT, files, text

BASE, DEV = Path("requirements/base.lock"), Path("requirements/dev.lock")
LDAP = Path("requirements/ldap.lock")
LOCKS = [BASE, DEV, LDAP]
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^\s;]+)( ; [^\\]+?)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


def pins(lock: Path) -> dict[tuple[str, str, str], int]:
    """Return (name, version, condition) → number of hashes for each dependency of a lock."""
    found: dict[tuple[str, str, str], int] = {}
    current = None
    for line in text(lock).splitlines():
        if match := PIN.match(line):
            current = (match[1], match[2], (match[3] or "").strip())
            found[current] = 0
        elif HASH.match(line):
            assert current is not None
            found[current] += 1
        else:
            assert line.lstrip().startswith("#"), f"a line that locks nothing: {line}"
    return found


@pytest.mark.parametrize("lock", LOCKS, ids=str)
def test_every_dependency_has_hashes(lock: Path):
    found = pins(lock)

    assert found
    assert [pin for pin, hashes in found.items() if not hashes] == []


def test_the_development_lock_holds_the_base_lock_whole():
    assert pins(BASE).keys() <= pins(DEV).keys()


def test_what_speaks_ldap_changes_no_version_of_the_rest():
    base = {name: version for name, version, _ in pins(BASE)}
    shared = {name: version for name, version, _ in pins(LDAP) if name in base}

    assert "django" in shared
    assert shared == {name: base[name] for name in shared}


@pytest.mark.parametrize("lock", LOCKS, ids=str)
def test_every_wish_is_locked(lock: Path):
    wishes = re.findall(r"^([A-Za-z][A-Za-z0-9._-]*)", text(lock.with_suffix(".in")), re.M)
    locked = {name for name, _, _ in pins(lock)}

    missing = [wish for wish in wishes if re.sub(r"[._-]+", "-", wish).lower() not in locked]

    assert wishes
    assert missing == []


@pytest.mark.parametrize("lock", LOCKS, ids=str)
def test_no_lock_names_a_place(lock: Path):
    assert not re.search(r"://|--(extra-)?index-url|--find-links|\s@\s", text(lock))


def test_no_lock_of_another_kind_is_kept():
    kept = [str(path) for path in files() if path.name in {"uv.lock", "pylock.toml"}]

    assert kept == []


def test_no_file_names_the_index_that_pip_uses_here():
    settings = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    hosts = set(re.findall(r"https?://(?:[^/@\s']*@)?([^/:\s']+)", settings))

    found = [str(path) for path in files() if any(host in text(path) for host in hosts)]

    assert found == []


def test_every_dependency_has_a_reason():
    record = text(Path("docs/adr/0010-what-each-dependency-is-for.md"))
    reasons = re.findall(r"^\| (\S+) \| \S", record, re.M)
    wanted = text(BASE.with_suffix(".in")) + text(LDAP.with_suffix(".in"))
    wishes = re.findall(r"^([A-Za-z][A-Za-z0-9._-]*)", wanted, re.M)

    assert sorted(set(reasons) - {"package", "---"}) == sorted(wishes)
