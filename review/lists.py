"""The closed lists of one project: where its data comes from, and which VRs its elements have.

A choice stands in an address as a word of the project (a modality, an event, a site's number) or
as a token: what scanners call themselves comes from headers, and headers stay out of addresses.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

from projects.models import Project
from review.models import Origin

TOKEN_LENGTH = 10


@dataclass(frozen=True)
class Place:
    """One origin of series, with the word or token of each of its sides."""

    pk: int
    modality: str
    manufacturer: str
    scanner: str
    event: str
    site: str


@dataclass
class Lists:
    """What can be chosen in a project, each choice with its label."""

    places: list[Place] = field(default_factory=list)
    manufacturers: dict[str, str] = field(default_factory=dict)
    scanners: dict[str, str] = field(default_factory=dict)
    events: dict[str, str] = field(default_factory=dict)
    sites: dict[str, str] = field(default_factory=dict)
    vrs: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, project: Project, vrs: Iterable[str] | None = None) -> "Lists":
        """Read a project's lists: its origins, and the VRs of its elements unless known."""
        lists = cls(vrs=sorted(_vrs(project) if vrs is None else vrs))
        rows = Origin.objects.filter(project=project, series_count__gt=0).values_list(
            "pk",
            "modality",
            "manufacturer",
            "manufacturer_model_name",
            "device_serial_number",
            "event__name",
            "site__code",
            "site__name",
        )
        for pk, modality, manufacturer, model, serial, event, code, site in rows:
            place = Place(
                pk=pk,
                modality=modality,
                manufacturer=token(manufacturer),
                scanner=token(manufacturer, model, serial),
                event=event,
                site="" if code is None else f"{code:02}",
            )
            lists.places.append(place)
            lists.manufacturers[place.manufacturer] = manufacturer or "Not said"
            lists.scanners[place.scanner] = scanner_label(manufacturer, model, serial)
            lists.events[event] = event
            if place.site:
                lists.sites[place.site] = f"{place.site} {site}"
        return lists

    @cached_property
    def modalities(self) -> dict[str, str]:
        """The modalities of the project's series."""
        return {name: name for name in sorted({place.modality for place in self.places} - {""})}

    def fitting(self, **wanted: str) -> list[int] | None:
        """Return the origins that fit all that is wanted; None if nothing is."""
        said = {name: value for name, value in wanted.items() if value}
        if not said:
            return None
        return [
            place.pk
            for place in self.places
            if all(getattr(place, name) == value for name, value in said.items())
        ]


def token(*words: str) -> str:
    """Return what stands for words of a header in an address: the same for the same words."""
    return sha256("\0".join(words).encode()).hexdigest()[:TOKEN_LENGTH]


def by_label(choices: dict[str, str]) -> dict[str, str]:
    """Order choices as a menu shows them."""
    return dict(sorted(choices.items(), key=lambda choice: choice[1].casefold()))


def scanner_label(manufacturer: str, model: str, serial: str) -> str:
    """Return what a scanner is called on pages."""
    said = " ".join(word for word in (manufacturer, model) if word) or "Not said"
    return f"{said}, serial number {serial}" if serial else said


def _vrs(project: Project) -> Iterable[str]:
    """Return the VRs of a project's elements; one that differs by series is "SS or US" there."""
    said = project.elements.order_by().values_list("vr", flat=True).distinct()
    return {vr for vrs in said for vr in vrs.split(" or ")}
