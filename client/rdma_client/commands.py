"""What each command does: a function of the portal and of what was typed.

Every one returns what it tells: a row, a list of rows, or None when it has told all there is.
"""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rdma_client.errors import CameOtherwise, NotSetUp
from rdma_client.portal import Portal

Typed = argparse.Namespace
TRANSFER = ("id", "project", "participant", "event", "run.number", "run.state", "run.reason")
PACKAGE = ("id", "project", "format", "state", "done_count", "total_count", "size", "reason")
STUDY = (
    "id",
    "accession_number",
    "study_date",
    "study_description",
    "modalities",
    "instance_count",
)
UPLOAD = ("id", "received_count", "catalogued_count", "duplicate_count", "rejected_count")
TAG = ("path", "keyword", "vr", "instances", "participants", "distinct_values", "standing")
PROJECT = ("acronym", "number", "title", "approval_end", "is_approved")
PARTICIPANT = ("id", "pseudonym", "site")


@dataclass(frozen=True)
class Command:
    """A command: what it does, and the columns of the table that shows what it tells."""

    does: Callable[[Portal, Typed], Any]
    columns: tuple[str, ...] = ()


def list_projects(portal: Portal, typed: Typed) -> Any:
    """List the projects that you may see."""
    return list(portal.projects())


def list_participants(portal: Portal, typed: Typed) -> Any:
    """List a project's participants."""
    return list(portal.participants(typed.project))


def list_studies(portal: Portal, typed: Typed) -> Any:
    """List the studies in quarantine that you may assign."""
    return list(portal.studies(door=typed.door, modality=typed.modality))


def find_studies(portal: Portal, typed: Typed) -> Any:
    """Find studies by an identifier from standard input, which no history of a shell keeps."""
    identifier = sys.stdin.readline().strip()
    if not identifier:
        raise NotSetUp("Write an accession number or a patient identifier to standard input.")
    return portal.find_studies(identifier)


def upload_studies(portal: Portal, typed: Typed) -> Any:
    """Send a folder of DICOM files, or of zip files of them, to quarantine."""
    if not typed.folder.exists():
        raise NotSetUp(f"There is no {typed.folder}.")
    told = list(portal.upload(typed.folder, wait=not typed.no_wait))
    if not told:
        raise NotSetUp(f"There is no file in {typed.folder}.")
    typed.shown = told
    rejected = sum(row["rejected_count"] for row in told)
    if rejected:
        raise CameOtherwise(f"{rejected} of the files are no DICOM that can be taken.")
    return told


def list_transfers(portal: Portal, typed: Typed) -> Any:
    """List transfers."""
    return list(portal.transfers(project=typed.project, state=typed.state, ended=typed.ended))


def show_transfer(portal: Portal, typed: Typed) -> Any:
    """Show one transfer."""
    return portal.one(f"transfers/{typed.id}/")


def create_transfer(portal: Portal, typed: Typed) -> Any:
    """Ask for a study to be brought into a project under a pseudonym."""
    made = portal.request_transfer(
        study=typed.study,
        project=typed.project,
        participant=typed.participant,
        event=typed.event,
        left_out=typed.leave_out,
    )
    typed.shown = made
    return portal.wait_for_transfer(made["id"], longest=typed.longest) if typed.wait else made


def wait_for_transfer(portal: Portal, typed: Typed) -> Any:
    """Wait until a transfer has come to a stand; delivered is 0, anything else 1."""
    return portal.wait_for_transfer(typed.id, longest=typed.longest)


def steer_transfer(portal: Portal, typed: Typed) -> Any:
    """Cancel a transfer, try its failed steps again, or run it anew."""
    return portal.tell(f"transfers/{typed.id}/{typed.verb}/")


def list_packages(portal: Portal, typed: Typed) -> Any:
    """List packages."""
    return list(portal.packages(project=typed.project, state=typed.state))


def build_package(portal: Portal, typed: Typed) -> Any:
    """Ask for a package of a project's images."""
    made = portal.build_package(
        project=typed.project,
        format=typed.format,
        preset=typed.preset,
        specification_version=typed.specification_version,
        specification=_read(typed.specification),
        participants=typed.participant or None,
    )
    typed.shown = made
    return portal.wait_for_package(made["id"], longest=typed.longest) if typed.wait else made


def wait_for_package(portal: Portal, typed: Typed) -> Any:
    """Wait until a package is ready; ready is 0, anything else 1."""
    return portal.wait_for_package(typed.id, longest=typed.longest)


def cancel_package(portal: Portal, typed: Typed) -> Any:
    """Stop a package that is being built."""
    return portal.tell(f"exports/{typed.id}/cancel/")


def download_package(portal: Portal, typed: Typed) -> Any:
    """Fetch a package, and keep it only if its SHA-256 is right."""
    path = portal.download(typed.id, typed.output, resume=typed.resume)
    return {"id": typed.id, "file": str(path), "size": path.stat().st_size}


def list_tags(portal: Portal, typed: Typed) -> Any:
    """List every element that is left in a project's data."""
    chosen = {name: getattr(typed, name) for name in ("kind", "vr", "modality", "verdict", "risk")}
    return list(portal.tags(typed.project, sort=typed.sort, **chosen))


def _read(path: Path | None) -> Any:
    if path is None:
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NotSetUp(f"{path} cannot be read as JSON.") from error
