"""The versions of a specification in words: who, when, why, and what differs from before."""

from dataclasses import dataclass

from django.db.models import OuterRef, Subquery

from exports.models import SpecificationSheet, SpecificationVersion
from exports.specification import SpecificationError
from exports.specification.differences import differences
from projects.models import Project

MOST = 50


@dataclass(frozen=True)
class VersionSaid:
    """One version, with what differs from the one before it in sentences."""

    version: SpecificationVersion
    differences: list[str]


def newest_versions(project: Project) -> list[SpecificationVersion]:
    """Return the newest version of each of a project's specifications by name, by one query."""
    newest = SpecificationVersion.objects.filter(sheet=OuterRef("sheet")).order_by("-number")
    found = SpecificationVersion.objects.filter(
        sheet__project=project, pk=Subquery(newest.values("pk")[:1])
    )
    return list(found.select_related("sheet", "by", "offer").order_by("sheet__name"))


def versions_said(sheet: SpecificationSheet) -> list[VersionSaid]:
    """Return a sheet's versions, newest first, at most fifty."""
    newest = list(sheet.versions.select_related("by", "offer").order_by("-number")[: MOST + 1])
    said = []
    for version, before in zip(newest, [*newest[1:], None], strict=True):
        if before is None:
            said.append(VersionSaid(version, []))
        else:
            said.append(VersionSaid(version, _differences(before, version)))
    return said[:MOST]


def _differences(before: SpecificationVersion, version: SpecificationVersion) -> list[str]:
    """Compare two versions; one of an earlier program may not be readable any more."""
    try:
        return differences(before.specification, version.specification)
    except SpecificationError:
        return ["One of the two was made by another version of this program."]
