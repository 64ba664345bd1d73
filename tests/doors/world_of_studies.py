"""The world's studies: in quarantine, held in the pipeline, and in the research copy."""

from pathlib import Path
from typing import Any

from projects.models import Project, User
from review.actions.sign_offs import sign_off
from review.actions.verdicts import judge, judge_many
from review.models import SavedView
from review.standing import stamp_of
from review.states import OPEN
from tests.datasets import make_mr_series, make_us_series
from tests.factories import StudyFactory
from tests.review.copies import index, new_run, new_transfer, participant_of
from tests.transfers.arrange import add_destination, quarantine, run_to_the_end
from transfers.actions import request_transfer
from transfers.models import Chore, Difference, Finding, Picture, ProjectRule, RuleProposal
from transfers.pipeline.recording import record_runs
from transfers.planning import current_plan

Ids = dict[str, Any]
# Whoever only looks must find neither name anywhere: values are asked for by POST.
PATIENT_NAMES = {"BICAM": "Oppdiktet^Bodil", "OTHER": "Oppdiktet^Odd"}


def make_quarantine(project: Project) -> Ids:
    """Make a study that waits to be assigned to the project."""
    study = StudyFactory(
        called_ae_title=project.ae_title,
        patient_name=PATIENT_NAMES[project.acronym],
        accession_number=f"ACCESSION{project.acronym}",
    )
    series = study.series.first()
    assert series is not None
    return {"study": study.pk, "accession": study.accession_number, "series": series.pk}


def make_held_transfer(project: Project, folder: Path, worker: User) -> Ids:
    """Bring in an ultrasound study, which is held: nobody has looked at its pictures."""
    make_us_series(folder, n=2, frames=2, patient_name=PATIENT_NAMES[project.acronym])
    (study,) = quarantine(folder, worker)
    destination = add_destination(project, name=f"Research PACS of {project.acronym}", port=104)
    event, series = project.events.first(), study.series.first()
    assert event is not None
    assert series is not None
    transfer = request_transfer(
        by=worker,
        study=study,
        project=project,
        pseudonym=project.pattern.fill(n=4711, site=1),
        event=event,
    )
    run = run_to_the_end(transfer)
    pixels = run.findings.filter(kind="pixels").first()
    assert pixels is not None
    leak = Finding.objects.create(
        run=run,
        outcome=pixels.outcome,
        kind="name",
        path="(0010,4000)",
        sure="certain",
        sentence="Something was found.",
        fingerprint="f" * 64,
    )
    Picture.objects.create(outcome=pixels.outcome, frame_count=2)
    Difference.objects.create(run=run, earlier=run, compared_count=1, changed_count=1)
    record_runs()
    return {
        "assigned": study.pk,
        "assigned_series": series.pk,
        "transfer": transfer.pk,
        "pseudonym": transfer.participant.pseudonym,
        "participant": transfer.participant_id,
        "picture": pixels.outcome_id,
        "finding": leak.pk,
        "destination": destination.pk,
        "destination_name": destination.name,
    }


def make_research_copy(project: Project, folder: Path, owner: User) -> Ids:
    """Make a delivered study with its index, and what reviewers said of it."""
    files = make_mr_series(folder, n=2, ImageComments="patient moved", StationName="MR3T")
    transfer = new_transfer(participant_of(project, 4712))
    new_run(transfer, files)
    index()
    study = project.research_studies.get(transfer=transfer)
    element = project.elements.filter(value_count__gt=0, vr="LO").first()
    assert element is not None
    verdict = judge(
        by=owner,
        project=project,
        element=element,
        judged="unsure",
        reason="somebody else should look",
        covers="listed",
        stamp=stamp_of(project),
    )
    open_ones = project.elements.filter(standing__in=OPEN).values_list("pk", flat=True)
    judge_many(
        by=owner, project=project, elements=list(open_ones), judged="safe", reason="looked at"
    )
    signed = sign_off(by=owner, project=project, stamp=stamp_of(project))
    view = SavedView.objects.create(project=project, owner=owner, name="All", is_shared=True)
    return {
        "research_study": study.pk,
        "research_series": study.series.first().pk,
        "delivered": transfer.pk,
        "element": element.pk,
        "value": element.element_values.values_list("value", flat=True)[0],
        "verdict": verdict.pk,
        "sign_off": signed.number,
        "view": view.pk,
        "plan": current_plan(project).number,
    }


def make_governance(project: Project, ids: Ids, worker: User) -> Ids:
    """Make what people decided about the project's plan, and what is left to do by hand."""
    rule = ProjectRule.objects.create(
        project=project,
        element="(0008,1030)",
        action="remove",
        reason="It names the ward.",
        since=current_plan(project),
        made_by=worker,
    )
    proposal = RuleProposal.objects.create(
        project=project,
        element="(0018,1030)",
        action="remove",
        reason="It names the ward.",
        proposed_by=worker,
    )
    chore = Chore.objects.create(
        destination_id=ids["destination"],
        project=project,
        study_instance_uid="2.25.1",
        instance_count=2,
    )
    return {"rule": rule.pk, "proposal": proposal.pk, "chore": chore.pk}
