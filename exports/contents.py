"""What is in a package, in words: what was asked for, what came of it, what it is signed with."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from exports.models import Package, SpecificationVersion
from exports.presenting import counted
from exports.specification import SpecificationError
from exports.specification.deeds import DEEDS


@dataclass
class Contents:
    """What the page of a package says of its contents.

    Attributes:
        version: of a specification of the project that says the same; None for a preset.
        changes: what was changed in headers, in the order in which it was done.
        not_chosen, left_out: why something is not in it, and how much.
        plans: by which plan the images were de-identified.
    """

    words: str = ""
    version: SpecificationVersion | None = None
    folders: str = ""
    changes: list[str] = field(default_factory=list)
    counts: str = ""
    not_chosen: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    plans: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)


def contents_of(package: Package) -> Contents:
    """Return what is in a package, as far as it is known yet."""
    facts = package.contents or {}
    said = Contents(facts=facts)
    try:
        specification = package.spec
    except SpecificationError:
        said.words = "It was asked for by another version of this program."
        return said
    said.words = specification.words
    said.version = _version(package, specification.digest)
    said.folders = f"{specification.folders}/{specification.file}"
    said.changes = [
        f"{DEEDS[one.do].title}{': ' + one.element if one.element else ''}"
        for one in specification.transformations
    ]
    counts = facts.get("counts", {})
    if counts:
        said.counts = ", ".join(
            (
                counted(counts["participants"], "participant"),
                counted(counts["studies"], "study", "studies"),
                counted(counts["images"], "image"),
            )
        )
    said.not_chosen = [
        f"{counted(images, 'image')}: {why}" for why, images in facts.get("not_chosen", {}).items()
    ]
    said.left_out = _left_out(facts)
    said.plans = [
        f"version {plan['version']}: {counted(plan['images'], 'image')}"
        for plan in facts.get("plans", [])
    ]
    return said


def _left_out(facts: dict[str, Any]) -> list[str]:
    """Sum up by reason; names of folders can tell something, and stay in the package."""
    series: Counter[str] = Counter()
    images: Counter[str] = Counter()
    for one in facts.get("left_out", []):
        series[one["reason"]] += 1
        images[one["reason"]] += one["images"]
    return [
        f"{counted(count, 'series', 'series')}, {counted(images[why], 'image')}: {why}"
        for why, count in series.most_common()
    ]


def _version(package: Package, digest: str) -> SpecificationVersion | None:
    found = SpecificationVersion.objects.filter(sheet__project=package.project, digest=digest)
    return found.select_related("sheet").order_by("-pk").first()
