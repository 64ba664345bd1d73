"""What a run changed against the one whose place it takes, while both have their files.

It is counted by the worker that de-identifies, kept as numbers of elements and instances, and
shown when a rule was made; the earlier run's files stay until it is done.
"""

from collections import Counter
from collections.abc import Callable, Iterator

from deidentify.difference import Change, differences
from projects.storage import storage
from transfers.models import Difference, Outcome, Run

AT_ONCE = 500


def note_difference(run: Run, check: Callable[[], None]) -> None:
    """Compare a run's outputs with those of the run before, and keep the counts. Idempotent."""
    earlier = earlier_with_files(run)
    if earlier is None or Difference.objects.filter(run=run).exists():
        return
    counts: Counter[Change] = Counter()
    compared = changed = 0
    for old, new in _pairs(earlier, run):
        check()
        compared += 1
        if old.digest == new.digest or not storage().exists(old.key):
            continue
        with storage().fetch(old.key) as before, storage().fetch(new.key) as after:
            counts.update(differences(before, after))
        changed += 1
    if compared:
        elements = [[*change, number] for change, number in sorted(counts.items())]
        Difference.objects.get_or_create(
            run=run,
            defaults={
                "earlier": earlier,
                "compared_count": compared,
                "changed_count": changed,
                "elements": elements,
            },
        )


def earlier_with_files(run: Run) -> Run | None:
    """Return the run that a run is made over, or the latest earlier one that has its files."""
    if run.over is not None:
        return run.over
    earlier = Run.objects.filter(transfer=run.transfer_id, number__lt=run.number)
    return earlier.filter(files_erased_at=None).order_by("-number").first()


def _pairs(earlier: Run, later: Run) -> Iterator[tuple[Outcome, Outcome]]:
    """Yield the outcomes of the same new SOP Instance UID in two runs, where both have a file."""
    written = later.outcomes.exclude(key="").order_by("pk")
    last = 0
    while rows := list(written.filter(pk__gt=last)[:AT_ONCE]):
        last = rows[-1].pk
        by_uid = {row.sop_instance_uid: row for row in rows}
        same = earlier.outcomes.filter(sop_instance_uid__in=by_uid).exclude(key="")
        for old in same:
            yield old, by_uid[old.sop_instance_uid]
