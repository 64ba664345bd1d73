"""What a folder holds: its files, and what their headers say before anything is written."""

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from deidentify.errors import Refused
from deidentify.header import read_header
from deidentify.known import Known
from deidentify.outcomes import Result, refused_as


@dataclass(frozen=True)
class Job:
    """One file to rewrite; `apart` is non-empty if others with its UID have other content."""

    source: Path
    patient_id: str = field(repr=False)
    apart: str = ""


@dataclass
class Survey:
    """What a folder holds; `known` is Patient ID -> what all of the patient's files tell."""

    jobs: list[Job] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    known: dict[str, Known] = field(default_factory=lambda: defaultdict(Known), repr=False)

    def rejected(self) -> list[tuple[Path, str]]:
        """The files that cannot even be read, with the sentence that says why."""
        return [
            (result.source, result.sentence)
            for result in self.results
            if result.outcome == "rejected"
        ]


def entries_of(source: Path) -> Iterator[tuple[Path, bool]]:
    """Everything below `source` that is no folder, in the order of names; whether it is a file.

    Links are not followed, and no file in this sense.
    """
    if source.is_file():
        yield source, True
        return
    yield from _below(os.fspath(source))


def _below(folder: str) -> Iterator[tuple[Path, bool]]:
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError:
        yield Path(folder), False  # named as what it is: something that was not read
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _below(entry.path)
        else:
            yield Path(entry.path), entry.is_file(follow_symlinks=False)


def files_of(source: Path) -> Iterator[Path]:
    """Every regular file below `source`, in the order of their names; links are not followed."""
    return (path for path, is_file in entries_of(source) if is_file)


def survey(files: Iterable[Path]) -> Survey:
    """Read every header once."""
    found = Survey()
    instances: dict[str, list[Job]] = defaultdict(list)
    for path in files:
        try:
            header = read_header(path)
        except Exception as error:  # noqa: BLE001 - one file must never end the run
            refused = error if isinstance(error, Refused) else Refused("unforeseen")
            found.results.append(refused_as(path, refused))
            continue
        found.known[header.patient_id].update(header.identifying)
        instances[header.sop_instance_uid].append(Job(path, header.patient_id))
    for jobs in instances.values():
        found.jobs += jobs if len(jobs) == 1 else kept_apart(jobs, found.results)
    found.jobs.sort(key=lambda job: job.source)
    return found


def kept_apart(jobs: list[Job], results: list[Result]) -> list[Job]:
    """Instances that share a UID: the same file goes once, others get UIDs of their own."""
    contents: dict[str, Job] = {}
    for job in jobs:
        with job.source.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest in contents:
            sentence = "The same file is there twice; it is written once."
            results.append(Result(job.source, "duplicate", "duplicate", sentence))
        else:
            contents[digest] = job
    if len(contents) == 1:
        return list(contents.values())
    return [Job(job.source, job.patient_id, digest) for digest, job in contents.items()]
