"""A package that is ready, with a file of its own choosing, and a destination to send it to."""

import hashlib
import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

from django.utils import timezone

from exports.delivering.bells import deliver_package
from exports.models import Delivery, Package, PackageDestination
from exports.states import DestinationKind, Format, State
from projects.models import Project, User
from projects.storage import scratch, storage


def ready_package(
    project: Project, owner: User, content: bytes | dict[str, bytes] = b"PK and so on" * 1000
) -> Package:
    """Return a ready package whose file holds these bytes, or a zip of these members."""
    package = Package.objects.create(
        project=project, format=Format.DICOM, requested_by=owner, ended_at=timezone.now(),
        state=State.FAILED,
    )  # fmt: skip
    key = f"packages/{package.pk}-{uuid4().hex[:16]}.zip"
    with scratch() as folder:
        path = folder / "package.zip"
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            with ZipFile(path, "w") as archive:
                for name, member in content.items():
                    archive.writestr(name, member)
        package.size = path.stat().st_size
        package.sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        storage().put(path, key)
    package.key = key
    package.state = State.READY
    package.expires_at = timezone.now() + timedelta(days=14)
    package.save()
    return package


def file_of(package: Package) -> Path:
    """Return where a package's file lies."""
    return storage().path(package.key)


def destination_for(project: Project, kind: DestinationKind, **columns: Any) -> PackageDestination:
    """Return a destination of this machine that a project may use."""
    facts = {"name": f"Partner {kind}", "host": "127.0.0.1", "is_plain": True} | columns
    destination = PackageDestination.objects.create(kind=kind, **facts)
    destination.projects.add(project)
    return destination


def turn(delivery: Delivery) -> Delivery:
    """Let a worker take one turn at a delivery, now."""
    Delivery.objects.filter(pk=delivery.pk).update(not_before=None)
    deliver_package(delivery.pk)
    delivery.refresh_from_db()
    return delivery


def noise(size: int) -> bytes:
    """Return bytes that no two tests share."""
    return os.urandom(size)
