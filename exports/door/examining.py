"""Reading a finished package back, member by member; how far it is and what was found go together.

Whoever goes on after a kill begins behind the last batch. Memory does not grow with the package.
"""

import hashlib
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from deidentify.beyond.items import Allowance, Unread
from deidentify.beyond.reading import about_archive
from deidentify.beyond.zip_directory import Directory, entries, find_directory
from exports.door.found import Found, Notes
from exports.door.members import Members
from exports.errors import ExportError
from exports.models import Examination, Package, PackageFinding
from projects.storage import scratch

BATCH = 200
"""Members that are examined between two savings."""
PIECE = 1 << 20
NOT_READABLE = "The finished package cannot be read back: its directory is damaged."
WITHOUT_TERMS = (
    "What {n} of its participants {were} called is not known here any more, because the coupling "
    "is severed: what was made for this package was searched for everything else."
)
WITHOUT_TERMS_AND_ATTACHED = (
    "What {n} of its participants {were} called is not known here any more, because the coupling "
    "is severed, and files are attached that nothing was ever searched in for their names."
)

Check = Callable[[], None]


def examine(package: Package, path: Path, check: Check) -> list[PackageFinding]:
    """Examine the finished file of a claimed package; return the findings that hold it.

    Args:
        package: claimed; its rows of findings and its examination are written.
        path: the finished zip file.
        check: raises LeaseLost when the package is not ours any more.

    Raises ExportError if the file is no zip that can be read, and LeaseLost.
    """
    with path.open("rb") as file, scratch() as folder:
        try:
            directory = find_directory(file)
            row = _begun(package, file, directory)
            if row.ended_at is None:
                _examine(row, file, directory, folder=folder, check=check)
        except Unread as error:
            raise ExportError(NOT_READABLE) from error
    return list(package.findings.holding())


def _begun(package: Package, file: BinaryIO, directory: Directory) -> Examination:
    """Return how far the examination of this very file is; of another one nothing counts."""
    digest = hashlib.sha256()
    file.seek(directory.start)
    left = directory.size
    while left > 0 and (piece := file.read(min(left, PIECE))):
        digest.update(piece)
        left -= len(piece)
    known = Examination.objects.filter(package=package).first()
    if known is not None and known.directory_digest == digest.hexdigest():
        return known
    with transaction.atomic():
        package.findings.all().delete()
        Examination.objects.filter(package=package).delete()
        return Examination.objects.create(
            package=package, directory_digest=digest.hexdigest(), member_count=directory.count
        )


def _examine(
    row: Examination, file: BinaryIO, directory: Directory, *, folder: Path, check: Check
) -> None:
    package = row.package
    members = Members(package, file, folder, check)
    if not row.position:
        notes = Notes(package)
        notes.add(_about(directory, members))
        notes.save()
    rest = islice(entries(file, directory), row.position, None)
    while batch := list(islice(rest, BATCH)):
        notes = Notes(package)
        known = 0
        for entry in batch:
            check()
            found, is_known = members.look_at(entry)
            notes.add(found)
            known += is_known
        _save(row, notes, len(batch), known)
    _end(row, members)


def _about(directory: Directory, members: Members) -> Iterator[Found]:
    """Yield what is found in what the archive says of itself."""
    allowance = Allowance()
    items = list(about_archive(directory, "", allowance))
    yield from members.texts.find(None, items)
    for remark in allowance.remarks:
        yield Found("unreadable", "archive", "", "certain", remark.sentence, remark.sentence)


@transaction.atomic
def _save(row: Examination, notes: Notes, members: int, known: int) -> None:
    """Add what was found in a batch and move the position on, together, if the lease is ours."""
    row.package.progressed()
    notes.save()
    row.position += members
    row.known_count += known
    row.searched_count += members - known
    row.save(update_fields=["position", "known_count", "searched_count"])


@transaction.atomic
def _end(row: Examination, members: Members) -> None:
    package = row.package
    package.progressed()
    missing = members.people.without_terms
    if missing and row.searched_count:
        is_attached = bool(members.specification.attachments)
        sentence = WITHOUT_TERMS_AND_ATTACHED if is_attached else WITHOUT_TERMS
        said = sentence.format(n=missing, were="was" if missing == 1 else "were")
        kind = "unproved" if is_attached else "unknown people"
        notes = Notes(package)
        notes.add([Found(kind, "archive", "", "possible", kind, said)])
        notes.save()
    Examination.objects.filter(pk=row.pk).update(
        ended_at=Now(), unknown_people=missing, member_count=F("position")
    )
