"""Reading a package: its directory member by member, saved as it goes.

What is in a package was made of verified images by the export itself. DICOM members are in the
inventory of the research copy already; what is listed here is all else that leaves with them.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from typing import BinaryIO

from django.db import transaction
from django.db.models import Count, F
from django.utils import timezone

from deidentify.beyond import Allowance, Item, Reader
from deidentify.beyond.content import Content, Stream
from deidentify.beyond.items import Unread
from deidentify.beyond.reading import about_archive
from deidentify.beyond.texts import NotJson, read_json
from deidentify.beyond.zip_directory import Entry, Member, entries, find_directory
from projects.storage import scratch, storage
from review import risk
from review.models import (
    InventoryState,
    PackageElement,
    PackageInventory,
    PackageRemark,
    PackageValue,
)
from review.tallies import VALUE_CAP, PathTally, Tally, beyond_facts

BATCH = 2000
"""Members that are counted in together."""
MANIFEST, SUMS = b"manifest.json", b"SHA256SUMS"
MEMBERS = b'"members": ['
MOST_MANIFEST = 8 << 20

Check = Callable[[], None]


def read_package(inventory: PackageInventory, check: Check) -> None:
    """Count in what a claimed inventory's package holds, from where it was left.

    `check` raises LeaseLost when the row is not ours any more. Raises FileNotFoundError if the
    package is gone, Unread if it is no zip file.
    """
    with storage().fetch(inventory.key) as path, path.open("rb") as file, scratch() as folder:
        directory = find_directory(file)
        inventory.set_held(member_count=directory.count)
        members = islice(entries(file, directory), inventory.position, None)
        while batch := list(islice(members, BATCH)):
            check()
            tally, allowance = Tally(), Allowance()
            reader = Reader(folder, allowance)
            if not inventory.position:
                tally.add(about_archive(directory, inventory.file_name, allowance))
            for entry in batch:
                tally.add(_items(reader, file, entry))
            _save(inventory, tally, allowance, len(batch), reader.dicom_count)
    _score(inventory)
    inventory.let_go(
        state=InventoryState.READ, indexed_at=timezone.now(), attempt=0, reason="", not_before=None
    )


def _items(reader: Reader, file: BinaryIO, entry: Entry) -> Iterator[Item]:
    if entry.name == SUMS:
        return  # the members' names once more, each with its sum
    if entry.name == MANIFEST:
        try:
            yield from manifest_items(Member(file, entry))
        except (Unread, NotJson):
            reader.allowance.remark(MANIFEST.decode(), "The manifest could not be read.")
        return
    yield from reader.read_entry(file, entry, "", 0)


def manifest_items(manifest: Stream) -> Iterator[Item]:
    """Yield what the manifest says before it lists the members, whose names are read anyway.

    Raises Unread, and NotJson.
    """
    head = Content(manifest, MANIFEST.decode()).read(MOST_MANIFEST)
    facts, found, _ = head.partition(MEMBERS)
    text = facts + MEMBERS + b"]}" if found else facts
    yield from read_json(Content(_Once(text), MANIFEST.decode()))


class _Once:
    """Bytes that are given whole at once."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self, size: int, /) -> bytes:
        """Return the next bytes."""
        found, self._data = self._data[:size], self._data[size:]
        return found


@transaction.atomic
def _save(
    inventory: PackageInventory, tally: Tally, allowance: Allowance, members: int, dicom: int
) -> None:
    """Add a batch to the rows and move the position on, together."""
    inventory.set_held(
        position=inventory.position + members,
        dicom_count=inventory.dicom_count + dicom,
        unread_count=inventory.unread_count + allowance.remark_count,
        attempt=0,
    )
    PackageRemark.objects.bulk_create(
        PackageRemark(inventory=inventory, place=one.place, sentence=one.sentence)
        for one in allowance.remarks
    )
    for path, sums in tally.paths.items():
        _add(inventory, path, sums)


def _add(inventory: PackageInventory, path: str, sums: PathTally) -> None:
    element, _ = PackageElement.objects.get_or_create(
        inventory=inventory,
        digest=digest_of(path),
        defaults={"kind": path.partition(":")[0], "path": path},
    )
    by_digest = {digest_of(text): (text, seen) for text, seen in sums.values.items()}
    known = {
        value.digest: value
        for value in element.values.filter(digest__in=list(by_digest)).only("pk", "digest")
    }
    for digest, value in known.items():
        value.file_count = F("file_count") + by_digest[digest][1].files
    PackageValue.objects.bulk_update(known.values(), ["file_count"])
    room = max(VALUE_CAP - element.value_count, 0)
    made: list[PackageValue] = []
    for digest, (text, seen) in by_digest.items():
        if digest not in known and (seen.looks or len(made) < room):
            made.append(
                PackageValue(
                    element=element,
                    digest=digest,
                    text=text,
                    file_count=seen.files,
                    looks=seen.looks,
                    example=seen.example,
                )
            )
    PackageValue.objects.bulk_create(made)
    left = len(by_digest) - len(known) - len(made) + len(sums.unlisted)
    PackageElement.objects.filter(pk=element.pk).update(
        file_count=F("file_count") + sums.files,
        value_count=F("value_count") + len(made),
        unlisted_count=F("unlisted_count") + left,
    )


def _score(inventory: PackageInventory) -> None:
    """Say of each element how much it weighs, once all of its values are there."""
    for element in inventory.elements.all():
        looks = Counter[str]()
        rows = element.values.exclude(looks="").values_list("looks").annotate(n=Count("pk"))
        for letters, number in rows.order_by():
            for letter in letters:
                looks[letter] += number
        found = risk.scored(beyond_facts(element.path, element.value_count, looks))
        PackageElement.objects.filter(pk=element.pk).update(
            risk=found.level, risk_score=found.score, risk_reasons=found.reasons
        )


def digest_of(text: str) -> str:
    """Return the SHA-256 by which paths and values are known in this room."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
