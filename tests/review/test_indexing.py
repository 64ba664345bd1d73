"""The index says what the research copy holds: no more, no less, whatever comes and goes."""

import pydicom
import pytest
from django.utils import timezone

from review import models
from review.models import IndexState, ProjectIndex, ResearchStudy
from review.tasks import index_study
from tests.datasets import make_ct_series, make_mr_series, new_uid
from tests.review.copies import (
    add_outcome,
    deidentified,
    index,
    new_run,
    new_transfer,
)
from tests.review.counting import independently_counted
from transfers.states import OutcomeState, State

pytestmark = pytest.mark.django_db

SUMS = (
    models.ElementDecision,
    models.ElementLook,
    models.ElementUse,
    models.ElementValue,
    models.OriginValue,
    models.ParticipantElement,
    models.ParticipantValue,
    models.SeriesElement,
    models.SeriesValue,
    models.StudyElement,
)
UNSUMMED = ("_state", "id", "changed_at")


def everything(project):
    """All sums of a project, under names that outlive a row."""
    paths = dict(project.elements.values_list("pk", "path"))
    series = dict(models.ResearchSeries.objects.values_list("pk", "series_instance_uid"))
    texts = dict(models.Value.objects.filter(project=project).values_list("pk", "text"))
    totals = ProjectIndex.objects.filter(project=project).values(
        "study_count", "series_count", "instance_count", "participant_count"
    )
    found = {"totals": list(totals), "elements": [], "values": sorted(texts.values())}
    for element in project.elements.order_by("path"):
        row = dict(vars(element))
        found["elements"].append({name: row[name] for name in row if name not in UNSUMMED})
    for model in SUMS:
        rows = []
        for row in model.objects.filter(element__project=project).values():
            row["element_id"] = paths[row["element_id"]]
            if "value_id" in row:
                row["value_id"] = texts[row["value_id"]]
            if "series_id" in row:
                row["series_id"] = series[row["series_id"]]
            for name in ("pk", "id", "decision_id"):
                row.pop(name, None)
            rows.append(tuple(sorted(row.items())))
        found[model.__name__] = sorted(rows)
    return found


def element(project, path):
    return project.elements.compared().get(path=path)


def test_an_indexed_study_has_its_series_and_their_facts(first, tmp_path):
    files = make_mr_series(tmp_path, n=3, SeriesDescription="T1 sag", SeriesNumber=4)
    run = new_run(new_transfer(first), files)

    index()

    study = ResearchStudy.objects.get()
    series = study.series.get()
    assert (study.run, study.state, study.run_state) == (run, IndexState.INDEXED, "delivered")
    assert (study.series_count, study.instance_count) == (1, 3)
    assert study.study_instance_uid == pydicom.dcmread(files[0]).StudyInstanceUID
    assert (series.modality, series.series_number, series.series_description) == ("MR", 4, "T1 sag")
    assert (series.instance_count, series.unread_count) == (3, 0)


def test_what_is_held_is_not_in_the_index(first, tmp_path):
    files = make_mr_series(tmp_path, n=3)
    new_run(new_transfer(first), files[:2], state=State.HELD, held=files[2:])

    index()

    assert element(first.project, "(0008,0060)").instance_count == 2


def test_what_a_destination_did_not_take_whole_is_reviewed_all_the_same(first, tmp_path):
    files = make_mr_series(tmp_path, n=3)
    run = new_run(new_transfer(first), files)
    index()

    run.state, run.verified_at = State.FAILED, timezone.now()
    run.save()
    index()

    study = ResearchStudy.objects.get()
    assert (study.run_state, study.state, study.instance_count) == ("failed", "indexed", 3)
    assert element(first.project, "(0008,0060)").instance_count == 3


def test_a_run_that_failed_before_its_images_were_verified_is_not_in_the_index(first, tmp_path):
    run = new_run(new_transfer(first), make_mr_series(tmp_path, n=2))
    index()

    run.state, run.verified_at = State.FAILED, None
    run.save()
    index()

    assert not ResearchStudy.objects.exists()


def test_a_run_that_still_moves_is_not_in_the_index(first, tmp_path):
    new_run(new_transfer(first), make_mr_series(tmp_path), state=State.DEIDENTIFIED)

    index()

    assert not ResearchStudy.objects.exists()


def test_indexing_again_changes_nothing(first, tmp_path):
    new_run(new_transfer(first), make_mr_series(tmp_path))
    index()
    before = everything(first.project)

    ResearchStudy.objects.update(state=IndexState.WAITING)
    index_study(ResearchStudy.objects.get().pk)
    index()

    assert everything(first.project) == before


def test_a_series_that_grows_is_indexed_anew(first, tmp_path):
    files = make_mr_series(tmp_path, n=4)
    run = new_run(new_transfer(first), files[:2], state=State.HELD, held=files[2:])
    index()

    run.outcomes.update(state=OutcomeState.DELIVERED, is_verified=True)
    index()

    assert element(first.project, "(0008,0060)").instance_count == 4
    assert ResearchStudy.objects.get().series.get().instance_count == 4
    assert ProjectIndex.objects.get().instance_count == 4


def test_a_later_run_replaces_the_earlier_one(first, tmp_path):
    transfer = new_transfer(first)
    new_run(transfer, make_mr_series(tmp_path / "old", n=3, ImageComments="before the rule"))
    index()

    later = new_run(transfer, make_mr_series(tmp_path / "new", n=2))
    index()

    assert ResearchStudy.objects.get().run == later
    assert not first.project.elements.filter(path="(0020,4000)").exists()
    assert not models.Value.objects.filter(text="before the rule").exists()
    assert ProjectIndex.objects.get().instance_count == 2


def test_an_element_keeps_its_number_when_its_series_is_replaced(first, tmp_path):
    series_uid = new_uid()
    transfer = new_transfer(first)
    new_run(transfer, make_mr_series(tmp_path / "old", series_instance_uid=series_uid))
    index()
    number = element(first.project, "(0008,0060)").pk

    new_run(transfer, make_mr_series(tmp_path / "new", n=2, series_instance_uid=series_uid))
    index()

    assert element(first.project, "(0008,0060)").pk == number


@pytest.mark.parametrize("same_participant", [True, False])
def test_a_transfer_that_ended_leaves_no_trace(first, second, tmp_path, same_participant):
    new_run(new_transfer(first), make_mr_series(tmp_path / "stays", n=3, ImageComments="stays"))
    index()
    before = everything(first.project)
    leaving = new_transfer(first if same_participant else second, "6month")
    new_run(leaving, make_ct_series(tmp_path / "leaves", n=2, ImageComments="leaves"))
    new_run(leaving, make_mr_series(tmp_path / "later", n=2, ImageComments="stays"))
    index()
    assert everything(first.project) != before

    type(leaving).objects.filter(pk=leaving.pk).update(ended_at=timezone.now())
    index()

    assert everything(first.project) == before
    assert ResearchStudy.objects.count() == 1


def test_erased_instances_leave_the_sums(first, tmp_path):
    files = make_mr_series(tmp_path, n=3)
    run = new_run(new_transfer(first), files[:2])
    index()
    before = everything(first.project)
    extra = add_outcome(run, files[2], OutcomeState.DELIVERED)
    index()

    type(extra).objects.filter(pk=extra.pk).update(state=OutcomeState.ERASED)
    index()

    assert everything(first.project) == before


def test_a_project_whose_last_study_goes_is_empty(first, tmp_path):
    run = new_run(new_transfer(first), make_mr_series(tmp_path))
    index()

    run.outcomes.update(state=OutcomeState.ERASED)
    index()

    found = everything(first.project)
    totals = dict.fromkeys(
        ("study_count", "series_count", "instance_count", "participant_count"), 0
    )
    assert found.pop("totals") == [totals]
    assert not any(found.values())
    assert not ResearchStudy.objects.exists()


def test_a_missing_file_is_tried_again_and_given_up_in_a_sentence(first, tmp_path):
    run = new_run(new_transfer(first), make_mr_series(tmp_path))
    run.outcomes.update(key="research/1/1/gone.dcm")

    index()

    study = ResearchStudy.objects.get()
    assert study.state == IndexState.WAITING
    assert study.not_before > timezone.now()
    assert study.reason == "A file of this study is not in the storage."


def test_counts_of_real_studies_equal_those_of_a_plain_loop(first, second, tmp_path, test_data):
    siemens = sorted((test_data / "dcm_qa_nih" / "In" / "20180918Si").rglob("*.dcm"))[:60]
    ge = sorted((test_data / "dcm_qa_nih" / "In" / "20180918GE").rglob("*.dcm"))[:60]
    outputs = {
        first: deidentified(siemens, tmp_path / "si", first),
        second: deidentified(ge, tmp_path / "ge", second),
    }
    assert all(outputs.values())
    for participant, files in outputs.items():
        new_run(new_transfer(participant), files)

    index()

    counted = independently_counted(
        (participant, path) for participant, files in outputs.items() for path in files
    ).sizes()
    rows = first.project.elements.all()
    assert {row.path: row.instance_count for row in rows} == {
        path: sizes[0] for path, sizes in counted.items()
    }
    assert {row.path: row.participant_count for row in rows} == {
        path: sizes[3] for path, sizes in counted.items()
    }
    assert element(first.project, "(0028,0106)").vr == "SS or US"
    assert any('"' in path for path in counted), "no private element in the yardstick"
    assert any(")(" in path for path in counted), "no sequence in the yardstick"
