"""What of an inventory is looked at: filters, order and page from closed lists in the URL.

Words that somebody searches for are not part of it: they come by POST and stay out of addresses.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet

from review.merging import TEXT_VRS
from review.models import Across, Element, ElementUse, ElementValue, Within

KINDS = {
    "text": "Text",
    "private": "Private",
    "sequence": "Inside sequences",
}
VRS = (
    *("AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT", "OB", "OD", "OF"),
    *("OL", "OV", "OW", "PN", "SH", "SL", "SQ", "SS", "ST", "SV", "TM", "UC", "UI", "UL", "UN"),
    *("UR", "US", "UT", "UV"),
)
SORTS = {
    "tag": "path",
    "name": "keyword",
    "vr": "vr",
    "instances": "instance_count",
    "series": "series_count",
    "participants": "participant_count",
    "values": "distinct_count",
    "across": "across",
    "within": "within",
}
LONGEST_PAGE_NUMBER = 6


@dataclass(frozen=True)
class Narrowing:
    """One choice from each closed list; "" is any."""

    kind: str = ""
    vr: str = ""
    modality: str = ""
    across: str = ""
    within: str = ""
    sort: str = "tag"
    page: int = 1

    @classmethod
    def read(cls, params: Mapping[str, str], *, modalities: Collection[str]) -> "Narrowing":
        """Read the choices from an address; what is in no list counts as not said."""
        known: dict[str, Collection[str]] = {
            "kind": KINDS,
            "vr": VRS,
            "modality": modalities,
            "across": Across.values,
            "within": Within.values,
            "sort": [*SORTS, *(f"-{name}" for name in SORTS)],
        }
        said = {name: params[name] for name in known if params.get(name) in known[name]}
        return cls(**said, page=page_number(params))

    def query(self, **changes: str | int) -> str:
        """Return the address of this view with some choices changed, on its first page."""
        wanted = asdict(self) | {"page": 1} | changes
        usual = asdict(Narrowing())
        return urlencode({name: said for name, said in wanted.items() if said != usual[name]})

    def apply(self, elements: "QuerySet[Element]") -> "QuerySet[Element]":
        """Narrow and order elements that are `compared`."""
        if self.kind == "private":
            elements = elements.filter(is_private=True)
        if self.kind == "sequence":
            elements = elements.filter(is_nested=True)
        if self.kind == "text":
            elements = elements.filter(_used(vr__in=TEXT_VRS))
        if self.vr:
            elements = elements.filter(_used(vr=self.vr))
        if self.modality:
            elements = elements.filter(_used(modality=self.modality))
        for name in ("across", "within"):
            if chosen := getattr(self, name):
                elements = elements.filter(**{name: chosen})
        sign, name = ("-", self.sort[1:]) if self.sort.startswith("-") else ("", self.sort)
        return elements.order_by(sign + SORTS[name], "path")


def page_number(params: Mapping[str, str]) -> int:
    """Return the page that an address asks for; the first if it says nothing sensible."""
    said = params.get("page", "")
    return max(int(said), 1) if said.isdecimal() and len(said) <= LONGEST_PAGE_NUMBER else 1


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


def _used(**how: object) -> Exists:
    return Exists(ElementUse.objects.filter(element=OuterRef("pk"), **how))
