"""The versions of a specification in words: who, when, why, and what differs from before."""

from dataclasses import dataclass

from exports.models import SpecificationSheet, SpecificationVersion
from exports.specification import read_specification
from exports.specification.differences import differences

MOST = 50


@dataclass(frozen=True)
class VersionSaid:
    """One version, with what differs from the one before it in sentences."""

    version: SpecificationVersion
    differences: list[str]


def versions_said(sheet: SpecificationSheet) -> list[VersionSaid]:
    """Return a sheet's versions, newest first, at most fifty."""
    newest = list(sheet.versions.select_related("by").order_by("-number")[: MOST + 1])
    said = []
    for version, before in zip(newest, [*newest[1:], None], strict=True):
        if before is None:
            said.append(VersionSaid(version, []))
        else:
            old, new = read_specification(before.content), read_specification(version.content)
            said.append(VersionSaid(version, differences(old, new)))
    return said[:MOST]
