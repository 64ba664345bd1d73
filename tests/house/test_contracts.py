"""The house keeps its own rules: who may import whom, and how files are cut and named."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house.tree import ROOT, files, modules, text

LINES = 400
EMPTY_NAMES = {"util", "utils", "helper", "helpers", "common", "misc", "signals"}
LEFT_FOR_LATER = re.compile(r"\b(TODO|FIXME|XXX)\b|mark\.skip|mark\.xfail|pytest\.skip\(")


def lint_imports(config: Path) -> "subprocess.CompletedProcess[str]":
    script = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [script, "--config", config, "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_import_contract_holds():
    checked = lint_imports(ROOT / "pyproject.toml")

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "0 broken" in checked.stdout


def test_an_import_that_breaks_a_contract_is_caught(tmp_path: Path):
    contract = tmp_path / "upside-down.toml"
    contract.write_text(
        '[tool.importlinter]\nroot_packages = ["projects", "rdma"]\n'
        '[[tool.importlinter.contracts]]\nname = "Upside down"\ntype = "forbidden"\n'
        'source_modules = ["rdma"]\nforbidden_modules = ["projects"]\n'
    )

    checked = lint_imports(contract)

    assert checked.returncode != 0, "rdma.urls imports from projects, and nobody saw it"
    assert "Upside down BROKEN" in checked.stdout


def test_every_room_stands_in_the_layers_in_the_order_of_the_data():
    contracts = tomllib.loads(text(Path("pyproject.toml")))["tool"]["importlinter"]["contracts"]

    (way_of_the_data,) = [c for c in contracts if c["type"] == "layers" and "containers" not in c]

    assert list(reversed(way_of_the_data["layers"])) == [
        *("deidentify", "projects", "intake", "transfers"),
        *("review", "exports", "privacy", "rdma"),
    ]


@pytest.mark.parametrize("path", modules(), ids=str)
def test_a_module_is_one_idea(path: Path):
    lines = text(path).splitlines()

    assert len(lines) <= LINES, "probably two ideas"
    assert path.stem not in EMPTY_NAMES, "a name that says nothing"


@pytest.mark.parametrize(
    "path", [p for p in modules() if text(p).strip() and p.parts[0] != "tests"], ids=str
)
def test_a_module_says_what_it_is_for(path: Path):
    assert text(path).lstrip().startswith(('"""', 'r"""', "#!")), "the docstring is missing"


def test_nothing_is_left_for_later_or_skipped():
    this = Path(__file__).relative_to(ROOT)

    found = [str(path) for path in modules() if path != this and LEFT_FOR_LATER.search(text(path))]

    assert found == []


def test_no_file_names_this_checkout():
    found = [str(path) for path in files() if str(ROOT) in text(path)]

    assert found == []


def test_no_file_is_larger_than_a_megabyte():
    found = [str(path) for path in files() if (ROOT / path).stat().st_size > 1024 * 1024]

    assert found == []


def test_continuous_integration_checks_and_tests():
    script = text(Path(".ci/run"))

    assert "set -euo pipefail" in script
    assert script.index("make check") < script.index("make test")
