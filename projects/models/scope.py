"""Which rows of a project a person reaches: all of them, or those of the sites they are limited to.

    TransferRequest.objects.filter(within_sites(kari, site="participant__site"))

Lists say so by one condition, so that sums are made over the same rows. A row without a site is
nobody's who is limited.
"""

from django.db.models import Q

from projects.models.people import User
from projects.models.projects import Project
from projects.roles import HospitalRole, Permission, Phase, is_permitted


def within_sites(
    user: User,
    permission: Permission = Permission.VIEW_PROJECT,
    *,
    site: str,
    project: str = "project",
) -> Q:
    """Return the condition that a person has a right over a row.

    Args:
        user: who asks.
        permission: the right; one that cannot be parted by site is refused to whoever is limited.
        site: the path from the row to its participant's site.
        project: the path from the row to its project.
    """
    if not user.is_authenticated:
        return Q(pk__in=[])
    found = Q(**{f"{project}__in": Project.objects.permitting(user, permission, partly=True)})
    limited = {key: seat.sites for key, seat in user.seats.items() if seat.sites is not None}
    if not limited or _is_everywhere(user, permission):
        return found
    own = frozenset[int]().union(*limited.values())
    return found & (~Q(**{f"{project}__in": limited.keys()}) | Q(**{f"{site}__in": own}))


def _is_everywhere(user: User, permission: Permission) -> bool:
    """Tell whether a hospital role carries the right whatever the membership says."""
    role = HospitalRole(user.hospital_role)
    return all(is_permitted(permission, role, phase) for phase in Phase)
