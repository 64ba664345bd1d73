"""REST of the review: the elements left in a project's data, their values, the research studies."""

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import generics
from rest_framework.request import Request

from projects.access import project_at
from projects.models import Project, User
from projects.roles import Permission
from review.lists import Lists
from review.models import Across, Element, ElementValue, ResearchStudy, Within
from review.narrowing import KINDS, ORDERS, VRS, Narrowing
from review.serializers import (
    ElementSerializer,
    ElementValueSerializer,
    ResearchStudySerializer,
)

ACRONYM = OpenApiParameter(
    "acronym", str, OpenApiParameter.PATH, description="The project's acronym or its number."
)
ELEMENT = OpenApiParameter("pk", int, OpenApiParameter.PATH, description="The element's id.")


def signed_in(request: Request) -> User:
    """Return who asks. REST's permission classes let nobody else come this far."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


@extend_schema_view(
    get=extend_schema(
        operation_id="projects_tags_list",
        parameters=[
            ACRONYM,
            OpenApiParameter("kind", str, enum=list(KINDS), description="Which elements."),
            OpenApiParameter("vr", str, enum=list(VRS), description="Value representation."),
            OpenApiParameter("modality", str, description="A modality of the project's series."),
            OpenApiParameter("across", str, enum=Across.values),
            OpenApiParameter("within", str, enum=Within.values),
            OpenApiParameter("sort", str, enum=list(ORDERS), description="Order."),
        ],
    )
)
class ElementList(generics.ListAPIView[Element]):
    """Every element left in a project's data, with its counts."""

    queryset = Element.objects.none()
    serializer_class = ElementSerializer

    def get_queryset(self) -> QuerySet[Element]:
        """Those of the project, narrowed by the address."""
        project = project_at(signed_in(self.request), self.kwargs["acronym"], Permission.REVIEW)
        lists = Lists.of(project)
        return Narrowing.read(self.request.query_params, lists=lists).apply(project, lists)


@extend_schema_view(
    get=extend_schema(operation_id="projects_tags_values_list", parameters=[ACRONYM, ELEMENT])
)
class ElementValueList(generics.ListAPIView[ElementValue]):
    """The values of one element, the most frequent first."""

    queryset = ElementValue.objects.none()
    serializer_class = ElementValueSerializer

    def get_queryset(self) -> QuerySet[ElementValue]:
        """Those of the element."""
        project = project_at(signed_in(self.request), self.kwargs["acronym"], Permission.REVIEW)
        element = get_object_or_404(project.elements, pk=self.kwargs["pk"])
        values = element.element_values.select_related("value")
        return values.order_by("-instance_count", "value")


@extend_schema_view(
    get=extend_schema(
        parameters=[OpenApiParameter("project", str, description="An acronym or a number.")]
    )
)
class ResearchStudyList(generics.ListAPIView[ResearchStudy]):
    """The research copy: studies of the projects that one may see, with their series."""

    queryset = ResearchStudy.objects.none()
    serializer_class = ResearchStudySerializer

    def get_queryset(self) -> QuerySet[ResearchStudy]:
        """Those one may see."""
        studies = ResearchStudy.objects.visible_to(signed_in(self.request))
        if name := self.request.query_params.get("project"):
            studies = studies.filter(project__in=Project.objects.named(name))
        related = studies.select_related("project", "participant", "event")
        return related.prefetch_related("series").order_by("pk")
