"""What may be in a package: verified images of live transfers, and where each goes.

A package never holds what a person has not let out: only instances of a transfer's latest run that
were verified and are delivered or on the way. Runs that wait as a whole for a decision stay out.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pydicom
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from exports.errors import SourceChanged
from exports.models import Package
from exports.names import Names, series_folder, slug
from projects.models import Participant, Project
from projects.models.projects import HoldPolicy
from projects.storage import storage
from transfers.models import IN_HAND, Outcome, Run, TransferRequest
from transfers.states import OutcomeState, State

OUT = (OutcomeState.MOVING, OutcomeState.DELIVERED)
LAST = 2**31  # sorts what has no instance number behind what has one
NATIVE = (ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian)
FACTS = ["Modality", "SeriesNumber", "SeriesDescription", "InstanceNumber"]


@dataclass(frozen=True)
class Image:
    """One image of a package: where it comes from and where it goes."""

    outcome: int
    key: str
    digest: str
    folder: str
    name: str
    is_native: bool  # not compressed: deflating it pays

    @property
    def path(self) -> str:
        return f"{self.folder}/{self.name}"


def latest_runs(project: Project) -> QuerySet[Run]:
    """Return the run that counts now, of every live transfer."""
    newest = Run.objects.filter(transfer=OuterRef("transfer")).order_by("-number")
    return Run.objects.filter(
        transfer__project=project,
        transfer__ended_at=None,
        number=Subquery(newest.values("number")[:1]),
    )


def exportable(project: Project) -> QuerySet[Outcome]:
    """Return the images of a project that may be in a package."""
    runs = latest_runs(project).filter(IN_HAND)
    if project.hold_policy == HoldPolicy.SEND_WHOLE:
        held = Outcome.objects.filter(run=OuterRef("pk"), state=OutcomeState.HELD)
        runs = runs.exclude(Q(state=State.HELD) | Q(Exists(held), state=State.FAILED))
    return Outcome.objects.filter(
        run__in=runs.values("pk"), state__in=OUT, is_verified=True
    ).exclude(key="")


@dataclass(frozen=True)
class Choice:
    """A participant who can be chosen, with what there is."""

    participant: Participant
    studies: int
    images: int
    size: int

    @property
    def words(self) -> str:
        """How much there is, in words."""
        studies = f"{self.studies:,} {'study' if self.studies == 1 else 'studies'}"
        return f"{studies}, {self.images:,} {'image' if self.images == 1 else 'images'}"


def choices(project: Project) -> list[Choice]:
    """Return the participants that have images which may leave, in order."""
    sums = {
        row["run__transfer__participant"]: row
        for row in exportable(project)
        .order_by()
        .values("run__transfer__participant")
        .annotate(studies=Count("run", distinct=True), images=Count("pk"), bytes=Sum("size"))
    }
    return [
        Choice(one, row["studies"], row["images"], row["bytes"])
        for one in project.participants.filter(pk__in=sums)
        for row in [sums[one.pk]]
    ]


def chosen_runs(package: Package) -> QuerySet[Run]:
    """Return the latest runs of the chosen participants, in the order of the folders."""
    return (
        latest_runs(package.project)
        .filter(transfer__participant__in=package.participants.all())
        .select_related("transfer__participant", "transfer__event", "plan_version")
        .order_by("transfer__participant__pseudonym", "transfer__event__position", "transfer")
    )


def arrange(package: Package, folder: Path) -> None:
    """Decide the place of every image and write it down in `folder`.

    What is written is what will be built, also by the worker that takes over from a killed one.
    """
    studies = []
    places: dict[str, Names] = {}
    tops: dict[tuple[int, int], str] = {}
    with (folder / "images.jsonl.part").open("w") as plan:
        for run in chosen_runs(package):
            images = _images_of(package.project, run)
            top = _top(run.transfer, tops, places)
            for image in _arrange_study(images, top, places):
                plan.write(json.dumps(asdict(image)) + "\n")
            studies.append(_study_facts(run, images, top))
    (folder / "studies.json").write_text(json.dumps(studies))
    (folder / "images.jsonl.part").replace(folder / "images.jsonl")


def _top(
    transfer: TransferRequest, tops: dict[tuple[int, int], str], places: dict[str, Names]
) -> str:
    """Return the folder of a participant's event, the same one for all of its studies."""
    person, event = (transfer.participant_id, 0), (transfer.participant_id, transfer.event_id)
    if person not in tops:
        wanted = slug(transfer.participant.pseudonym, "participant")
        tops[person] = places.setdefault("", Names()).give(wanted)
    if event not in tops:
        wanted = slug(transfer.event.name, "event")
        name = places.setdefault(tops[person], Names()).give(wanted)
        tops[event] = f"{tops[person]}/{name}"
    return tops[event]


def _images_of(project: Project, run: Run) -> list[Outcome]:
    wanted = exportable(project).filter(run=run).select_related("instance")
    return list(
        wanted.only(
            *("key", "digest", "transfer_syntax_uid", "series_instance_uid", "sop_instance_uid"),
            *("study_instance_uid", "state", "instance__instance_number"),
        )
    )


def _arrange_study(images: list[Outcome], top: str, places: dict[str, Names]) -> Iterator[Image]:
    by_series: dict[str, list[Outcome]] = {}
    for image in images:
        by_series.setdefault(image.series_instance_uid, []).append(image)
    arranged = []
    for uid, members in by_series.items():
        members.sort(key=lambda one: (_instance_number(one), one.sop_instance_uid))
        facts = _header(members[0])
        arranged.append((_number(facts.get("SeriesNumber")), uid, facts, members))
    arranged.sort(key=lambda one: (LAST if one[0] is None else one[0], one[1]))
    for number, _, facts, members in arranged:
        kind = f"{top}/{slug(str(facts.get('Modality', '')), 'OT')}"
        wanted = series_folder(number, str(facts.get("SeriesDescription", "")))
        folder = f"{kind}/{places.setdefault(kind, Names()).give(wanted)}"
        for count, one in enumerate(members, start=1):
            is_native = one.transfer_syntax_uid in NATIVE
            yield Image(one.pk, one.key, one.digest, folder, f"{count:04}.dcm", is_native)


def _instance_number(image: Outcome) -> int:
    """Return the instance number; from the file itself once the quarantine has let go of it."""
    number = (
        image.instance.instance_number
        if image.instance is not None
        else _number(_header(image).get("InstanceNumber"))
    )
    return LAST if number is None else number


def _header(image: Outcome) -> dict[str, Any]:
    """Return what the research copy's own header says: the file is what the package holds."""
    try:
        with storage().fetch(image.key) as path:
            data = pydicom.dcmread(path, specific_tags=FACTS, stop_before_pixels=True)
            return {name: value for name in FACTS if (value := _value(data, name)) is not None}
    except FileNotFoundError as error:
        raise SourceChanged("An image that was chosen is not in the storage any more.") from error


def _value(data: pydicom.Dataset, name: str) -> Any:
    try:
        return data.get(name)
    except (TypeError, ValueError):  # what is written there is no number: as good as nothing
        return None


def _number(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def _study_facts(run: Run, images: list[Outcome], top: str) -> dict[str, Any]:
    """Return what the manifest says of a study, with what of it is not in the package."""
    uids = sorted({image.study_instance_uid for image in images})
    absent = Counter(run.counts())
    absent.subtract(image.state for image in images)
    return {
        "folder": top,
        "study_instance_uids": uids,
        "plan_version": run.plan_version.number,
        "plan_digest": run.plan_digest or run.plan_version.digest,
        "program_version": run.program_version,
        "images": len(images),
        "not_included": {state: count for state, count in sorted(absent.items()) if count},
    }


def read_images(folder: Path, start: int = 0) -> Iterator[tuple[Image, int]]:
    """Yield the arranged images from a byte of the list on, each with the byte after it."""
    with (folder / "images.jsonl").open("rb") as plan:
        plan.seek(start)
        position = start
        for line in plan:
            position += len(line)
            yield Image(**json.loads(line)), position


def images_end(folder: Path) -> int:
    """Return the byte after the last arranged image."""
    return (folder / "images.jsonl").stat().st_size


def read_studies(folder: Path) -> list[dict[str, Any]]:
    """Return what the manifest says of the arranged studies."""
    studies: list[dict[str, Any]] = json.loads((folder / "studies.json").read_text())
    return studies


def still_there(project: Project, outcomes: Iterable[int]) -> bool:
    """Tell whether all of these images may still leave; some may have been taken back."""
    wanted = set(outcomes)
    return exportable(project).filter(pk__in=wanted).count() == len(wanted)
