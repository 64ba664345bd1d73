"""Sending the images of a package to a DICOM node, and counting them there.

Images go one by one out of the package's file, in the order of its directory. A node that answers
C-FIND is asked for every one of them afterwards; one that does not is believed. A clinical receiver
that refuses images without a birth date can be given 1 January 1900 (the copy that is sent has it,
the package does not).

Source: DICOM PS3.4 Annex B (Storage), C.4.1 (C-FIND); PS3.10 section 7.1 (DICOM file meta).
"""

import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from exports.delivering.shipment import Shipment
from exports.errors import ExportError
from exports.models import PackageDestination
from exports.states import DeliveryProof, Format
from exports.walking.writing import set_elements
from projects.storage import scratch
from transfers.errors import Away, CannotTell, NotTaken, TransferError
from transfers.models import Destination
from transfers.wire import STUDY_ROOT_FIND, Line, open_line

FORMATS = (Format.DICOM, Format.MEDIUM)
BATCH = 50
WARNINGS = range(0xB000, 0xC000)  # stored, with a remark (PS3.4 Table B.2-1)
DUMMY_BIRTH_DATE = "19000101"
MEDIA_DIRECTORY = "1.2.840.10008.1.3.10"
PATIENCE = timedelta(hours=1)
COUNTING = "counting since "
HEAD_BYTES = 1024
NEEDED = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "PatientBirthDate")


@dataclass(frozen=True)
class Instance:
    """One image of the package, unpacked, as the node is told of it."""

    path: Path
    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    kind: tuple[str, str]  # SOP class, transfer syntax
    has_birth_date: bool


def send(shipment: Shipment) -> DeliveryProof:
    """Send the images; return how the node confirmed them. Raises Away, TransferError."""
    peer = _peer(shipment.destination)
    try:
        with ZipFile(shipment.path) as archive, scratch() as folder:
            names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
            if not shipment.delivery.remote_id.startswith(COUNTING):
                _send(archive, names, folder, peer, shipment)
            return _count(archive, names, folder, peer, shipment)
    except BadZipFile as error:
        raise TransferError("The package's file cannot be read.") from error


def _send(
    archive: ZipFile, names: list[str], folder: Path, peer: Destination, shipment: Shipment
) -> None:
    """Send what comes after the last image that is known to be there."""
    position = int(shipment.delivery.remote_id or 0)
    sent = shipment.delivery.done_images
    for batch in _batched(names[position:]):
        instances = [one for name in batch if (one := _unpacked(archive, name, folder))]
        if instances:
            with open_line(
                peer, sorted({one.kind for one in instances}), allowed=settings.DELIVERY_HOSTS
            ) as line:
                for one in instances:
                    shipment.check()
                    _store(line, one, shipment.destination)
        position += len(batch)
        sent += len(instances)
        # never the whole file's size: what is not counted there is not there yet
        done = shipment.package.size * position // (len(names) + 1)
        shipment.came_to(done, remote_id=str(position), done_images=sent)
    if not sent:
        raise TransferError("The package holds no image that a DICOM node could take.")
    began = f"{COUNTING}{timezone.now().isoformat()}"
    shipment.delivery.set_held(remote_id=began)


def _store(line: Line, instance: Instance, destination: PackageDestination) -> None:
    path = instance.path
    if destination.dummy_birth_date and not instance.has_birth_date:
        path = path.with_name(f"{path.name}.dated")
        try:
            set_elements(instance.path, path, {"PatientBirthDate": DUMMY_BIRTH_DATE})
        except ExportError as error:
            raise TransferError(str(error)) from error
    try:
        status = line.store(path)
    except NotTaken as error:
        raise TransferError(f"{destination} does not take images of this kind.") from error
    finally:
        path.unlink()
        instance.path.unlink(missing_ok=True)
    if status and status not in WARNINGS:
        raise TransferError(f"{destination} refused an image with status 0x{status:04X}.")


def _count(
    archive: ZipFile, names: list[str], folder: Path, peer: Destination, shipment: Shipment
) -> DeliveryProof:
    """Ask the node for every image. Raises Away while some are missing, for an hour."""
    try:
        with open_line(peer, services=[STUDY_ROOT_FIND], allowed=settings.DELIVERY_HOSTS):
            pass  # it can be asked; no association waits while the package is read
        wanted = _wanted(archive, names, folder, shipment)
        with open_line(peer, services=[STUDY_ROOT_FIND], allowed=settings.DELIVERY_HOSTS) as line:
            missing = sum(
                len(sops - line.find(study, series)) for (study, series), sops in wanted.items()
            )
    except (NotTaken, CannotTell):  # it does not say what it has: its answers count
        return DeliveryProof.ANSWERED
    if not missing:
        return DeliveryProof.COUNTED
    in_all = sum(len(sops) for sops in wanted.values())
    sentence = f"{shipment.destination} answered for all of {in_all} images and lacks {missing}."
    since = parse_datetime(shipment.delivery.remote_id.removeprefix(COUNTING))
    if since is None or timezone.now() - since > PATIENCE:
        raise TransferError(sentence)
    raise Away(f"{sentence} It is asked again.")


def _wanted(
    archive: ZipFile, names: list[str], folder: Path, shipment: Shipment
) -> dict[tuple[str, str], set[str]]:
    """Return the SOP Instance UIDs of the package's images, by study and series."""
    wanted: dict[tuple[str, str], set[str]] = defaultdict(set)
    for name in names:
        shipment.check()
        if (one := _unpacked(archive, name, folder)) is not None:
            one.path.unlink()
            wanted[one.study_instance_uid, one.series_instance_uid].add(one.sop_instance_uid)
    return wanted


def _unpacked(archive: ZipFile, name: str, folder: Path) -> Instance | None:
    """Unpack a member, and return what it is; None, and nothing left, if it is no image."""
    descriptor, place = tempfile.mkstemp(dir=folder)
    os.close(descriptor)
    path = Path(place)
    with archive.open(name) as member, path.open("wb") as file:
        beginning = member.read(HEAD_BYTES)
        is_dicom = beginning[128:132] == b"DICM"
        if is_dicom:
            file.write(beginning)
            shutil.copyfileobj(member, file, 1024 * 1024)
    instance = _read(path) if is_dicom else None
    if instance is None:
        path.unlink()
    return instance


def _read(path: Path) -> Instance | None:
    """Return what the header says of an image; None for a DICOMDIR."""
    from pydicom import dcmread

    header = dcmread(path, stop_before_pixels=True, specific_tags=list(NEEDED))
    meta = header.file_meta
    if meta.MediaStorageSOPClassUID == MEDIA_DIRECTORY:
        return None
    return Instance(
        path=path,
        study_instance_uid=str(header.get("StudyInstanceUID", "")),
        series_instance_uid=str(header.get("SeriesInstanceUID", "")),
        sop_instance_uid=str(header.get("SOPInstanceUID", "")),
        kind=(str(meta.MediaStorageSOPClassUID), str(meta.TransferSyntaxUID)),
        has_birth_date=bool(header.get("PatientBirthDate")),
    )


def _peer(destination: PackageDestination) -> Destination:
    """Return the node as the sender of transfers knows one; the row is not saved."""
    return Destination(
        name=destination.name,
        host=destination.host.strip("[]"),
        port=destination.port or 0,
        ae_title=destination.place,
    )


def _batched(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), BATCH):
        yield names[start : start + BATCH]
