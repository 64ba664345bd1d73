"""The bench runs to its end whoever fails, counts only what did the work, and judges plainly."""

import subprocess
import sys
from pathlib import Path

import pytest
from pydicom import dcmread

from benchmarks.bars import judged
from benchmarks.contenders import COPY, ENGINE, READ_AND_WRITE, TWO, VERIFIED, Contender, copy, ours
from benchmarks.measure import Taken, naming, run
from benchmarks.report import page
from benchmarks.rounds import ONE, PART, WHOLE, Outcome, Runs, measured
from benchmarks.run import TERMS
from benchmarks.studies import write_study
from tests.house.tree import ROOT

MACHINE = [("Processor", "invented")]


def runs(name: str, seconds: float, *, peak: int = 30_000_000, is_python: bool = False) -> Runs:
    contender = Contender(name, lambda source, target: [], is_python=is_python)
    return Runs(contender, 10, [Taken(seconds, peak, 10)], naming=0)


def outcome(kind: str = "ct", *, copied: float = 1.0, one: float, two: float = 1.0) -> Outcome:
    made = Outcome(kind, images=10, size=10_000_000)
    for study in (WHOLE, PART):
        made.runs[study, COPY] = runs(COPY, copied)
        made.runs[study, ENGINE] = runs(ENGINE, one)
    made.runs[WHOLE, TWO] = runs(TWO, two)
    return made


def verdicts(*outcomes: Outcome) -> dict[str, bool | None]:
    return {bar.what.partition(",")[0]: bar.is_held for bar in judged(outcomes)}


def test_it_prints_the_bars_and_the_times_of_copy_and_engine():
    command = [sys.executable, "-m", "benchmarks.run", "--no-peers", "--kinds", "mr"]

    ran = subprocess.run(
        [*command, "--images", "2", "--rounds", "1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    rows = [line.split(" | ") for line in ran.stdout.splitlines() if "| whole |" in line]
    names = [COPY, READ_AND_WRITE, ENGINE, TWO, VERIFIED]
    assert [row[0].removeprefix("| ") for row in rows] == names
    assert [row[-1].removesuffix(" |") for row in rows] == ["2", "2", "0", "0", "0"], (
        "files still naming"
    )
    assert "a single one takes the engine" in ran.stdout


def test_a_kind_that_is_not_there_is_refused_in_a_sentence():
    command = [sys.executable, "-m", "benchmarks.run", "--kinds", "xray"]

    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ran.returncode == 1
    assert "No such kind: xray." in ran.stderr


@pytest.mark.parametrize(("seconds", "held"), [(1.39, True), (1.41, False)])
def test_the_bar_against_a_copy_is_held_or_missed(seconds: float, held: bool):
    judgement = verdicts(outcome("ct", one=seconds, two=0.1))

    assert judgement["ct: time of the engine"] is held


@pytest.mark.parametrize(("seconds", "held"), [(8.1, True), (7.9, False)])
def test_the_bar_against_a_python_peer_is_held_or_missed(seconds: float, held: bool):
    made = outcome("mr", one=1.0, two=0.5)
    made.runs[PART, "a peer"] = runs("a peer", seconds, is_python=True)

    assert verdicts(made)["mr: time of a peer against the engine"] is held


@pytest.mark.parametrize(("seconds", "held"), [(0.6, True), (0.7, False)])
def test_the_bar_of_two_processes_is_held_or_missed(seconds: float, held: bool):
    judgement = verdicts(outcome("ultrasound", one=1.0, two=seconds))

    assert judgement["ultrasound: speed of two processes against one"] is held


@pytest.mark.parametrize(("seconds", "held"), [(2.9, True), (3.1, False)])
def test_the_bar_of_the_proof_is_held_or_missed(seconds: float, held: bool):
    made = outcome("mr", one=1.0)
    made.runs[WHOLE, VERIFIED] = runs(VERIFIED, seconds)

    what = "mr: time of the engine with its proof against without"
    assert verdicts(made)[what] is held


def test_the_bar_of_memory_counts_the_larger_of_one_process_and_two():
    made = outcome("ct", one=1.0)
    made.runs[WHOLE, TWO] = runs(TWO, 0.5, peak=151_000_000)

    assert verdicts(made)["ct: peak memory of the engine's largest process"] is False


def test_a_page_says_missed_and_why_a_contender_has_no_figure():
    made = outcome("ct", one=3.0)
    made.runs[PART, "a peer"] = Runs(copy(), 10, failed="could not be installed")

    written = page([made], judged([made]), MACHINE, rounds=5, seed=1)

    assert "| at most 1.4 × | 3.00 × | **MISSED** |" in written
    assert "| could not be installed |" in written
    assert "median of 5" in written


def test_a_contender_that_fails_is_said_and_the_others_are_measured(tmp_path: Path):
    failing = Contender("a peer", lambda source, target: ["sh", "-c", "echo no plan; exit 3"])
    heard: list[str] = []
    absent = Contender("another", lambda source, target: ["true"], absent="not here")
    entries = [(WHOLE, copy()), (WHOLE, failing), (PART, absent)]

    found = measured(
        "ct", entries, tmp_path, images=2, part=1, rounds=2, seed=1, terms=TERMS,
        say=heard.append,
    )  # fmt: skip

    copied = found.on(WHOLE, COPY)
    assert copied is not None
    assert len(copied.taken) == 2
    assert copied.naming == 2
    assert found.runs[WHOLE, "a peer"].failed == "ended with status 3"
    assert "a peer ended with status 3\nno plan" in heard
    assert found.runs[PART, "another"].failed == "not here"
    assert list(tmp_path.iterdir()) == [], "what was generated is removed again"


def test_without_the_engine_no_round_is_run(tmp_path: Path):
    broken = Contender(ENGINE, lambda source, target: ["false"])
    entries = [(WHOLE, copy()), (WHOLE, broken)]

    found = measured(
        "ct", entries, tmp_path, images=1, part=1, rounds=9, seed=1, terms=TERMS,
        say=lambda what: None,
    )  # fmt: skip

    assert found.runs[WHOLE, COPY].taken == []
    assert found.on(WHOLE, ENGINE) is None


def test_a_command_that_leaves_too_few_files_counts_for_nothing(tmp_path: Path):
    taken = run(["true"], tmp_path / "target", cwd=ROOT, expected=3)

    assert taken.failed == "left 0 files of 3"


def test_the_engine_as_the_bench_starts_it_writes_every_image_of_every_slice_kind(tmp_path: Path):
    key = tmp_path / "key"
    key.write_bytes(bytes(32))
    for kind in ("ct", "mr", "compressed", "ultrasound"):
        write_study(kind, tmp_path / kind, images=2, seed=1)
        target = tmp_path / f"{kind} out"

        taken = run(ours(key).command(tmp_path / kind, target), target, cwd=ROOT, expected=2)

        assert taken.failed == ""
        assert naming(target, TERMS) == 0
        for path in target.rglob("*.dcm"):
            assert dcmread(path).PatientID == "BENCH_001"


def test_naive_pydicom_removes_the_patient_and_maps_uids_alike(tmp_path: Path):
    write_study("mr", tmp_path / "in", images=2, seed=1)
    command = [sys.executable, "-m", "benchmarks.naive", str(tmp_path / "in")]

    taken = run([*command, str(tmp_path / "out")], tmp_path / "out", cwd=ROOT, expected=2)

    images = [dcmread(path) for path in sorted((tmp_path / "out").iterdir())]
    assert taken.failed == ""
    assert naming(tmp_path / "out", TERMS) == 0
    assert len({image.StudyInstanceUID for image in images}) == 1
    assert len({image.SOPInstanceUID for image in images}) == 2


def test_a_term_across_two_blocks_of_a_file_is_found(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"-" * (256 * 1024 - 3) + TERMS[0])

    assert naming(tmp_path, TERMS) == 1


def test_a_run_over_one_file_is_no_part_of_the_table():
    made = outcome(copied=0.5, one=1.0)
    made.runs[ONE, ENGINE] = runs(ENGINE, 0.1)

    written = page([made], [], MACHINE, rounds=1, seed=1)

    assert "a single one takes the engine 0.10 s" in written
    assert "each further one 50.000 ms more than its copy" in written
    assert "| one |" not in written
