"""What a package is built by, and a new specification begins with: the project's own, and presets.

Pages name a choice as `version:12` or `preset:nifti`.
"""

from dataclasses import dataclass

from exports.models import SpecificationVersion
from exports.presets import PRESETS
from exports.specification import Specification
from exports.versions import newest_versions
from projects.models import Project


@dataclass(frozen=True)
class Start:
    """One choice: how pages name it, what it is called, and one sentence about it."""

    value: str
    title: str
    sentence: str
    is_own: bool


def starts(project: Project) -> list[Start]:
    """Return the newest version of each of the project's specifications, and then the presets."""
    own = [
        Start(f"version:{version.pk}", version.sheet.name, version.words, is_own=True)
        for version in newest_versions(project)
    ]
    presets = [
        Start(f"preset:{key}", preset.title, preset.sentence, is_own=False)
        for key, preset in PRESETS.items()
    ]
    return [*own, *presets]


def specification_of(project: Project, value: str) -> Specification | None:
    """Return what a choice names; None if there is no such thing."""
    kind, _, key = value.partition(":")
    if kind == "preset" and key in PRESETS:
        return PRESETS[key].specification
    if kind != "version" or not key.isdecimal():
        return None
    own = SpecificationVersion.objects.filter(sheet__project=project, pk=int(key)).first()
    return own.specification if own else None
