"""What the room of the exports calls: take a finished package in, and let it go with its file.

The exports lie above this room and are not known here; a package is a number, a project and a key
in the storage.
"""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, Sum

from projects.models import Project
from review.models import InventoryState, PackageElement, PackageInventory

TO_LOOK_AT = 3
"""The risk from which on an element is to be looked at first; review/risk.py counts to 4."""


def take_packages(packages: Collection[tuple[int, Project, str, str]]) -> list[int]:
    """Take finished packages in; return the ids of the inventories that are to be read.

    Each is a number, its project, its key in the storage and the name of its file. One that is
    here already is left alone, unless its file is another one now.
    """
    new = []
    for number, project, key, file_name in packages:
        with transaction.atomic():
            known = PackageInventory.objects.filter(number=number).first()
            if known is not None and known.key == key:
                continue
            if known is not None:
                known.delete()
            made = PackageInventory.objects.create(
                number=number, project=project, key=key, file_name=file_name
            )
        new.append(made.pk)
    return new


def let_packages_go(ready: Collection[int]) -> int:
    """Forget every package that is not among those whose file is there; return how many."""
    gone = list(PackageInventory.objects.exclude(number__in=ready))
    for inventory in gone:
        inventory.delete()
    return len(gone)


def sentence(project: Project) -> str:
    """Say in a sentence what the project's packages contain; "" if there is none."""
    inventories = PackageInventory.objects.filter(project=project)
    count = inventories.count()
    if not count:
        return ""
    read = inventories.filter(state=InventoryState.READ)
    elements = PackageElement.objects.filter(inventory__in=read)
    paths = elements.values("digest").distinct().count()
    risky = elements.filter(risk__gte=TO_LOOK_AT).values("digest").distinct().count()
    packages = "1 package" if count == 1 else f"{count} packages"
    said = f"{packages} for export: {paths} elements beyond DICOM headers"
    return f"{said}, {risky} to look at first." if risky else f"{said}."


def summed(project: Project) -> list[dict[str, Any]]:
    """Return each path of all packages of a project once, the heaviest first.

    Packages stay a fortnight and have some hundred paths each: their rows are few, and are summed
    when somebody looks.
    """
    rows = (
        PackageElement.objects.filter(inventory__project=project)
        .values("digest", "path", "kind")
        .annotate(
            packages=Count("inventory", distinct=True),
            files=Sum("file_count"),
            listed=Max("value_count"),
            unlisted=Max("unlisted_count"),
            level=Max("risk"),
            score=Max("risk_score"),
        )
        .order_by("-score", "path")
    )
    return [dict(row) for row in rows]
