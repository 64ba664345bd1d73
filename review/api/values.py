"""REST of the values: of one element, and of all that filters leave; hidden ones when asked for.

GET never gives a value that the pages hide: `value` is null then, and `is_hidden` true. A POST
that asks for them gives them, and it is recorded who asked.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet, Sum
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response

from projects.access import project_at
from projects.lists import Pages
from projects.models import Project
from projects.roles import Permission
from review.actions.downloads import show_values_of
from review.actions.showing import search_values, show_values
from review.api.parameters import ACRONYM, ELEMENT, FILTERS, narrowing_of, signed_in
from review.hiding import hidden_among
from review.lists import Lists
from review.models import Element, ElementValue
from review.serializers import (
    AskedValuesSerializer,
    ElementValueSerializer,
    ListedValueSerializer,
)

ORDER = ("element", "-instance_count", "value")


class SummedPaginator(Paginator):
    """Takes how many values there are from the elements' sums: value rows are not counted."""

    @cached_property
    def count(self) -> int:
        """How many rows there are on all pages."""
        elements = getattr(self.object_list, "of_elements", None)
        if elements is None:
            return super().count
        return elements.aggregate(all=Sum("value_count"))["all"] or 0


class SummedPages(Pages):
    """Pages of values."""

    django_paginator_class = SummedPaginator


class _Values(generics.GenericAPIView[ElementValue]):
    """What both lists of values do: a page of rows, with what is hidden left out or not."""

    queryset = ElementValue.objects.none()
    pagination_class = SummedPages

    def project(self) -> Project:
        """Return the project, if this person reviews it."""
        return project_at(signed_in(self.request), self.kwargs["acronym"], Permission.REVIEW)

    def having(self, values: QuerySet[ElementValue], words: str) -> QuerySet[ElementValue]:
        """Leave those with words in them; that somebody searched is recorded."""
        if not words:
            return values
        search_values(by=signed_in(self.request), project=self.project())
        return values.filter(value__text__icontains=words)

    def answer(self, values: QuerySet[ElementValue], *, shown: bool) -> Response:
        """Tell one page of values."""
        rows = self.filter_queryset(values)
        page: Sequence[ElementValue] = self.paginate_queryset(rows) or []
        elements = {row.element_id for row in page}
        told_of = elements if shown else elements - hidden_among(elements)
        context = {**self.get_serializer_context(), "shown": told_of}
        serializer: Any = self.get_serializer_class()
        told = serializer(page, many=True, context=context)
        return self.get_paginated_response(told.data)


@extend_schema_view(
    get=extend_schema(
        operation_id="projects_tags_values_list",
        parameters=[ACRONYM, ELEMENT],
        responses=ElementValueSerializer(many=True),
    ),
    post=extend_schema(
        operation_id="projects_tags_values_show",
        parameters=[ACRONYM, ELEMENT],
        request=AskedValuesSerializer,
        responses=ElementValueSerializer(many=True),
    ),
)
class ElementValueList(_Values):
    """The values of one element, the most frequent first."""

    serializer_class = ElementValueSerializer

    def get(self, request: Request, acronym: str, pk: int) -> Response:
        """List them; those that are hidden without their text."""
        return self.answer(_rows(self._element()), shown=False)

    def post(self, request: Request, acronym: str, pk: int) -> Response:
        """Find those with words in them, and show what is hidden, if that is asked for."""
        asked = _asked(request)
        element = self._element()
        if asked["with_hidden"]:
            show_values(by=signed_in(request), element=element)
        values = self.having(_rows(element), asked["words"])
        return self.answer(values, shown=asked["with_hidden"])

    def _element(self) -> Element:
        return get_object_or_404(self.project().elements, pk=self.kwargs["pk"])


@extend_schema_view(
    get=extend_schema(
        operation_id="projects_values_list",
        parameters=[ACRONYM, *FILTERS],
        responses=ListedValueSerializer(many=True),
    ),
    post=extend_schema(
        operation_id="projects_values_show",
        parameters=[ACRONYM, *FILTERS],
        request=AskedValuesSerializer,
        responses=ListedValueSerializer(many=True),
    ),
)
class ValueList(_Values):
    """The values of all elements that the filters leave, element by element."""

    serializer_class = ListedValueSerializer
    also_reads = tuple(one.name for one in FILTERS)

    def get(self, request: Request, acronym: str) -> Response:
        """List them; those that are hidden without their text."""
        return self.answer(self._values(self.project()), shown=False)

    def post(self, request: Request, acronym: str) -> Response:
        """Find those with words in them, and show what is hidden, if that is asked for."""
        asked = _asked(request)
        project = self.project()
        if asked["with_hidden"]:
            show_values_of(by=signed_in(request), project=project)
        values = self.having(self._values(project), asked["words"])
        return self.answer(values, shown=asked["with_hidden"])

    def _values(self, project: Project) -> QuerySet[ElementValue]:
        lists = Lists.of(project)
        elements = narrowing_of(self.request, lists).apply(project, lists)
        found: Any = ElementValue.objects.filter(element__in=elements.order_by().values("pk"))
        found = found.select_related("value", "element").order_by(*ORDER)
        found.of_elements = elements.order_by()
        return found


def _rows(element: Element) -> QuerySet[ElementValue]:
    rows: Any = element.element_values.select_related("value").order_by("-instance_count", "value")
    rows.of_elements = Element.objects.filter(pk=element.pk)
    return rows


def _asked(request: Request) -> dict[str, Any]:
    asked = AskedValuesSerializer(data=request.data)
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)
