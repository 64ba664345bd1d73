"""Inside the scratch installation: what was delivered, exported in every format.

The check at the door runs over each package, as for any other. One package has an identifier in a
text that is attached to it: it proves that the door holds what it should.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError

from exports.actions.packages import request_package
from exports.models import Examination, Package
from exports.specification import read_specification
from exports.tasks import resume_packages
from projects.models import Project, User
from projects.storage import storage
from rdma.demo.walk import wait

ATTACHED = [
    {"kind": "readme", "text": "Images of {project}."},
    {"kind": "dictionary"},
    {"kind": "series"},
]
EXPORTED: dict[str, dict[str, Any]] = {
    "DICOM": {"format": "dicom"},
    "DICOM, changed, with attached files": {
        "format": "dicom",
        "folders": "{participant}/{event}/{series_description}_{protocol}_{series_number}",
        "transformations": [{"do": "dash", "element": "SeriesDescription"}],
        "attachments": ATTACHED,
    },
    "DICOM medium": {"format": "medium"},
    "NIfTI": {"format": "nifti", "options": {"compress": True}},
    "NIfTI with times and devices": {
        "format": "nifti",
        "options": {"times": True, "devices": True},
    },
    "BIDS": {"format": "bids", "options": {"columns": ["age", "sex"]}},
    "Pictures": {"format": "pictures"},
    "Headers": {"format": "headers"},
    "DICOM without ties": {"format": "dicom", "ties": "cut"},
}
PLANTED = "DICOM with an identifier in an attached text"


def export_all(folder: Path, project: Project, person: User, say: Callable[[str], None]) -> None:
    """Build a package of everything in each format; leave the files in `folder`/packages.

    Writes packages.json: what each package is, how it ended, and what was found at the door.
    """
    number = next(iter(json.loads((folder / "patients.json").read_text())))
    text = f"The patient has the number {number}."
    asked = EXPORTED | {
        PLANTED: {"format": "dicom", "attachments": [{"kind": "readme", "text": text}]}
    }
    try:
        packages = {
            title: request_package(
                by=person,
                project=project,
                specification=read_specification(data),
                participants=None,
            )
            for title, data in asked.items()
        }
    except ValidationError as error:  # so few files that none may leave
        say(" ".join(error.messages))
        packages = {}
    pks = [package.pk for package in packages.values()]

    def left() -> str:
        rows = list(Package.objects.moving().filter(pk__in=pks))
        done = sum(row.done_count for row in rows)
        seen = sum(look.position for look in Examination.objects.filter(package__in=rows))
        packages = f"{len(rows)} packages to build, {done} images in them"
        return f"{packages}, {seen} files examined at the door" if rows else ""

    wait(left, say, resume_packages)
    (folder / "packages").mkdir()
    rows = Package.objects.in_bulk(pks)
    told = [_told(folder, title, rows[one.pk]) for title, one in packages.items()]
    (folder / "packages.json").write_text(json.dumps(told))
    # what somebody types into a specification stays there; the tables are searched for it next
    Package.objects.filter(pk__in=pks).update(specification={})


def _told(folder: Path, title: str, package: Package) -> dict[str, Any]:
    path = folder / "packages" / f"{package.pk}.zip"
    if package.key and storage().exists(package.key):
        with storage().fetch(package.key) as file:
            path.hardlink_to(file)
    return {
        "title": title,
        "is_planted": title == PLANTED,
        "state": package.state,
        "reason": package.reason,
        "path": str(path) if path.exists() else "",
        "said": sorted({one.sentence for one in package.findings.filter(is_holding=True)}),
    }
