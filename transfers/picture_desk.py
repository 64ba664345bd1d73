"""What the picture desk shows: pictures that wait, series by series, and who has seen what."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, QuerySet
from django.shortcuts import get_object_or_404

from projects.access import require
from projects.models import User
from projects.roles import Permission
from transfers.actions.verdicts import PICTURES
from transfers.models import Finding, Outcome, Picture, Run, TransferRequest
from transfers.states import FindingVerdict, OutcomeState

MOST_THUMBNAILS = 8
NEAR = 12
IN_ORDER = ("instance__instance_number", "pk")


@dataclass(frozen=True)
class SeriesOnDesk:
    """A series of one run in which pictures wait."""

    run: Run
    first: Outcome
    sentence: str
    waiting: Sequence[int]
    seen: int
    may_look: bool

    @property
    def thumbnails(self) -> Sequence[int]:
        """The images that are shown small."""
        return self.waiting[:MOST_THUMBNAILS]

    @property
    def more(self) -> int:
        """How many images are not shown small."""
        return max(0, len(self.waiting) - MOST_THUMBNAILS)


@dataclass(frozen=True)
class ImageOfSeries:
    """One image of a series, as its place in the row of thumbnails shows it."""

    pk: int
    number: int
    mark: str  # wait, done, fail or held, the class of its sign
    word: str
    waits: bool  # for a decision that the person who looks may take
    is_seen: bool


def series_waiting(transfers: QuerySet[TransferRequest]) -> QuerySet[Any]:
    """Return one row for each run and series with pictures that wait, the oldest run first."""
    return (
        Finding.objects.holding()
        .filter(kind=PICTURES, run__transfer__in=transfers)
        .values("run", "outcome__series_instance_uid")
        .annotate(
            first=Min("outcome"),
            sentence=Min("sentence"),
            images=Count("outcome", distinct=True),
            since=Min("run__created_at"),
        )
        .order_by("since", "first")
    )


def told(rows: Iterable[Mapping[str, Any]], user: User) -> list[SeriesOnDesk]:
    """Put together what the desk shows of some rows of `series_waiting`."""
    rows = list(rows)
    firsts = Outcome.objects.select_related(
        "series", "run__transfer__project", "run__transfer__participant", "run__transfer__event"
    ).in_bulk([row["first"] for row in rows])
    runs = {row["run"] for row in rows}
    waiting: dict[tuple[int, str], list[int]] = defaultdict(list)
    holding = Finding.objects.holding().filter(kind=PICTURES, outcome=OuterRef("pk"))
    images = Outcome.objects.filter(Exists(holding), run__in=runs)
    for pk, run, series in images.order_by(*IN_ORDER).values_list(
        "pk", "run", "series_instance_uid"
    ):
        waiting[run, series].append(pk)
    opened = Picture.objects.seen_by(user).filter(outcome__run__in=runs)
    seen = set(opened.values_list("outcome", flat=True))
    desk = []
    for row in rows:
        first = firsts[row["first"]]
        pks = waiting[row["run"], row["outcome__series_instance_uid"]]
        may_look = first.run.transfer.allows(user, Permission.SEE_IDENTIFIED)
        shown = len(seen.intersection(pks))
        desk.append(SeriesOnDesk(first.run, first, row["sentence"], pks, shown, may_look))
    return desk


def images_of_series(outcome: Outcome, user: User) -> list[ImageOfSeries]:
    """Return all images of a picture's series that waited for a look, decided or not, in order."""
    pictures = Finding.objects.filter(kind=PICTURES, outcome=OuterRef("pk"))
    awaiting = pictures.filter(verdict=FindingVerdict.AWAITING)
    siblings = Outcome.objects.filter(
        Exists(pictures), run=outcome.run_id, series_instance_uid=outcome.series_instance_uid
    ).annotate(
        is_open=Exists(pictures.filter(verdict=FindingVerdict.OPEN)),
        is_awaiting=Exists(awaiting),
        is_own=Exists(awaiting.filter(verdict_by=user)),
    )
    opened = Picture.objects.seen_by(user).filter(outcome__run=outcome.run_id)
    seen = set(opened.values_list("outcome", flat=True))
    rows = siblings.order_by(*IN_ORDER).values_list(
        "pk", "state", "is_open", "is_awaiting", "is_own"
    )
    images = []
    for number, (pk, state, is_open, is_awaiting, is_own) in enumerate(rows, start=1):
        mark, word = _sign(state, is_open, is_awaiting)
        waits = mark in {"held", "wait"} and (is_open or not is_own)
        images.append(ImageOfSeries(pk, number, mark, word, waits, pk in seen))
    return images


def seen_of_series(outcome: Outcome, user: User) -> int:
    """Count the images of a picture's series that somebody has seen in whole."""
    waited = Finding.objects.filter(kind=PICTURES, outcome=OuterRef("outcome"))
    return (
        Picture.objects.seen_by(user)
        .filter(
            Exists(waited),
            outcome__run=outcome.run_id,
            outcome__series_instance_uid=outcome.series_instance_uid,
        )
        .count()
    )


def position_of(images: Sequence[ImageOfSeries], outcome: Outcome) -> int | None:
    """Return where an image is in its series; None if nobody ever had to look at it."""
    return next((n for n, image in enumerate(images) if image.pk == outcome.pk), None)


def beside(
    images: Sequence[ImageOfSeries], position: int | None, step: int
) -> ImageOfSeries | None:
    """Return the image before or behind a position, if there is one."""
    if position is None or not 0 <= position + step < len(images):
        return None
    return images[position + step]


def near(images: Sequence[ImageOfSeries], position: int) -> Sequence[ImageOfSeries]:
    """Return the images around a position, so that a series of a thousand stays light."""
    begin = max(0, min(position - NEAR, len(images) - 2 * NEAR))
    return images[begin : begin + 2 * NEAR]


def next_waiting(images: Sequence[ImageOfSeries], position: int) -> ImageOfSeries | None:
    """Return the next image that waits, from a position on and then from the beginning."""
    for image in [*images[position + 1 :], *images[: position + 1]]:
        if image.waits:
            return image
    return None


def picture_at(user: User, pk: int) -> Outcome:
    """Return an instance whose picture somebody may see.

    Raises Http404 if they may not know of it, PermissionDenied if they may and lack the right: a
    picture that waits for a look may show who the patient is.
    """
    transfers = TransferRequest.objects.visible_to(user)
    rows = Outcome.objects.filter(run__transfer__in=transfers).select_related(
        "series", "run__transfer__project", "run__transfer__participant", "run__transfer__event"
    )
    outcome = get_object_or_404(rows, pk=pk)
    transfer = outcome.run.transfer
    require(user, Permission.SEE_IDENTIFIED, transfer.project, transfer.participant)
    return outcome


def _sign(state: str, is_open: bool, is_awaiting: bool) -> tuple[str, str]:
    if state == OutcomeState.REJECTED:
        return "fail", "Rejected"
    if state == OutcomeState.HELD and is_open:
        return "held", "Waits for a look"
    if state == OutcomeState.HELD and is_awaiting:
        return "wait", "Waits for a second person"
    return "done", "Passed"
