"""What a package says of itself: its last members, `manifest.json`, `SHA256SUMS` and a signature.

Nothing in them depends on when or by whom it was built: the same images and the same specification
give the same bytes. They are written line by line, because a package may have a million members.

The manifest has the sum of every file before it, `SHA256SUMS` has the same and the manifest's own.
What is signed is the line that `sha256sum manifest.json` prints, so that neither side ever needs a
long manifest in memory.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deidentify.version import VERSION
from exports.archive import Archive
from exports.building.progress import Progress
from exports.formats import FORMATS
from exports.models import Package
from exports.signing import key_name, public_key_pem, sign
from exports.states import Format

MANIFEST, SUMS, SIGNATURE = "manifest.json", "SHA256SUMS", "manifest.json.sig"
SHOWN = 200  # series left out that the package's page lists


def add_manifest(progress: Progress) -> dict[str, Any]:
    """Add them to the archive; return what the package's page says of it.

    A package without ties names no participant, no plan and no original UID here, nor what a rule
    was looking for: that may be any of them.
    """
    archive, folder = progress.archive, progress.folder
    facts = _facts(archive, progress.package, progress.studies())
    digest = _write_manifest(folder / MANIFEST, archive, facts)
    signature = sign(signed_line(digest))
    (folder / SIGNATURE).write_text(f"{signature}\n")
    _add(archive, folder / MANIFEST)
    _write_sums(folder / SUMS, archive)
    _add(archive, folder / SUMS)
    _add(archive, folder / SIGNATURE)
    shown = {name: facts[name] for name in ("counts", "plans", "not_chosen", "transformed")}
    return shown | {
        "specification": facts["specification"]["digest"],
        "left_out": [
            # names of folders may hold what not everybody may see: they stay in the package
            {name: one[name] for name in ("images", "reason")}
            for one in facts["left_out"][:SHOWN]
        ],
        "manifest_sha256": digest,
        "signature": signature,
        "signing_key": facts["signing_key"],
    }


def signed_line(digest: str) -> bytes:
    """Return what is signed: the manifest's sum as `sha256sum` prints it."""
    return f"{digest}  {MANIFEST}\n".encode()


def _add(archive: Archive, path: Path) -> None:
    with path.open("rb") as source:
        archive.add(path.name, source, is_deflated=True)


def _facts(archive: Archive, package: Package, studies: list[dict[str, Any]]) -> dict[str, Any]:
    specification = package.spec
    left_out = [one._asdict() for one in archive.left_out()]
    chosen = [study for study in studies if study["images"]]
    made_with = getattr(FORMATS[package.format], "made_with", None)
    return {
        "project": {"acronym": package.project.acronym, "number": package.project.number},
        "format": Format(package.format).label,
        "layout": f"{specification.folders}/{specification.file}",
        "program": f"rDMA {VERSION}",
        "converter": made_with() if made_with else "",
        "specification": {
            "digest": specification.digest,
            "ties": specification.ties,
            "is_encrypted": specification.is_encrypted,
            "compression": specification.compression,
        },
        "transformed": [
            {"element": one.element, "do": one.do} for one in specification.transformations
        ],
        "counts": {
            "participants": len({study["participant"] for study in chosen}),
            "studies": len(chosen),
            "images": sum(study["images"] for study in chosen),
            "series_left_out": len(left_out),
        },
        "plans": [] if package.is_untied else _plans(chosen),
        "studies": [] if package.is_untied else studies,
        "not_chosen": _not_chosen(studies, names_rules=not package.is_untied),
        "left_out": left_out,
        "signing_key": key_name(public_key_pem()),
    }


def _not_chosen(studies: list[dict[str, Any]], *, names_rules: bool) -> dict[str, int]:
    """Return why images were not chosen, and how many; of rules what they did, or also which."""
    images: Counter[str] = Counter()
    for study in studies:
        for why, count in study["not_chosen"].items():
            images[why if names_rules else why.partition(": ")[0]] += count
    return dict(sorted(images.items()))


def _plans(studies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the plans that the images were de-identified with, and how many of them with each."""
    images: Counter[tuple[int, str]] = Counter()
    for study in studies:
        images[study["plan_version"], study["plan_digest"]] += study["images"]
    return [
        {"version": version, "digest": digest, "images": count}
        for (version, digest), count in sorted(images.items())
    ]


def _write_manifest(path: Path, archive: Archive, facts: Mapping[str, Any]) -> str:
    """Write the facts and then the members, each on a line of its own; return the file's sum."""
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
    with path.open("rb") as written:
        return hashlib.file_digest(written, "sha256").hexdigest()


def _write_sums(path: Path, archive: Archive) -> None:
    """Write the sums as `sha256sum --check` reads them, the manifest's own included."""
    with path.open("w") as file:
        for member in archive.members():
            file.write(f"{member.sha256}  {member.path}\n")
