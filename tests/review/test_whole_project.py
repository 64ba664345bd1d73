"""Real studies of several scanners on the whole way: the inventory against a plain loop."""

import shutil

import pytest

from projects.storage import storage
from review.models import ElementUse, Origin, ProjectIndex
from tests.review.copies import index
from tests.review.counting import independently_counted
from tests.transfers.arrange import make_desk, quarantine, run_to_the_end
from transfers import actions
from transfers.actions.verdicts import PICTURES
from transfers.models import Finding, Outcome
from transfers.states import OutcomeState, State

pytestmark = pytest.mark.django_db

OF_EACH_FOLDER = 5
WHY = "Freely licensed data, of nobody who could be known."


def some_of(folder, target):
    """Copy the first files of every folder below, which are of one series mostly."""
    for place in sorted({path.parent for path in folder.rglob("*") if path.is_file()}):
        files = [path for path in sorted(place.iterdir()) if path.is_file()]
        for path in files[:OF_EACH_FOLDER]:
            copy = target / path.relative_to(folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    return target


def release(run, *, by):
    """Let everything leave that somebody may let leave: findings, then pictures."""
    holding = Finding.objects.holding().filter(run=run)
    if holding.exclude(kind=PICTURES).exists():
        actions.release(by=by, run=run, reason=WHY)
    if pictures := list(holding.filter(kind=PICTURES).values_list("outcome", flat=True)):
        actions.release(by=by, run=run, outcomes=pictures, reason=WHY)


def test_counts_of_a_project_of_several_scanners_equal_those_of_a_plain_loop(test_data, tmp_path):
    desk = make_desk()
    studies = quarantine(some_of(test_data, tmp_path / "in"), desk.kari)
    for number, study in enumerate(studies, start=1):
        transfer = actions.request_transfer(
            by=desk.kari,
            study=study,
            project=desk.project,
            pseudonym=f"BICAM_{number:04}",
            event=desk.project.events.first(),
        )
        run = run_to_the_end(transfer)
        if run.state == State.HELD:
            release(run, by=desk.office)
            run_to_the_end(transfer)

    index()

    shown = Outcome.objects.filter(
        state__in=(OutcomeState.MOVING, OutcomeState.DELIVERED), is_verified=True
    )
    files = []
    for key, pseudonym in shown.values_list("key", "run__transfer__participant__pseudonym"):
        with storage().fetch(key) as path:
            kept = tmp_path / f"{len(files):05}.dcm"
            shutil.copyfile(path, kept)
            files.append((pseudonym, kept))
    counted = independently_counted(files).sizes()
    assert {
        row.path: (row.instance_count, row.series_count, row.study_count, row.participant_count)
        for row in desk.project.elements.all()
    } == counted
    assert ProjectIndex.objects.get().instance_count == len(files) > 50
    assert any('"' in path for path in counted), "no private element in the yardstick"
    assert any(")(" in path for path in counted), "no sequence in the yardstick"
    makers = {manufacturer.upper() for manufacturer in origins("manufacturer")}
    assert {"SIEMENS", "GE MEDICAL SYSTEMS", "PHILIPS"} <= makers
    assert len(set(origins("device_serial_number"))) >= 5
    uses = ElementUse.objects.filter(element__path="(0008,0016)")
    assert sum(use.instance_count for use in uses) == len(files)
    assert not desk.project.elements.filter(decisions=None).exists()


def origins(name):
    return Origin.objects.values_list(name, flat=True)
