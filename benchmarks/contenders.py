"""Who is measured: each as the command of a whole process, from the interpreter's start to its end.

Every one gets the same folder of files and a target that is there and empty.
"""

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import peers

Command = Callable[[Path, Path], list[str]]

ENGINE = "ours"
TWO = "ours, two processes"
VERIFIED = "ours, verified"
COPY = "cp -r"
READ_AND_WRITE = "cp -r --reflink=never"


@dataclass(frozen=True)
class Contender:
    """One way to make a folder of files out of another.

    Args:
        name: as the table shows it.
        command: (source, target) -> what to start.
        is_peer: another program; slower ones are given fewer files.
        is_python: of those that the bar of eight times is about.
        absent: why it cannot take part; empty if it does.
    """

    name: str
    command: Command
    is_peer: bool = False
    is_python: bool = False
    absent: str = ""


def copy() -> Contender:
    """The least that anybody could do with the files."""
    return Contender(COPY, lambda source, target: ["cp", "-r", f"{source}/.", str(target)])


def copy_by_reading() -> Contender:
    """The same through the program's memory, as `cp` did before coreutils 9.

    Since then the kernel copies from file to file, in about half the time. The bars are about that
    one; figures from elsewhere may be about this one.
    """
    how = ["cp", "-r", "--reflink=never"]
    return Contender(READ_AND_WRITE, lambda source, target: [*how, f"{source}/.", str(target)])


def ours(key: Path, *, jobs: int = 1, verify: bool = False) -> Contender:
    """The engine with the whole `research` plan; the proof is a second pass and mostly left out."""

    def command(source: Path, target: Path) -> list[str]:
        plan = ["--profile", "research", "--project", "BENCH", "--pseudonym", "BENCH_001"]
        how = ["--key-file", str(key), "--jobs", str(jobs)]
        how += [] if verify else ["--no-verify"]
        return [sys.executable, "-m", "deidentify", str(source), str(target), *plan, *how]

    return Contender(VERIFIED if verify else ENGINE if jobs == 1 else TWO, command)


def others(below: Path, scratch: Path) -> list[Contender]:
    """Return naive pydicom and every peer, those that cannot be installed marked as absent.

    Args:
        below: the folder of the peers' environments.
        scratch: for what a peer needs beside the files.
    """
    deid = ["bin/python", "-I", str(peers.HERE / "drive_deid.py")]
    dicognito = ["bin/python", "-I", "-m", "dicognito", "--quiet"]
    return [
        Contender("naive pydicom", _naive, is_peer=True, is_python=True),
        _peer("dicom-anonymizer", below, ["bin/dicom-anonymizer"]),
        _peer("deid", below, deid),
        _peer("dicognito", below, dicognito, between="--output-directory"),
        _gdcmanon(below, scratch),
    ]


def _naive(source: Path, target: Path) -> list[str]:
    return [sys.executable, "-m", "benchmarks.naive", str(source), str(target)]


def _peer(name: str, below: Path, start: Sequence[str], *, between: str = "") -> Contender:
    folder = peers.environment(name, below=below)
    label = f"{name} {peers.version(name)}"
    if folder is None:
        return Contender(label, _nothing, is_peer=True, absent="could not be installed")

    def command(source: Path, target: Path) -> list[str]:
        more = [between] if between else []
        return [str(folder / start[0]), *start[1:], str(source), *more, str(target)]

    return Contender(label, command, is_peer=True, is_python=True)


def _nothing(source: Path, target: Path) -> list[str]:
    raise LookupError("A contender that is absent has no command.")


def _gdcmanon(below: Path, scratch: Path) -> Contender:
    """GDCM's C++ program, which also encrypts what it takes away, as PS3.15 E.1.1 has it."""
    label = f"gdcmanon {peers.version('python-gdcm')}"
    folder = peers.environment("python-gdcm", below=below)
    found = sorted(folder.glob("lib/python*/site-packages/_gdcm/gdcmanon")) if folder else []
    if not found:
        return Contender(label, _nothing, is_peer=True, absent="could not be installed")
    program, certificate = found[0], scratch / "certificate.pem"
    subprocess.run([sys.executable, "-m", "benchmarks.certificate", certificate], check=True)

    def command(source: Path, target: Path) -> list[str]:
        what = ["--de-identify", "--certificate", str(certificate)]
        with_tables = ["--resources-path", str(program.parent / "XML")]
        way = ["--recursive", "--input", str(source), "--output", str(target)]
        return [str(program), *what, *with_tables, *way]

    return Contender(label, command, is_peer=True)
