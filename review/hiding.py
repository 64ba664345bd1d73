"""Which elements' values stay hidden until somebody asks for them, and why.

The research copy is pseudonymised, and may still hold a leak. So what the plan itself calls
sensitive, and what looks like telling of a person, is not shown to whoever happens to open a page
or look over a shoulder: nothing of it, not even an initial, until somebody with the right to
review asks, which is on record (`review/actions/showing.py`) and counts for that page alone.

What tells of an apparatus (Table E.1-1, kept by Retain Device Identity) and dates that were moved
are not hidden for their row alone: reviewers compare scanners by the one, and nobody reads a day
of birth from the other. Both are hidden like anything else if their values look like a person's.

Source: DICOM PS3.15 Annex E, Table E.1-1.
"""

from collections.abc import Collection
from functools import lru_cache

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When

from deidentify import table
from projects.models import Project
from review.models import Element, ElementDecision

HIDDEN_FROM = 3
"""The risk from which values are hidden for what they look like."""
READABLE = "KTCBGAPHLM"
"""Actions that leave something of what stood there; see deidentify.decisions.ACTIONS."""
OF_NO_PERSON = ("by device", "by modified dates")
"""Options that keep what tells of an apparatus, or what was moved."""
REASONS = {
    "listed": "The standard's table of identifying elements names it, and this project's plan "
    "keeps or cleans it instead of taking it away.",
    "private": "It is a private element that is not on the list of those known to be harmless.",
    "looks": "Its values look as if they could tell of a person.",
    "undecided": "Nothing says yet what the plan did with it.",
}
"""Why values are hidden: the words that pages show, by code."""


def with_hiding(elements: "QuerySet[Element]") -> "QuerySet[Element]":
    """Add `hidden_because` to elements: a code of REASONS, "" for those that are shown."""
    decisions = ElementDecision.objects.filter(element=OuterRef("pk"))
    readable = decisions.filter(action__in=READABLE)
    unless = Q()
    for words in OF_NO_PERSON:
        unless |= Q(row__endswith=words)
    named = Q(row__startswith="E.1-1") | Q(row__startswith="beyond E.1-1")
    not_safe = ~Q(row__contains="on the safe list") | Q(row__contains="not on the safe list")
    return elements.annotate(
        hidden_because=Case(
            When(vr="SQ", then=Value("")),  # it says how many items there are, and no more
            When(
                Exists(readable.filter(named | Q(element__tag__in=_listed())).exclude(unless)),
                then=Value("listed"),
            ),
            When(
                Q(is_private=True, tag__contains="xx") & Exists(readable.filter(not_safe)),
                then=Value("private"),
            ),
            When(risk__gte=HIDDEN_FROM, then=Value("looks")),
            When(~Exists(decisions), then=Value("undecided")),
            default=Value(""),
            output_field=CharField(),
        )
    )


def why_hidden(element: Element) -> str:
    """Return the code of why an element's values are hidden, "" if they are shown.

    Asks the database only for an element that `with_hiding` has not seen.
    """
    known = getattr(element, "hidden_because", None)
    if known is None:
        found = with_hiding(Element.objects.filter(pk=element.pk)).first()
        known = getattr(found, "hidden_because", "")
    return str(known)


def hides(element: Element) -> bool:
    """Whether an element's values are hidden until somebody asks."""
    return bool(why_hidden(element))


def hidden_among(elements: Collection[int]) -> set[int]:
    """Return the ids of those elements whose values are hidden, by one query."""
    return _hidden(Element.objects.filter(pk__in=elements))


def hidden_ids(project: Project) -> set[int]:
    """Return the ids of a project's elements whose values are hidden, by one query."""
    return _hidden(Element.objects.filter(project=project))


def _hidden(elements: "QuerySet[Element]") -> set[int]:
    return {element.pk for element in with_hiding(elements).only("pk") if hides(element)}


@lru_cache(maxsize=1)
def _listed() -> tuple[str, ...]:
    """Return the tags of Table E.1-1 as elements have them; ranges of groups are left out."""
    whole = (tag for tag in table.rows() if len(tag) == 8 and "x" not in tag)
    return tuple(f"{tag[:4]},{tag[4:]}".upper() for tag in whole)
