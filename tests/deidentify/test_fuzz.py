"""Damaged files end in a valid output or a refusal with a reason, whatever was done to them.

Two processes take numbered inputs (`tests/deidentify/fuzz`). One that dies is told of with the
number it was at, and another goes on behind it. To see one again:

    python -m tests.deidentify.fuzz.worker NUMBER NUMBER+1 1 FOLDER
"""

import json
import os
import struct
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
WORKERS = 2
HANGING = 120  # seconds in which no input ends; one alone may take five of processor time
MOST_MORE = 200 * 1024  # kilobytes that a worker may grow by, tables and memories included


class Process:
    """One worker over its share of the numbers, started again behind what ended it."""

    def __init__(self, first, last, folder):
        self.at, self.last, self.folder = first, last, folder
        self.wrong, self.ends = [], []
        self.folder.mkdir()
        self.start()

    def start(self):
        (self.folder / "number").write_bytes(struct.pack("<Q", self.at))
        self.moved = time.monotonic()
        self.errors = (self.folder / "errors").open("ab")
        self.said = (self.folder / "said").open("wb")
        command = ["-m", "tests.deidentify.fuzz.worker", str(self.at), str(self.last)]
        self.child = subprocess.Popen(
            [sys.executable, *command, str(WORKERS), str(self.folder)],
            cwd=HOUSE,
            env={**os.environ, "TMPDIR": str(self.folder)},
            stdout=self.said,
            stderr=self.errors,
        )

    def number(self):
        return struct.unpack("<Q", (self.folder / "number").read_bytes())[0]

    def is_over(self):
        """Look after the process; say whether its share is done."""
        if self.child.poll() is None:
            number = self.number()
            if number != self.at:
                self.at, self.moved = number, time.monotonic()
            if time.monotonic() - self.moved < HANGING:
                return False
            self.child.kill()
            self.child.wait()
        self.said.close()
        self.errors.close()
        for line in (self.folder / "said").read_text().splitlines():
            found = json.loads(line)
            (self.wrong if "wrong" in found else self.ends).append(found)
        if self.child.returncode == 0:
            return True
        self.at = self.number()
        self.wrong.append({"number": self.at, "wrong": f"process ended: {self.child.returncode}"})
        self.at += WORKERS
        if self.at >= self.last:
            return True
        self.start()
        return False


def fuzzed(count, folder):
    """Run `count` inputs; return counts of outcomes, what went wrong, and the workers' ends."""
    began = time.monotonic()
    processes = [Process(first, count, folder / str(first)) for first in range(WORKERS)]
    waiting = list(processes)
    while waiting:
        waiting = [process for process in waiting if not process.is_over()]
        time.sleep(0.1)
    counts = Counter()
    for end in (end for process in processes for end in process.ends):
        counts.update(end["counts"])
    seconds = time.monotonic() - began
    sys.stdout.write(f"\n{count} inputs, {count / seconds:.0f} a second: {dict(counts)}\n")
    return counts, [wrong for process in processes for wrong in process.wrong], processes


def judged(count, folder):
    counts, wrong, processes = fuzzed(count, folder)

    assert not wrong, "\n".join(f"{one['number']}: {one['wrong']}" for one in wrong[:10])
    assert sum(counts.values()) == count
    assert counts["written"] > count / 10
    assert all(end["more_kb"] < MOST_MORE for process in processes for end in process.ends)


def test_damaged_files_are_written_well_or_refused(tmp_path):
    judged(1_500, tmp_path)


@pytest.mark.slow
def test_two_hundred_thousand_damaged_files_are_written_well_or_refused(tmp_path):
    judged(200_000, tmp_path)
