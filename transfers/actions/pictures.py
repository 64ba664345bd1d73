"""Looking at pictures that wait, and deciding about them with what was seen on record.

Pictures may show who the patient is, so looking asks for the right to see identified data, and is
audited. Passing asks besides whether every frame was shown to the person who passes: what was not
is passed only by somebody who says so, and the reason that is kept says so too.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, QuerySet, Sum
from django.utils import timezone

from projects.access import require
from projects.models import AuditEvent, User
from projects.roles import Permission
from projects.storage import storage
from transfers.actions.seconding import confirm_release
from transfers.actions.verdicts import PICTURES, checked_reason, reject, release
from transfers.models import Finding, FrameLook, Outcome, Picture, Run, TransferRequest
from transfers.pictures import CannotBeShown, facts_of, render
from transfers.states import FindingVerdict

ON_RECORD_FOR = timedelta(hours=1)
UNSEEN = "Passed without having been seen: "


@dataclass(frozen=True)
class Seen:
    """What one person has seen of some pictures that wait: pictures, and frames of those opened."""

    total: int
    seen: int
    hidden: int
    frames: int
    frames_seen: int

    @property
    def unseen(self) -> int:
        """How many pictures this person has not seen in whole."""
        return self.total - self.seen

    @property
    def is_all(self) -> bool:
        """Whether nothing is left that this person has not seen."""
        return self.seen == self.total


class NotAllSeen(ValidationError):
    """Somebody wants to pass pictures that they have not seen; they may, if they say so."""

    def __init__(self, seen: Seen) -> None:
        super().__init__(
            f"You have seen {seen.seen} of {seen.total} image{'' if seen.total == 1 else 's'}."
        )
        self.seen = seen


def open_picture(*, by: User, outcome: Outcome) -> Picture:
    """Return the picture in an instance, and note that somebody opens it.

    Its first frame is decoded once, so that what cannot be shown is known before anybody decides.
    """
    _require_sight(by, outcome.run.transfer)
    picture = Picture.objects.filter(outcome=outcome).first() or _first_opened(outcome)
    AuditEvent.record(by, "opened_picture", outcome.run.transfer, image=outcome.pk)
    return picture


def open_frame(*, by: User, outcome: Outcome) -> None:
    """Note that a frame is sent to somebody; once an hour, as opening its page is noted already."""
    _require_sight(by, outcome.run.transfer)
    _note_hourly(by, "opened_picture", outcome.run.transfer, {"image": outcome.pk})


def open_thumbnails(*, by: User, transfer: TransferRequest) -> None:
    """Note that somebody is sent small pictures of a study; once an hour, however many they are."""
    _require_sight(by, transfer)
    _note_hourly(by, "opened_thumbnails", transfer, {})


def _note_hourly(by: User, verb: str, transfer: TransferRequest, facts: dict[str, Any]) -> None:
    since = timezone.now() - ON_RECORD_FOR
    noted = AuditEvent.objects.about(transfer).filter(actor=by, verb=verb, at__gt=since)
    if not noted.filter(facts=facts).exists():
        AuditEvent.record(by, verb, transfer, **facts)


def note_frames(*, by: User, picture: Picture, frames: Iterable[int]) -> int:
    """Note which frames were shown to somebody; return how many of them all are noted by now."""
    _require_sight(by, picture.outcome.run.transfer)
    valid = sorted({frame for frame in frames if 1 <= frame <= picture.frame_count})
    FrameLook.objects.bulk_create(
        (FrameLook(picture=picture, user=by, frame=frame) for frame in valid),
        ignore_conflicts=True,
        batch_size=500,
    )
    return picture.looks.filter(user=by).count()


@transaction.atomic
def pass_pictures(
    *, by: User, run: Run, outcomes: Collection[int], reason: str, confirmed: int | None = None
) -> int:
    """Let pictures leave after a look; where two people are demanded, as the first or the second.

    `confirmed` is the number of unseen pictures that the person agreed to pass unseen. Raises
    NotAllSeen if there are unseen ones and their number is another. Returns how many instances
    are free, or wait for a second person.
    """
    reason = checked_reason(reason, run.transfer.study)
    waiting = _waiting(run, outcomes).exclude(
        verdict=FindingVerdict.AWAITING, verdict_by__in=by.accounts
    )
    chosen = set(waiting.values_list("outcome", flat=True))
    if not chosen:
        raise ValidationError("You passed these yourself; somebody else must confirm it.")
    seen = what_was_seen(by, chosen)
    if not seen.is_all and confirmed != seen.unseen:
        raise NotAllSeen(seen)
    clear = Picture.objects.seen_by(by).filter(outcome__in=chosen)
    count = 0
    awaiting = waiting.filter(verdict=FindingVerdict.AWAITING)
    if as_second := set(awaiting.values_list("outcome", flat=True)):
        count += confirm_release(by=by, run=run, outcomes=as_second)
        chosen -= as_second
    looked_at = chosen.intersection(clear.values_list("outcome", flat=True))
    for part, words in ((looked_at, reason), (chosen - looked_at, UNSEEN + reason)):
        if part:
            count += release(by=by, run=run, outcomes=part, reason=words)
    _record(by, "passed_pictures", run, seen)
    return count


@transaction.atomic
def reject_pictures(*, by: User, run: Run, outcomes: Collection[int], reason: str) -> int:
    """Keep pictures from leaving, seen or not. Returns how many."""
    chosen = set(_waiting(run, outcomes).values_list("outcome", flat=True))
    seen = what_was_seen(by, chosen)
    count = reject(by=by, run=run, outcomes=chosen, reason=reason)
    _record(by, "rejected_pictures", run, seen)
    return count


def what_was_seen(user: User, outcomes: Collection[int]) -> Seen:
    """Count what of the pictures of some instances was shown to a person."""
    opened = Picture.objects.filter(outcome__in=outcomes)
    sums = opened.aggregate(frames=Sum("frame_count"), pictures=Count("pk"))
    return Seen(
        total=len(outcomes),
        seen=opened.seen_by(user).count(),
        hidden=opened.filter(frame_count=0).count(),
        frames=sums["frames"] or 0,
        frames_seen=FrameLook.objects.filter(picture__in=opened, user=user).count(),
    )


def _waiting(run: Run, outcomes: Collection[int]) -> QuerySet[Finding]:
    waiting = Finding.objects.holding().filter(run=run, kind=PICTURES, outcome__in=outcomes)
    if not waiting.exists():
        raise ValidationError("None of these pictures waits any more.")
    return waiting


def _first_opened(outcome: Outcome) -> Picture:
    frame_count, obstacle = 0, "Its file is not there."
    if outcome.key and storage().exists(outcome.key):
        try:
            with storage().fetch(outcome.key) as path:
                render(path)
                frame_count, obstacle = facts_of(path).frame_count, ""
        except CannotBeShown as reason:
            obstacle = str(reason)[:200]
    facts = {"frame_count": frame_count, "obstacle": obstacle}
    return Picture.objects.get_or_create(outcome=outcome, defaults=facts)[0]


def _record(by: User, verb: str, run: Run, seen: Seen) -> None:
    AuditEvent.record(
        by,
        verb,
        run.transfer,
        run=run.pk,
        images=seen.total,
        images_seen=seen.seen,
        images_not_shown=seen.hidden,
        frames_of_opened=seen.frames,
        frames_seen=seen.frames_seen,
    )


def _require_sight(by: User, transfer: TransferRequest) -> None:
    require(by, Permission.SEE_IDENTIFIED, transfer.project, transfer.participant)
