"""Handing finished packages down to the review, and telling it when their files are gone.

News travels upwards by sweeping, and downwards by a call: the review knows a package by number,
project and key, and nothing else of this room.
"""

from exports.models import Package
from exports.specification import Specification
from exports.states import State
from exports.transforming.rights import tells_of_persons
from review.models import PackageInventory
from review.packages import let_packages_go, take_packages
from review.tasks import list_package
from transfers.tasks import ring


def hand_over() -> int:
    """Make the review's list of packages equal to those that are ready; return how many are new.

    Encrypted ones are not listed: nobody reads them without their password, whose showing is
    audited person by person. Nor are those that tell of persons: whoever may review would read
    there what only those are given who may see identified data. The check at the door has read
    both.
    """
    ready = Package.objects.filter(state=State.READY).select_related("project")
    rows = {package.pk: package for package in ready if _is_for_reviewers(package.spec)}
    let_packages_go(rows)
    new = take_packages(
        [(pk, package.project, package.key, package.file_name) for pk, package in rows.items()]
    )
    ring(list_package, PackageInventory.objects.filter(pk__in=new))
    return len(new)


def _is_for_reviewers(specification: Specification) -> bool:
    return not specification.is_encrypted and not tells_of_persons(specification)
