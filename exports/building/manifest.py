"""What a package says of itself: `manifest.json` and `SHA256SUMS`, its last two members.

Nothing in them depends on when or by whom it was built: the same images give the same bytes. Both
are written line by line, because a package may have a million members.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deidentify.version import VERSION
from exports.archive import Archive
from exports.formats.nifti import converter_version
from exports.models import Package
from exports.choosing import read_studies
from exports.states import Format

LAYOUT = "participant/event/modality/series"


def add_manifest(archive: Archive, package: Package, folder: Path) -> None:
    """Add both to the archive; `folder` holds what the selection wrote down."""
    facts = _facts(archive, package, read_studies(folder))
    for name, write in (("manifest.json", _write_manifest), ("SHA256SUMS", _write_sums)):
        path = folder / name
        write(path, archive, facts)
        with path.open("rb") as source:
            archive.add(name, source, is_deflated=True)


def _facts(archive: Archive, package: Package, studies: list[dict[str, Any]]) -> dict[str, Any]:
    images = sum(study["images"] for study in studies)
    left_out = [one._asdict() for one in archive.left_out()]
    return {
        "layout": LAYOUT,
        "project": {"acronym": package.project.acronym, "number": package.project.number},
        "format": Format(package.format).label,
        "program": f"rDMA {VERSION}",
        "converter": converter_version() if package.format == Format.NIFTI else "",
        "counts": {
            "participants": len({study["folder"].split("/")[0] for study in studies}),
            "studies": len(studies),
            "images": images,
            "series_left_out": len(left_out),
        },
        "studies": studies,
        "left_out": left_out,
    }


def _write_manifest(path: Path, archive: Archive, facts: Mapping[str, Any]) -> None:
    """Write the facts and then the members, each on a line of its own."""
    with path.open("w") as file:
        file.write("{\n")
        for name, value in facts.items():
            file.write(f"{json.dumps(name)}: {json.dumps(value)},\n")
        file.write('"members": [')
        separator = "\n"
        for member in archive.members():
            file.write(separator + json.dumps(member._asdict()))
            separator = ",\n"
        file.write("\n]}\n")


def _write_sums(path: Path, archive: Archive, _: Mapping[str, Any]) -> None:
    """Write the sums as `sha256sum --check` reads them, the manifest's own included."""
    with path.open("w") as file:
        for member in archive.members():
            file.write(f"{member.sha256}  {member.path}\n")
