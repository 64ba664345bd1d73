"""Which run a later one is made over, when the originals have left quarantine, and what of it.

A run over the research copy reads the files of the latest run that was verified, and does what the
plans since have in addition. What became of every instance goes along: what was rejected, left
out or expired stays so with its reason.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import transaction
from django.db.models import Exists, OuterRef

from projects.storage import storage
from transfers.models import Outcome, Run, TransferRequest
from transfers.states import OutcomeState, Source

REPLACED = "A later run took its place."
LOST = "It could not be read when it was first de-identified, and its original has left quarantine."
AS_IT_WAS = (OutcomeState.LEFT_OUT, OutcomeState.EXPIRED, OutcomeState.ERASED)


def copy_of(transfer: TransferRequest) -> Run | None:
    """Return the run whose files a later one can be made over: the latest that was verified."""
    files = Outcome.objects.filter(run=OuterRef("pk")).exclude(key="")
    whole = transfer.runs.filter(Exists(files), files_erased_at=None, verified_at__isnull=False)
    return whole.order_by("-number").first()


def source_of(transfer: TransferRequest) -> Source | None:
    """Return what the transfer's next run is made of; None if nothing is left to make it of.

    Of the originals while every one is there of which the research copy has a file; so that
    nothing that was verified gets lost because quarantine has let go of a part.
    """
    copy = copy_of(transfer)
    if transfer.study_id is not None and (copy is None or has_all_originals(copy)):
        return Source.QUARANTINE
    return None if copy is None else Source.COPY


def has_all_originals(copy: Run) -> bool:
    """Tell whether the catalogue has the original of every file of a run."""
    return not copy.outcomes.exclude(key="").filter(instance=None).exists()


def outcomes_over(run: Run, copy: Run, *, ask_again: bool = False) -> list[Outcome]:
    """Make, without saving, the first outcomes of a run over another.

    Args:
        run: the new one.
        copy: whose files it is made of.
        ask_again: what was rejected and has a file comes before somebody once more.
    """
    left_behind = run.transfer.left_behind()
    return [
        _outcome_over(run, earlier, left_behind.get(earlier.series_id or 0), ask_again=ask_again)
        for earlier in copy.outcomes.order_by("pk").iterator(chunk_size=1000)
    ]


def _outcome_over(
    run: Run, earlier: Outcome, behind: tuple[OutcomeState, str] | None, *, ask_again: bool
) -> Outcome:
    outcome = Outcome(
        run=run, instance_id=earlier.instance_id, series_id=earlier.series_id, made_of=earlier
    )
    was_replaced = earlier.state == OutcomeState.LEFT_OUT and earlier.reason == REPLACED
    is_rejected = earlier.state == OutcomeState.REJECTED
    is_to_stay = earlier.state in AS_IT_WAS and not was_replaced
    if behind is not None:
        outcome.state, outcome.reason = behind
    elif is_to_stay or (is_rejected and not (ask_again and earlier.key)):
        outcome.state, outcome.reason = OutcomeState(earlier.state), earlier.reason
    elif earlier.key:
        return outcome
    elif earlier.instance_id is not None:  # its original may be read by now
        outcome.made_of = None
        return outcome
    else:
        outcome.state, outcome.reason = OutcomeState.EXPIRED, LOST
    outcome.study_instance_uid = earlier.study_instance_uid
    outcome.series_instance_uid = earlier.series_instance_uid
    outcome.sop_instance_uid = earlier.sop_instance_uid
    return outcome


def turn_over(run: Run) -> None:
    """Make a run over the copy after all, if originals have left that the copy has files of.

    Files may go between the wish and its turn. Nothing of the run has been written yet.
    """
    if run.source == Source.COPY or run.number == 1 or run.outcomes.exclude(key="").exists():
        return
    copy = copy_of(run.transfer)
    if copy is None or _all_files_are_there(copy):
        return
    rows = outcomes_over(run, copy)
    with transaction.atomic():
        run.set_held(source=Source.COPY, over=copy, received_count=len(rows))
        run.outcomes.all().delete()
        Outcome.objects.bulk_create(rows, batch_size=1000)


def _all_files_are_there(copy: Run) -> bool:
    written = copy.outcomes.exclude(key="").values_list("instance__key", flat=True)
    return all(key is not None and storage().exists(key) for key in written.iterator())


@contextmanager
def made_from(outcome: Outcome) -> Iterator[Path | None]:
    """Give the file that an outcome is made of for reading: an original, or an earlier output.

    None if it is not there any more.
    """
    made_of = outcome.made_of or outcome.instance
    if made_of is None or not made_of.key or not storage().exists(made_of.key):
        yield None
        return
    with storage().fetch(made_of.key) as path:
        yield path
