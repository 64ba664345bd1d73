"""The same instances give the same bytes: in any order, process, hash seed and warmth of memory."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from tests.deidentify.samples import brain, real_files, save

HOUSE = Path(__file__).parents[2]
SCRIPT = """
import json, random, sys
from pathlib import Path
from deidentify.errors import Refused
from deidentify.known import Known
from deidentify.plan import compile_plan
from deidentify.rewrite import rewrite
from tests.deidentify.samples import identity

paths = [Path(name) for name in json.load(sys.stdin)]
random.Random(int(sys.argv[1])).shuffle(paths)
known = Known()
for path in paths:
    try:
        known.read(path)
    except Refused:
        pass
plan = compile_plan(sys.argv[2], identity=identity())
target = Path(sys.argv[3])


def outcome(path):
    try:
        return rewrite(path, target, plan, known=known).digest
    except Refused as refused:
        return refused.code


print(json.dumps({str(path): outcome(path) for path in paths}))
"""


def digests(paths, *, order, seed, profile, target):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(order), profile, str(target)],
        input=json.dumps([str(path) for path in paths]),
        cwd=HOUSE,
        env={**os.environ, "PYTHONHASHSEED": str(seed)},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def made(folder):
    """A few instances, each of which names somebody whom another one merely mentions."""
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator = "T-A0100", "SRT"
    code.CodeMeaning = "Brain of Åse Bjørnstad, seen by Nordmo"
    varied = (
        {"OperatorsName": "Nordmo^Kari"},
        {"StudyDescription": "Nordmo hjerne 13836033390"},
        {"AnatomicRegionSequence": [code]},
        {"ImageComments": "v/ Torunn Sørli, tlf 22 33 44 55", "SpecificCharacterSet": ""},
    )
    return [
        save(brain(SOPInstanceUID=f"1.2.3.4.1{number}", **more), folder / f"{number}.dcm")
        for number, more in enumerate(varied)
    ]


@pytest.mark.parametrize("profile", ["research", "basic"])
def test_order_process_and_hash_seed_change_nothing(tmp_path, profile):
    paths = made(tmp_path) + sorted(real_files("dcm_qa_nih"))[::60]

    several = [
        digests(paths, order=turn, seed=turn * 77, profile=profile, target=tmp_path / f"{turn}.out")
        for turn in range(3)
    ]

    assert sum(len(digest) == 64 for digest in several[0].values()) > 8
    assert several[0] == several[1] == several[2]


def outputs(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_one_process_and_two_write_the_same_files(tmp_path):
    source, key = tmp_path / "in", tmp_path / "key"
    source.mkdir()
    made(source)
    key.write_bytes(bytes(range(32)))
    written = []

    for jobs in (1, 2):
        target = tmp_path / f"out{jobs}"
        command = [sys.executable, "-m", "deidentify", source, target, "--project", "BICAM"]
        command += ["--pseudonym", "BICAM_001", "--key-file", key, "--jobs", str(jobs)]
        subprocess.run(list(map(str, command)), cwd=HOUSE, capture_output=True, check=True)
        written.append(outputs(target))

    assert len(written[0]) == 4
    assert written[0] == written[1]
