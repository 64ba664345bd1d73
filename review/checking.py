"""Looking at data that never went through here: read twice, kept as sums, stored in one go.

The first reading takes the DICOM headers and with them what they call the patient; the second looks
at everything beside them, so that a name in the last header is found in the first file name too.
Nothing is saved before all is read: whoever goes on after a kill begins anew. The files go as soon
as the results are there.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import transaction
from django.utils import timezone

from deidentify.beyond import Allowance, Reader
from deidentify.beyond.items import Unread
from deidentify.beyond.zip_directory import STARTS, find_directory
from deidentify.leaks.search import Searcher
from review import check_findings, risk
from review.check_files import delete_files, files_of, folder_of
from review.check_findings import Findings, Found, is_certain
from review.check_profile import Would, what_it_would_do
from review.check_rows import NAMED, beyond_row, dicom_row
from review.check_sums import DicomSums
from review.models import Check, CheckElement, CheckFinding, CheckState
from review.models.checks import KEPT
from review.tallies import Tally

TOLD_EVERY = 25
"""Files between two words about how far it is."""
MOST_UNPACKED = 64 << 30
MOST_COUNTED = 1_000_000
"""Entries that an archive is believed to have, before it is read."""

Ensure = Callable[[], None]


def look_at(check: Check, ensure: Ensure) -> None:
    """Read everything of a claimed check and store what was found; then delete the files.

    `ensure` raises LeaseLost when the row is not ours any more.
    """
    total = sum(_file_count(path) for path, _ in files_of(check.token))
    check.set_held(total_count=total, read_count=0, reason="")
    sums = DicomSums()
    # in the check's own folder: what a killed worker leaves goes with the check's files
    with TemporaryDirectory(dir=folder_of(check.token)) as name:
        folder = Path(name)
        reader = _read_headers(check, sums, folder, ensure)
        sums.close()
        searcher = Searcher(sums.terms)
        tally = Tally(lambda text: _looks(text, searcher))
        allowance = _read_the_rest(check, tally, folder, ensure)
    for place, sentence in sums.unread:
        allowance.remark(place, sentence)
    would = what_it_would_do(check.profile, sums.elements)
    found = Findings()
    check_findings.said_by_headers(sums, found)
    check_findings.identifying_elements(sums.elements, found)
    check_findings.named_elsewhere(searcher, sums.elements, tally, found)
    check_findings.looking_values(sums.elements, tally, found)
    check_findings.acted_on(would, sums.elements, found)
    check_findings.unread(allowance.remarks, allowance.remark_count, found)
    ensure()
    results = _Results(
        sums=sums,
        tally=tally,
        would=would,
        found=found.all(),
        beside_count=max(reader.file_count - reader.dicom_count, 0),
        unread_count=allowance.remark_count,
    )
    _store(check, results)
    delete_files(check.token)


def _read_headers(check: Check, sums: DicomSums, folder: Path, ensure: Ensure) -> Reader:
    """Take the DICOM files, whatever they are packed in, and tell how far it is."""
    allowance = Allowance(bytes_left=MOST_UNPACKED)
    reader = Reader(folder, allowance, sums.take)
    for path, place in files_of(check.token):
        told = 0
        for _ in reader.read(path, place):
            if reader.file_count - told >= TOLD_EVERY:
                told = reader.file_count
                ensure()
                check.set_held(read_count=min(told, check.total_count))
        ensure()
        check.set_held(read_count=min(reader.file_count, check.total_count))
    return reader


def _read_the_rest(check: Check, tally: Tally, folder: Path, ensure: Ensure) -> Allowance:
    """Count in what lies beside the headers; return what could not be read."""
    allowance = Allowance(bytes_left=MOST_UNPACKED)
    reader = Reader(folder, allowance)
    for path, place in files_of(check.token):
        ensure()
        tally.add(reader.read(path, place))
    return allowance


def _file_count(path: Path) -> int:
    """Return how many files an upload is: the entries of an archive, else one."""
    with path.open("rb") as file:
        if not file.read(4).startswith(STARTS):
            return 1
        try:
            return 1 + min(find_directory(file).count, MOST_COUNTED)
        except Unread:
            return 1


def _looks(text: str, searcher: Searcher) -> str:
    """Return what a value looks like, and a mark if the headers' names or numbers are in it."""
    is_named = any(is_certain(hit) for hit in searcher.search_text(text))
    return risk.looks_of(text) + (NAMED if is_named else "")


@dataclass
class _Results:
    """What both readings gave, before it is stored."""

    sums: DicomSums
    tally: Tally
    would: dict[str, Would]
    found: list[Found]
    beside_count: int
    unread_count: int


@transaction.atomic
def _store(check: Check, results: _Results) -> None:
    sums = results.sums
    check.elements.all().delete()
    check.findings.all().delete()
    rows = [
        dicom_row(check, path, element, results.would.get(path))
        for path, element in sums.elements.items()
    ]
    rows += [beyond_row(check, path, one) for path, one in results.tally.paths.items()]
    CheckElement.objects.bulk_create(rows, batch_size=500)
    CheckFinding.objects.bulk_create(
        CheckFinding(
            check_of=check,
            code=one.code,
            weight=one.weight,
            count=one.count,
            facts=json.dumps(
                {
                    "sentence": one.sentence,
                    "paths": one.paths,
                    "values": one.values,
                    "places": one.places,
                }
            ),
        )
        for one in results.found
    )
    now = timezone.now()
    check.let_go(
        state=CheckState.DONE,
        ended_at=now,
        expires_at=now + KEPT,
        dicom_count=sums.files,
        beside_count=results.beside_count,
        unread_count=results.unread_count,
        study_count=sums.study_count,
        patient_count=sums.patient_count,
        attempt=0,
        reason="",
    )
