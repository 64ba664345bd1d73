"""The world's packages: ready, held, being built; what they are handed out by, and made by."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from exports.actions.links import make_link
from exports.actions.specifications import create_sheet, offer_version, save_version
from exports.actions.tables import bring_table
from exports.models import Delivery, DownloadLink, Package, PackageFinding
from exports.presets import PRESETS
from exports.states import DeliveryState, DestinationKind, Format, State
from projects.models import Project, User
from review.models import PackageElement, PackageInventory, PackageValue
from tests.exports.ready import destination_for, ready_package

Ids = dict[str, Any]


def outside_token(acronym: str) -> str:
    """Return the token of the link that a project handed to somebody without an account."""
    return f"{acronym:_<43}"


def make_packages(project: Project, owner: User, worker: User) -> Ids:
    """Make a package of each standing, with links, a delivery and what was found at the door."""
    ready, held = ready_package(project, worker), ready_package(project, worker)
    Package.objects.filter(pk=held.pk).update(state=State.HELD)
    moving = Package.objects.create(
        project=project,
        format=Format.DICOM,
        requested_by=worker,
        not_before=timezone.now() + timedelta(days=1),  # else the house is soon not ready
    )
    found = PackageFinding.objects.create(
        package=held,
        kind="name",
        place="a sidecar",
        sure="certain",
        sentence="Something was found.",
        detail='{"path": "json:Comment", "members": ["sub-01.json"]}',
        fingerprint="f" * 64,
        member_count=1,
    )
    return {
        "ready": ready.pk,
        "held": held.pk,
        "moving": moving.pk,
        "package_finding": found.pk,
        **_handed_out(ready, owner, worker),
        **_listed(ready),
    }


def _handed_out(ready: Package, owner: User, worker: User) -> Ids:
    project = ready.project
    ends = timezone.now() + timedelta(days=2)
    made = make_link(by=worker, package=ready, account=owner, expires_at=ends)
    outside = DownloadLink.objects.create(
        package=ready,
        token_digest=DownloadLink.digest(outside_token(project.acronym)),
        recipient="partner@example.org",
        made_by=worker,
        expires_at=ends,
    )
    place = destination_for(
        project, DestinationKind.UPLOAD, name=f"Partner of {project.acronym}", secret="a token"
    )
    sent = Delivery.objects.create(package=ready, destination=place, requested_by=worker)
    cancelled = Delivery.objects.create(
        package=ready,
        destination=place,
        requested_by=worker,
        state=DeliveryState.CANCELLED,
        ended_at=timezone.now(),
    )
    return {
        "package_cancelled": cancelled.pk,
        "link": made.link.pk,
        "token": made.token,
        "outside_link": outside.pk,
        "outside_token": outside_token(project.acronym),
        "package_place": place.pk,
        "package_place_name": place.name,
        "package_delivery": sent.pk,
    }


def _listed(ready: Package) -> Ids:
    """Make what the review lists of a package; its element is called by a digest of its own."""
    inventory = PackageInventory.objects.create(
        project=ready.project,
        number=ready.pk,
        key=ready.key,
        file_name=ready.file_name,
        state="read",
    )
    digest = f"{ready.project_id:064x}"
    element = PackageElement.objects.create(
        inventory=inventory, digest=digest, kind="json", path="json:Note"
    )
    PackageValue.objects.create(element=element, digest="1" * 64, text="n", file_count=1)
    return {"package_element": digest, "listed": inventory.pk}


def make_specifications(project: Project, owner: User) -> Ids:
    """Make a specification of two versions, of which the first is offered, and a table."""
    said, then = PRESETS["nifti"].specification, PRESETS["dicom"].specification
    sheet = create_sheet(by=owner, project=project, name="Ours", specification=said)
    first = sheet.newest
    offer_version(by=owner, version=first)
    save_version(by=owner, sheet=sheet, specification=then, why="Images as they are.")
    rows = f"participant,age\n{project.pattern.fill(n=4711, site=1)},64\n".encode()
    table = bring_table(by=owner, project=project, name="clinic", file=rows)
    return {
        "sheet": sheet.pk,
        "version": first.pk,
        "newest": sheet.newest.pk,
        "version_number": first.number,
        "table": table.pk,
    }
