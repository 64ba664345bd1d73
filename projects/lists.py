"""Lists in REST: pages, filters and orders, each from a closed list; what nobody knows is refused.

A script that misspells a filter would otherwise be given everything. Names, identifiers and words
that people search for are no filters: they go by POST, because addresses end up in logs.

    class TransferList(generics.ListAPIView):
        filters = (OF_PROJECT, Filter("state", "run__state", Kind.WORD, words=tuple(State.values)))
        orders = {"requested_at": ("requested_at",)}
        sorted_by = "-requested_at"
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC
from enum import Enum
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from rest_framework.filters import BaseFilterBackend
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from projects.models import Project
from projects.problems import WrongParameter

Rows = QuerySet[Any]
LONGEST_ID = 18
LONGEST_WORD = 100
LARGEST_PAGE = 1000
OF_PAGES = ("page", "page_size")
SORT = "sort"


class Kind(Enum):
    """What may stand behind a filter's name, as OpenAPI says it."""

    WORD = "string"
    NUMBER = "integer"
    FLAG = "boolean"
    MOMENT = "date-time"


@dataclass(frozen=True)
class Filter:
    """One thing by which a list can be narrowed.

    `narrows` is a look-up of the row, or a function of the rows and the value that was read.
    `words` is the closed list; without one, a word is compared as it stands (a project's acronym,
    a verb of the audit), and what is unknown finds nothing.
    """

    name: str
    narrows: str | Callable[[Rows, Any], Rows]
    kind: Kind = Kind.WORD
    words: tuple[str, ...] = ()
    description: str = ""

    def read(self, said: str) -> Any:
        """Return what an address says, as the database compares it. Raises WrongParameter."""
        if self.kind is Kind.NUMBER:
            return whole_number(self.name, said)
        if self.kind is Kind.FLAG:
            if said not in {"true", "false"}:
                raise WrongParameter(self.name, "This is true or false.")
            return said == "true"
        if self.kind is Kind.MOMENT:
            return _moment(self.name, said)
        if self.words and said not in self.words:
            raise WrongParameter(self.name, f"This is one of {', '.join(self.words)}.")
        if not said:
            raise WrongParameter(self.name, "This is empty: leave it out to have everything.")
        if len(said) > LONGEST_WORD:
            raise WrongParameter(self.name, f"This has at most {LONGEST_WORD} characters.")
        return said

    def apply(self, rows: Rows, said: str) -> Rows:
        """Leave the rows that fit what the address says."""
        value = self.read(said)
        if callable(self.narrows):
            return self.narrows(rows, value)
        return rows.filter(**{self.narrows: value})

    def described(self) -> dict[str, Any]:
        """Return the filter as a parameter of OpenAPI."""
        schema: dict[str, Any] = {"type": self.kind.value}
        if self.kind is Kind.MOMENT:
            schema = {"type": "string", "format": "date-time"}
        elif self.kind is Kind.NUMBER:
            schema |= {"minimum": 0, "maximum": 10**LONGEST_ID - 1}
        elif self.words:
            schema["enum"] = list(self.words)
        elif self.kind is Kind.WORD:
            schema |= {"minLength": 1, "maxLength": LONGEST_WORD}
        return _parameter(self.name, schema, self.description)


def _named_project(rows: Rows, name: str) -> Rows:
    return rows.filter(project__in=Project.objects.named(name))


OF_PROJECT = Filter("project", _named_project, description="A project's acronym or its number.")


class KnownParameters(BaseFilterBackend):
    """Narrows and orders a list by what its view declares; anything else in the address is 400.

    A view declares `filters`, `orders` (word to columns) and `sorted_by`. One that reads more of
    the address itself names it in `also_reads`.
    """

    def filter_queryset(self, request: Request, queryset: Any, view: APIView) -> Any:
        """Return the rows that were asked for. Raises WrongParameter."""
        filters: Sequence[Filter] = getattr(view, "filters", ())
        orders = _orders_of(view)
        known = {one.name for one in filters} | {*OF_PAGES, *getattr(view, "also_reads", ())}
        refuse_unknown(request, known | ({SORT} if orders else set()))
        rows: Rows = queryset
        for one in filters:
            if (said := request.query_params.get(one.name)) is not None:
                rows = one.apply(rows, said)
        if not orders:
            return rows
        said = request.query_params.get(SORT, view.sorted_by)  # type: ignore[attr-defined]
        if said not in orders:
            raise WrongParameter(SORT, f"This is one of {', '.join(orders)}.")
        return rows.order_by(*orders[said])

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """Return the filters and orders as parameters of OpenAPI."""
        told = [one.described() for one in getattr(view, "filters", ())]
        if orders := _orders_of(view):
            usual: str = view.sorted_by  # type: ignore[attr-defined]
            schema = {"type": "string", "enum": list(orders), "default": usual}
            told.append(_parameter(SORT, schema, "The order; a minus turns it round."))
        return told


class Pages(PageNumberPagination):
    """Pages by number, with links to the next and the one before in the body and in Link.

    Source: RFC 8288 (Link), with the relations first, prev, next and last.
    """

    page_size_query_param = "page_size"
    max_page_size = LARGEST_PAGE
    invalid_page_message = "The list has no such page."

    def get_page_size(self, request: Request) -> int:
        """Return how many rows a page has. Raises WrongParameter."""
        said = request.query_params.get("page_size")
        if said is None:
            return int(self.page_size or LARGEST_PAGE)
        size = whole_number("page_size", said)
        if not 1 <= size <= LARGEST_PAGE:
            raise WrongParameter("page_size", f"This is between 1 and {LARGEST_PAGE}.")
        return size

    def get_page_number(self, request: Request, paginator: "Paginator[Any]") -> int:
        """Return which page is asked for. Raises WrongParameter."""
        number = whole_number("page", request.query_params.get("page", "1"))
        if number < 1:
            raise WrongParameter("page", "Pages are counted from 1.")
        return number

    def get_paginated_response(self, data: Any) -> Response:
        """Answer with a page, and say where the others are."""
        response = super().get_paginated_response(data)
        links = {"prev": self.get_previous_link(), "next": self.get_next_link()}
        told = [f'<{address}>; rel="{relation}"' for relation, address in links.items() if address]
        if told:
            response["Link"] = ", ".join(told)
        return response

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """Return the page and its size as parameters of OpenAPI."""
        size = {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": self.page_size}
        number = {"type": "integer", "minimum": 1, "maximum": 10**9, "default": 1}
        return [
            _parameter("page", number, "Which page, from 1."),
            _parameter("page_size", size, "How many rows a page has."),
        ]


def refuse_unknown(request: Request, known: set[str]) -> None:
    """Refuse an address that says something twice, or something that this list does not know."""
    for name, said in request.query_params.lists():
        if name not in known:
            listed = ", ".join(sorted(known))
            raise WrongParameter(name[:40], f"This list knows {listed}.")
        if len(said) > 1:
            raise WrongParameter(name, "This may be said once.")


def whole_number(name: str, said: str) -> int:
    """Return a whole number from an address. Raises WrongParameter."""
    if not (said.isascii() and said.isdecimal() and len(said) <= LONGEST_ID):
        raise WrongParameter(name, "A whole number is needed.")
    return int(said)


def _moment(name: str, said: str) -> Any:
    with suppress(ValueError, OverflowError):
        moment = parse_datetime(said)
        if moment is not None and moment.tzinfo is not None:
            return moment.astimezone(UTC)  # the first and the last day are not days in every zone
    raise WrongParameter(name, "A moment with its zone is needed: 2026-03-12T10:15:00Z.")


def _orders_of(view: APIView) -> dict[str, tuple[str, ...]]:
    """Return every word that may follow `sort`, with the columns that it stands for."""
    orders: Mapping[str, Sequence[str]] = getattr(view, "orders", {})
    every: dict[str, tuple[str, ...]] = {}
    for word, columns in orders.items():
        every[word] = (*columns, "pk")
        every[f"-{word}"] = (*(_turned(column) for column in columns), "-pk")
    return every


def _turned(column: str) -> str:
    return column[1:] if column.startswith("-") else f"-{column}"


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": schema,
    }
