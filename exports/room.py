"""Room for packages: what they may take in all, and what must stay free on the disk.

Asked before a package is built and again by every worker that takes it up. A package for which
there is no room now waits and says for what; one that could never have room is refused at once, or
fails as soon as it is known what goes in. Sizes are of the images as they lie in the storage: what
is compressed or converted may take less or more, and a disk that is full after all is waited for as
well.
"""

import shutil
from dataclasses import dataclass

from django.conf import settings
from django.db.models import F, QuerySet, Sum
from django.template.defaultfilters import filesizeformat

from exports.errors import ExportError, NoRoom
from exports.models import Package
from exports.states import WHOLE, State
from projects.models import Project

NEARLY = 0.9  # of a quota, or of the disk: from here on people are warned
MAKES_ROOM = "It goes on by itself when older packages expire or are revoked."


@dataclass(frozen=True)
class Quota:
    """How much packages may take, and how much they do; bytes. `most` is 0 without a bound."""

    whose: str
    most: int
    taken: int

    def holds(self, more: int) -> bool:
        """Tell whether so many bytes more are allowed now."""
        return not self.most or self.taken + more <= self.most


@dataclass(frozen=True)
class Disk:
    """What is free on the disk that packages grow on, and what must stay so; bytes."""

    size: int
    free: int
    reserve: int

    @property
    def left(self) -> int:
        """What packages may still take."""
        return max(self.free - self.reserve, 0)


def disk() -> Disk:
    """Look at the disk."""
    usage = shutil.disk_usage(settings.RDMA_DATA_DIR)
    return Disk(usage.total, usage.free, settings.DISK_RESERVE_BYTES)


def quotas(project: Project, *, before: Package | None = None) -> list[Quota]:
    """Return the bounds that hold for a project's packages, with what is taken.

    Taken is what lies in the storage and what is being built; of two that are built at once, the
    older one does not count the younger (`before`), or each would wait for the other.
    """
    whole = Package.objects.filter(state__in=WHOLE)
    growing = _growing(before)
    taken = _sum(whole, "size") + _sum(growing, "total_bytes")
    in_project = _sum(whole.filter(project=project), "size")
    in_project += _sum(growing.filter(project=project), "total_bytes")
    return [
        Quota(f"the packages of {project.acronym}", settings.PROJECT_PACKAGES_BYTES, in_project),
        Quota("the packages of all projects", settings.ALL_PACKAGES_BYTES, taken),
    ]


def why_too_large(project: Project, size: int) -> str:
    """Say why a package of so many bytes could never have room, "" if it could."""
    for quota in quotas(project):
        if quota.most and size > quota.most:
            return (
                f"This package needs {filesizeformat(size)}, and {quota.whose} may take "
                f"{filesizeformat(quota.most)} together. Choose fewer participants or series."
            )
    found = disk()
    if size > found.size - found.reserve:
        return (
            f"This package needs {filesizeformat(size)}, more than the disk could ever hold. "
            "Choose fewer participants or series."
        )
    return ""


def wait_for_room(package: Package) -> None:
    """Raise NoRoom if a package cannot be built, or built on, now; ExportError if it never can."""
    if never := why_too_large(package.project, package.total_bytes):
        raise ExportError(never)
    for quota in quotas(package.project, before=package):
        if not quota.holds(package.total_bytes):
            raise NoRoom(
                f"It waits: {quota.whose} take {filesizeformat(quota.taken)} of "
                f"{filesizeformat(quota.most)} already. {MAKES_ROOM}"
            )
    others = _growing(package).aggregate(left=Sum(F("total_bytes") - F("done_bytes")))["left"] or 0
    wanted = max(package.total_bytes - package.done_bytes, 0)
    left = max(disk().left - others, 0)
    if wanted > left:
        raise NoRoom(
            f"It waits: it needs {filesizeformat(wanted)} more and the disk has "
            f"{filesizeformat(left)} for it. {MAKES_ROOM}"
        )


def warnings(project: Project, size: int = 0) -> list[str]:
    """Say in sentences what a package of so many bytes would wait for, and what is nearly full."""
    said = []
    for quota in quotas(project):
        if not quota.most:
            continue
        share = f"{filesizeformat(quota.taken)} of {filesizeformat(quota.most)}"
        if not quota.holds(size):
            said.append(f"It would wait: {quota.whose} take {share} already.")
        elif quota.taken > NEARLY * quota.most:
            said.append(f"Room is short: {quota.whose} take {share}.")
    found = disk()
    if size > found.left:
        said.append(f"It would wait: the disk has {filesizeformat(found.left)} for packages.")
    elif found.left < (1 - NEARLY) * found.size:
        said.append(f"The disk is nearly full: {filesizeformat(found.left)} are left for packages.")
    return said


def _growing(before: Package | None) -> QuerySet[Package]:
    growing: QuerySet[Package] = Package.objects.filter(state=State.BUILDING)
    return growing if before is None else growing.filter(pk__lt=before.pk)


def _sum(packages: QuerySet[Package], column: str) -> int:
    return packages.aggregate(sum=Sum(column))["sum"] or 0
