"""REST of the inventory: the elements left in a project's data, by filters and by words."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response

from projects.access import project_at
from projects.models import Project
from projects.roles import Permission
from review.actions.showing import search_values
from review.api.parameters import ACRONYM, FILTERS, narrowing_of, signed_in
from review.lists import Lists
from review.models import Element
from review.narrowing import having_value, named
from review.serializers import ElementSerializer, WordsSerializer


@extend_schema_view(
    get=extend_schema(operation_id="projects_tags_list", parameters=[ACRONYM, *FILTERS])
)
class ElementList(generics.ListAPIView[Element]):
    """Every element left in a project's data, with its counts."""

    queryset = Element.objects.none()
    serializer_class = ElementSerializer
    also_reads = tuple(one.name for one in FILTERS)

    def project(self) -> Project:
        """Return the project, if this person reviews it."""
        return project_at(signed_in(self.request), self.kwargs["acronym"], Permission.REVIEW)

    def get_queryset(self) -> QuerySet[Element]:
        """Those of the project, narrowed by the address."""
        project = self.project()
        lists = Lists.of(project)
        found = narrowing_of(self.request, lists).apply(project, lists)
        return found.prefetch_related("decisions__plan_version")


class ElementSearch(ElementList):
    """The same by words, which come in the body and so stay out of addresses and logs."""

    http_method_names = ["post", "options"]

    @extend_schema(
        operation_id="projects_tags_search",
        parameters=[ACRONYM, *FILTERS],
        request=WordsSerializer,
        responses=ElementSerializer(many=True),
    )
    def post(self, request: Request, acronym: str) -> Response:
        """Find elements by a part of their tag or name, or of one of their values."""
        asked = WordsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        words = asked.validated_data["words"]
        in_values = asked.validated_data["place"] == WordsSerializer.VALUES
        if in_values:
            search_values(by=signed_in(request), project=self.project())
        rows = self.filter_queryset(self.get_queryset())
        found = rows.filter(having_value(words) if in_values else named(words))
        page = self.paginate_queryset(found)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)
