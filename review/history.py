"""The verdicts of a project as its history shows them: by whom, on what, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from projects.models import Project, User
from review.hiding import hides, with_hiding
from review.models import Element, JudgedValue, Value, Verdict
from review.names import steps
from review.states import Judgement
from transfers.screening import screen_for_project

STATES = {"waiting": "Waiting for a second person", "counting": "Counting"}
TEXT_SHOWN = 80


@dataclass(frozen=True)
class VerdictsAsked:
    """Which verdicts an address asks for; "" and 0 are any."""

    by: int = 0
    judged: str = ""
    state: str = ""
    people: tuple[tuple[int, str], ...] = ()

    @classmethod
    def read(cls, params: Mapping[str, str], project: Project) -> "VerdictsAsked":
        """Read an address; what is in no list counts as not said."""
        given = Verdict.objects.filter(project=project)
        users = User.objects.filter(
            Q(pk__in=given.values("given_by")) | Q(pk__in=given.values("second_by"))
        )
        people = {user.pk: user.display_name for user in users}
        by = params.get("by", "")
        chosen = int(by) if by.isdecimal() and len(by) < 19 else 0
        judged, state = params.get("judged", ""), params.get("state", "")
        return cls(
            by=chosen if chosen in people else 0,
            judged=judged if judged in Judgement.values else "",
            state=state if state in STATES else "",
            people=tuple(sorted(people.items(), key=lambda one: one[1])),
        )

    def query(self, **changes: Any) -> str:
        """Return the address of this view with some choices changed, on its first page."""
        wanted = {name: said for name, said in asdict(self).items() if name != "people"} | changes
        return "?" + urlencode({name: said for name, said in wanted.items() if said})

    def apply(self, verdicts: "QuerySet[Verdict]") -> "QuerySet[Verdict]":
        """Narrow verdicts to those asked for."""
        if self.by:
            verdicts = verdicts.filter(Q(given_by=self.by) | Q(second_by=self.by))
        if self.judged:
            verdicts = verdicts.filter(judged=self.judged)
        if self.state == "waiting":
            verdicts = verdicts.filter(_waits())
        if self.state == "counting":
            verdicts = verdicts.filter(_counts())
        return verdicts

    @property
    def menus(self) -> list[tuple[str, str, list[tuple[str, str, bool]]]]:
        """The closed lists: a heading, what is chosen, and each choice with its address."""
        lists: list[tuple[str, str, Mapping[Any, str]]] = [
            ("By", "by", dict(self.people)),
            ("Verdict", "judged", dict(Judgement.choices)),
            ("State", "state", STATES),
        ]
        found = []
        for heading, name, choices in lists:
            chosen = getattr(self, name)
            links = [("Any", replace(self, **{name: type(chosen)()}).query(), not chosen)]
            links += [
                (label, self.query(**{name: value}), value == chosen)
                for value, label in choices.items()
            ]
            found.append((heading, choices.get(chosen, ""), links))
        return found


@dataclass(frozen=True)
class ShownVerdict:
    """One line of the history."""

    verdict: Verdict
    name: str
    path: str
    element: Element | None
    value: str
    is_hidden: bool
    pattern: str
    reason: str
    state: str


def shown_verdicts(project: Project, verdicts: Sequence[Verdict]) -> list[ShownVerdict]:
    """Return lines for a page of verdicts; typed words are screened, hidden values stay hidden."""
    screen = screen_for_project(project)
    digests = {verdict.known.digest for verdict in verdicts}
    elements = {
        element.digest: element
        for element in with_hiding(Element.objects.filter(project=project, digest__in=digests))
    }
    values = dict(
        Value.objects.filter(
            project=project,
            digest__in={verdict.value_digest for verdict in verdicts if verdict.value_digest},
        ).values_list("digest", "text")
    )
    pks = [verdict.pk for verdict in verdicts]
    rows = Verdict.objects.filter(pk__in=pks)
    waiting = set(rows.filter(_waits()).values_list("pk", flat=True))
    counting = set(rows.filter(_counts()).values_list("pk", flat=True))
    lines = []
    for verdict in verdicts:
        element = elements.get(verdict.known.digest)
        path = steps(verdict.known.path)
        state = "waiting" if verdict.pk in waiting else "replaced"
        lines.append(
            ShownVerdict(
                verdict=verdict,
                name=path[-1].name if path else verdict.known.keyword,
                path=" › ".join(step.tag for step in path),
                element=element,
                value=values.get(verdict.value_digest, "")[:TEXT_SHOWN],
                is_hidden=element is not None and hides(element),
                pattern=screen(verdict.pattern),
                reason=screen(verdict.reason),
                state="counting" if verdict.pk in counting else state,
            )
        )
    return lines


def _waits() -> Q:
    """Return what finds verdicts that a second person can still confirm."""
    on_values = JudgedValue.objects.filter(waiting=OuterRef("pk"))
    return Q(needs_second=True, second_by=None) & (Q(known__waiting=F("pk")) | Q(Exists(on_values)))


def _counts() -> Q:
    """Return what finds verdicts in force: on an element, on a value, or on a pattern."""
    on_values = JudgedValue.objects.filter(verdict=OuterRef("pk"))
    later = Verdict.objects.filter(
        known=OuterRef("known"), pattern=OuterRef("pattern"), pk__gt=OuterRef("pk")
    )
    is_done = Q(needs_second=False) | ~Q(second_by=None)
    on_pattern = ~Q(pattern="") & is_done & ~Q(Exists(later))
    return Q(known__verdict=F("pk")) | (Q(covers="") & Q(Exists(on_values))) | on_pattern
