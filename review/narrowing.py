"""What of an inventory is looked at: filters, order and page from closed lists in the URL.

Words that somebody searches for are not part of it: they come by POST and stay out of addresses.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone

from projects.models import Project
from review.lists import Lists
from review.models import Across, Element, ElementUse, ElementValue, Within
from review.series_rows import TEXT_VRS
from review.states import JUDGED, Standing

KINDS = {
    "private": "Private",
    "text": "Text",
    "sequence": "Inside sequences",
}
TO_JUDGE = "to_judge"
VERDICTS = {TO_JUDGE: "To judge, new or not", **dict(Standing.choices)}
RISKS = {"4": "4 of 4", "3": "3 or more", "2": "2 or more", "1": "1 or more", "0": "None"}
SINCES = {
    "sign_off": "Since the last sign-off",
    "verdict": "Since the last verdict",
    "day": "In the last 24 hours",
    "week": "In the last 7 days",
    "month": "In the last 30 days",
}
PERIODS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
VRS = (
    *("AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT", "OB", "OD", "OF"),
    *("OL", "OV", "OW", "PN", "SH", "SL", "SQ", "SS", "ST", "SV", "TM", "UC", "UI", "UL", "UN"),
    *("UR", "US", "UT", "UV"),
)
SORTS = {
    "risk": "risk_score",
    "tag": "path",
    "name": "keyword",
    "vr": "vr",
    "instances": "instance_count",
    "series": "series_count",
    "participants": "participant_count",
    "values": "distinct_count",
    "across": "across",
    "within": "within",
    "verdict": "standing",
}
ORDERS = tuple(order for name in SORTS for order in (name, f"-{name}"))
LONGEST_PAGE_NUMBER = 6
LONGEST_ID = 18


@dataclass(frozen=True)
class Narrowing:
    """One choice from each closed list; "" is any."""

    kind: str = ""
    vr: str = ""
    modality: str = ""
    manufacturer: str = ""
    scanner: str = ""
    event: str = ""
    site: str = ""
    across: str = ""
    within: str = ""
    verdict: str = ""
    risk: str = ""
    since: str = ""
    sort: str = "-risk"
    page: int = 1

    @classmethod
    def read(cls, params: Mapping[str, str], *, lists: Lists) -> "Narrowing":
        """Read the choices from an address; what is in no list counts as not said."""
        known = choices_of(lists)
        said = {name: params[name] for name in known if params.get(name) in known[name]}
        return cls(**said, page=page_number(params))

    @property
    def choices(self) -> dict[str, str]:
        """What is chosen and not usual, without the page: what a saved view keeps."""
        usual = vars(USUAL)
        chosen = {name: said for name, said in vars(self).items() if said != usual[name]}
        chosen.pop("page", None)
        return chosen

    @property
    def filters(self) -> int:
        """How many filters are set."""
        return len(self.choices.keys() - {"sort"})

    def query(self, **changes: str | int) -> str:
        """Return the address of this view with some choices changed, on its first page."""
        wanted = vars(self) | {"page": 1} | changes
        usual = vars(USUAL)
        return urlencode({name: said for name, said in wanted.items() if said != usual[name]})

    def apply(self, project: Project, lists: Lists) -> "QuerySet[Element]":
        """Return a project's elements, compared, narrowed and in order.

        What is said of where data comes from has to fit one origin, which has the element with
        one of the VRs asked for. Where that is narrower than the project, `here_count` counts
        the images there.
        """
        elements: QuerySet[Element] = project.elements.compared()
        if self.kind == "private":
            elements = elements.filter(is_private=True)
        if self.kind == "sequence":
            elements = elements.filter(is_nested=True)
        for name in ("across", "within"):
            if chosen := getattr(self, name):
                elements = elements.filter(**{name: chosen})
        if self.verdict == TO_JUDGE:
            elements = elements.exclude(standing__in=JUDGED)
        elif self.verdict:
            elements = elements.filter(standing=self.verdict)
        if self.risk:
            fits = {"risk": 0} if self.risk == "0" else {"risk__gte": int(self.risk)}
            elements = elements.filter(**fits)
        if self.since:
            elements = elements.filter(_new_since(self._moment(project)))
        sign, name = ("-", self.sort[1:]) if self.sort.startswith("-") else ("", self.sort)
        elements = self._where_from(elements, lists)
        is_here = name == "instances" and "here_count" in elements.query.annotations
        return elements.order_by(sign + ("here_count" if is_here else SORTS[name]), "path")

    def _where_from(self, elements: "QuerySet[Element]", lists: Lists) -> "QuerySet[Element]":
        uses = ElementUse.objects.filter(element=OuterRef("pk"))
        everywhere = uses
        if self.kind == "text":
            uses = uses.filter(vr__in=TEXT_VRS)
        if self.vr:
            uses = uses.filter(vr=self.vr)
        origins = lists.fitting(
            modality=self.modality,
            manufacturer=self.manufacturer,
            scanner=self.scanner,
            event=self.event,
            site=self.site,
        )
        if origins is not None:
            uses = uses.filter(origin__in=origins)
            sums = uses.order_by().values("element").annotate(sum=Sum("instance_count"))
            elements = elements.annotate(here_count=Subquery(sums.values("sum")))
        return elements if uses is everywhere else elements.filter(Exists(uses))

    def _moment(self, project: Project) -> datetime | None:
        """Return since when something has to be new; None where all of it is."""
        if self.since in PERIODS:
            return timezone.now() - PERIODS[self.since]
        if self.since == "verdict":
            judged = project.verdicts.order_by("-pk").first()
            return judged.given_at if judged else None
        signed = project.sign_offs.exclude(needs_second=True, second_by=None).first()
        return signed.signed_at if signed else None


USUAL = Narrowing()
"""What an address that says nothing asks for."""


def choices_of(lists: Lists) -> dict[str, Collection[str]]:
    """Return what may be said in an address, by its name there."""
    return {
        "kind": KINDS,
        "vr": VRS,
        "modality": lists.modalities,
        "manufacturer": lists.manufacturers,
        "scanner": lists.scanners,
        "event": lists.events,
        "site": lists.sites,
        "across": Across.values,
        "within": Within.values,
        "verdict": VERDICTS,
        "risk": RISKS,
        "since": SINCES,
        "sort": ORDERS,
    }


def page_number(params: Mapping[str, str]) -> int:
    """Return the page that an address asks for; the first if it says nothing sensible."""
    said = params.get("page", "")
    return max(int(said), 1) if said.isdecimal() and len(said) <= LONGEST_PAGE_NUMBER else 1


def number_of(text: str) -> int:
    """Return the id that a form carries; 0, which nothing has, for what is none."""
    return int(text) if text.isdecimal() and len(text) <= LONGEST_ID else 0


def named(words: str) -> Q:
    """Return what finds elements by a tag, a name, a private creator or a part of one."""
    found = Q(path__icontains=words) | Q(creator__icontains=words)
    if squeezed := re.sub(r"[^0-9A-Za-z]", "", words):
        found |= Q(keyword__icontains=squeezed)
    digits = re.sub(r"[\s(),]", "", words).upper()
    if re.fullmatch(r"[0-9A-F]{4}[0-9A-FX]{0,4}", digits):
        found |= Q(tag__istartswith=f"{digits[:4]},{digits[4:]}")
    return found


def having_value(words: str) -> Exists:
    """Return what finds elements that have a value with these words in it."""
    return Exists(ElementValue.objects.filter(element=OuterRef("pk"), value__text__icontains=words))


def _new_since(moment: datetime | None) -> Q:
    """Return what finds elements that appeared, got a value or were opened again since then."""
    if moment is None:
        return Q()
    return Q(first_seen_at__gt=moment) | Q(changed_at__gt=moment) | Q(reopened_at__gt=moment)
