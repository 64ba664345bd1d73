"""What the addresses of this room's REST have in common: the project, the filters, who asks."""

from django.core.exceptions import PermissionDenied
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from projects.models import User
from projects.problems import WrongParameter
from review.lists import Lists
from review.models import Across, Within
from review.narrowing import (
    KINDS,
    ORDERS,
    RISKS,
    SINCES,
    VERDICTS,
    VRS,
    Narrowing,
    choices_of,
)

ACRONYM = OpenApiParameter(
    "acronym", str, OpenApiParameter.PATH, description="The project's acronym or its number."
)
ELEMENT = OpenApiParameter("pk", int, OpenApiParameter.PATH, description="The element's id.")
STANDS_FOR_IT = "A token, as the inventory's page has it in its address."
FILTERS = [
    OpenApiParameter("kind", str, enum=list(KINDS), description="Which elements."),
    OpenApiParameter("vr", str, enum=list(VRS), description="Value representation."),
    OpenApiParameter("modality", str, description="A modality of the project's series."),
    OpenApiParameter("manufacturer", str, description=STANDS_FOR_IT),
    OpenApiParameter("scanner", str, description=STANDS_FOR_IT),
    OpenApiParameter("event", str, description="The name of an event."),
    OpenApiParameter("site", str, description="A site's number, two digits."),
    OpenApiParameter("across", str, enum=Across.values),
    OpenApiParameter("within", str, enum=Within.values),
    OpenApiParameter("verdict", str, enum=list(VERDICTS), description="How an element stands."),
    OpenApiParameter("risk", str, enum=list(RISKS), description="This risk or a higher one."),
    OpenApiParameter("since", str, enum=list(SINCES), description="What is new since then."),
    OpenApiParameter("sort", str, enum=list(ORDERS), description="Order; -risk if not said."),
]
"""What narrows the inventory: all of it has to fit one origin of series."""


def signed_in(request: Request) -> User:
    """Return who asks. REST's permission classes let nobody else come this far."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def narrowing_of(request: Request, lists: Lists) -> Narrowing:
    """Return what the address asks for; a page forgives what no list has, a script is told so."""
    for name, known in choices_of(lists).items():
        said = request.query_params.get(name)
        if said is not None and said not in known:
            raise WrongParameter(name, "This is none of the words that may stand here.")
    return Narrowing.read(request.query_params, lists=lists)
