"""What tests of runs over the research copy do: originals go, and the plan changes."""

import pydicom

from intake.models import Instance
from projects.storage import storage
from tests.transfers.arrange import run_to_the_end
from transfers.actions.requests import run_anew
from transfers.planning import current_plan, next_plan, rules_of
from transfers.states import Source


def purge(transfer, *, keep=0):
    """Let quarantine let go of a transfer's originals, as its end of time does; but `keep`."""
    for instance in Instance.objects.filter(series__study=transfer.study).order_by("pk")[keep:]:
        storage().delete(instance.key)
        instance.delete()
    if not keep:
        transfer.study.delete()
    transfer.refresh_from_db()


def new_plan(desk, *rules, options=(), without=()):
    """Make the project's next plan version."""
    present = [rule for rule in rules_of(current_plan(desk.project)) if rule not in without]
    return next_plan(
        desk.project,
        [*present, *rules],
        by=desk.kari,
        reason="Nobody needs it.",
        profile="research",
        options=options,
    )


def over_the_copy(transfer, **asked):
    """Run a transfer anew after its originals are gone."""
    purge(transfer)
    run = run_anew(transfer, **asked)
    assert run.source == Source.COPY
    return run_to_the_end(transfer)


def files(run):
    """Return the data sets of a run, by instance number."""
    found = []
    for outcome in run.outcomes.exclude(key=""):
        with storage().fetch(outcome.key) as path:
            found.append(pydicom.dcmread(path))
    return sorted(found, key=lambda one: int(one.InstanceNumber))
