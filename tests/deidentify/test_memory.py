"""Memory stays below 150 MB, whatever the size of a file: each is rewritten in a fresh process."""

import struct
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deidentify.samples import brain, save

HOUSE = Path(__file__).parents[2]
MEGABYTE = 1024 * 1024
MOST = 150 * MEGABYTE
SCRIPT = """
import re, sys
from pathlib import Path
from deidentify.plan import compile_plan
from deidentify.rewrite import rewrite
from tests.deidentify.samples import identity

rewrite(Path(sys.argv[1]), Path(sys.argv[2]), compile_plan(identity=identity()), digest=False)
# not ru_maxrss, which also counts what the process that started this one held
status = Path("/proc/self/status").read_text()
print(int(re.search(r"VmHWM:\\s+(\\d+) kB", status)[1]) * 1024)
"""


def head(tag, vr, length):
    return struct.pack("<HH2sHL", tag >> 16, tag & 0xFFFF, vr, 0, length)


def start(folder):
    """The sample without its pixel data, open for more."""
    dataset = brain()
    del dataset.PixelData
    return save(dataset, folder / "source.dcm").open("ab")


def peak(folder):
    """Rewrite the file in a process of its own; return its peak in bytes."""
    target = folder / "target.dcm"
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder / "source.dcm"), str(target)],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-500:]
    return int(done.stdout)


def test_native_frames_pass_without_being_held(tmp_path):
    with start(tmp_path) as file:
        file.write(head(0x7FE00010, b"OW", 1000 * MEGABYTE))
        file.truncate(file.tell() + 1000 * MEGABYTE)

    assert peak(tmp_path) < MOST


def test_a_hundred_thousand_fragments_pass_without_being_held(tmp_path):
    fragment = struct.pack("<HHL", 0xFFFE, 0xE000, 1000) + b"\1" * 1000
    with start(tmp_path) as file:
        file.write(head(0x7FE00010, b"OB", 0xFFFFFFFF) + struct.pack("<HHL", 0xFFFE, 0xE000, 0))
        for _ in range(1000):
            file.write(fragment * 100)
        file.write(struct.pack("<HHL", 0xFFFE, 0xE0DD, 0))

    assert peak(tmp_path) < MOST


def test_a_large_element_that_goes_is_not_held(tmp_path):
    with start(tmp_path) as file:
        file.write(head(0x00990010, b"UN", 4) + b"ACME" + head(0x00991001, b"OB", 300 * MEGABYTE))
        file.truncate(file.tell() + 300 * MEGABYTE)

    assert peak(tmp_path) < MOST


@pytest.mark.slow
def test_a_sequence_of_two_hundred_thousand_items_fits(tmp_path):
    uid = struct.pack("<HH2sH", 0x0008, 0x1155, b"UI", 12)
    with start(tmp_path) as file:
        item = struct.pack("<HHL", 0xFFFE, 0xE000, 20)
        items = b"".join(item + uid + b"1.2.3.%06d" % number for number in range(200_000))
        file.write(head(0x00409096, b"SQ", len(items)) + items)

    assert peak(tmp_path) < MOST
