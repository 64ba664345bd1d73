"""Which hidden values somebody asks to be shown, with the page they ask from."""

from collections.abc import Iterable

from projects.models import Project
from projects.requests import SignedInRequest
from review.actions.showing import show_values
from review.hiding import hides
from review.models import Element


def asked_for(
    request: SignedInRequest, project: Project, elements: Iterable[Element]
) -> frozenset[int]:
    """Return the ids of those elements whose hidden values are asked for by POST, on record.

    Raises PermissionDenied if the person may not review.
    """
    wanted = set(request.POST.getlist("show"))
    found = [element for element in elements if str(element.pk) in wanted and hides(element)]
    for element in found:
        element.project = project
        show_values(by=request.user, element=element)
    return frozenset(element.pk for element in found)
