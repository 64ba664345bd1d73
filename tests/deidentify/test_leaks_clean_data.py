"""Real studies through the engine: nothing left, and nothing flagged that is not."""

import os
from collections import defaultdict
from pathlib import Path

import pytest

from deidentify.identity import Identity
from deidentify.leaks import LeakCheck, SearchTerms
from deidentify.plan import compile_plan
from deidentify.rewrite import rewrite

DATA = Path(os.environ.get("RDMA_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
SETS = ("dcm_qa_agfa", "dcm_qa_ct", "dcm_qa_enh", "dcm_qa_nih", "dcm_qa_pdt2")
EVERY = 10
"""Of long series every tenth file is taken, so that the test stays short."""


def series_of(root):
    found = defaultdict(list)
    for path in sorted(root.rglob("*")):
        if path.is_file() and path.name != "DIRFILE":
            with path.open("rb") as file:
                if file.read(132)[128:] == b"DICM":
                    found[path.parent].append(path)
    return [files if len(files) < 40 else files[::EVERY] for files in found.values()]


@pytest.mark.parametrize("profile", ["research", "basic"])
@pytest.mark.parametrize("name", SETS)
def test_a_real_study_that_was_deidentified_has_no_findings(name, profile, tmp_path):
    identity = Identity(project="BICAM", pseudonym="BICAM_0012", secret=b"k" * 32)
    plan = compile_plan(profile, identity=identity)
    series = series_of(DATA / name)
    assert series

    for files in series:
        terms = SearchTerms(kept_tags=plan.kept_tags, written=plan.written_values)
        for path in files:
            terms.read(path)
        check = LeakCheck(terms)
        for number, path in enumerate(files):
            output = tmp_path / f"{number}.dcm"
            rewrite(path, output, plan)
            assert check.examine(path, output) == []
