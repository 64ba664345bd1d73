"""The hold desk as a page: filters, pages, how many questions it asks, and who sees what."""

import hashlib

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from projects.models import Participant
from projects.roles import Role
from tests.factories import (
    ParticipantFactory,
    ProjectFactory,
    SeriesFactory,
    StudyFactory,
    UserFactory,
)
from tests.transfers.arrange import make_desk
from transfers.models import Finding, Outcome, PlanVersion, ProjectRule, Run, TransferRequest
from transfers.planning import current_plan
from transfers.states import OutcomeState, State

pytestmark = pytest.mark.django_db


def hold(project, *, runs, images=2, kind="name", path="(0010,4000)", mark="same"):
    """Make held runs without any files: rows as verification leaves them."""
    plan = current_plan(project)
    made = []
    for _ in range(runs):
        transfer = TransferRequest.objects.create(
            study=StudyFactory(),
            project=project,
            participant=Participant.objects.filter(project=project).first()
            or ParticipantFactory(project=project),
            event=project.events.first(),
        )
        run = Run.objects.create(
            transfer=transfer, plan_version=plan, state=State.HELD, received_count=images
        )
        outcomes = Outcome.objects.bulk_create(
            Outcome(
                run=run,
                state=OutcomeState.HELD,
                key=f"research/0/{run.pk}-{number}.dcm",
                reason="Held.",
            )
            for number in range(images)
        )
        Finding.objects.bulk_create(
            Finding(
                run=run,
                outcome=outcome,
                kind=kind,
                path=path,
                sure="certain",
                sentence="Something was found.",
                fingerprint=hashlib.sha256(mark.encode()).hexdigest(),
            )
            for outcome in outcomes
        )
        made.append(run)
    return made


JSON = "application/json"


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def desk():
    return make_desk()


def test_two_transfers_of_one_participant_are_told_apart(desk):
    first, second = hold(desk.project, runs=2)
    SeriesFactory(study=second.transfer.study, modality="CT")

    page = signed_in(desk.kari).get(reverse("held")).text

    assert f"BICAM · transfer {first.transfer_id} · MR · 2 of 2 images held" in page
    assert f"BICAM · transfer {second.transfer_id} · CT, MR · 2 of 2 images held" in page


def test_page_asks_as_many_questions_for_many_runs_as_for_few(desk):
    client = signed_in(desk.kari)
    hold(desk.project, runs=2)
    client.get(reverse("held"))

    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(reverse("held"))
    hold(desk.project, runs=15, images=5)
    with CaptureQueriesContext(connection) as many:
        answer = client.get(reverse("held"))

    assert len(answer.context["desks"]) == 17
    assert len(many) == len(few) < 30


def test_more_runs_than_fit_are_on_the_next_page(desk):
    hold(desk.project, runs=21, images=1)

    first = signed_in(desk.kari).get(reverse("held"))
    second = signed_in(desk.kari).get(reverse("held") + "?page=2")

    assert "21 transfers wait" in first.text
    assert (len(first.context["desks"]), len(second.context["desks"])) == (20, 1)


def test_what_a_release_will_do_is_said_before(desk):
    (run, *_) = hold(desk.project, runs=3, images=4)
    outcome = run.outcomes.first()
    Finding.objects.create(
        run=run,
        outcome=outcome,
        kind="phone",
        path="(0010,2154)",
        sure="likely",
        sentence="Another.",
        fingerprint="another",
    )

    page = signed_in(desk.kari).get(reverse("held") + f"?transfer={run.transfer_id}")

    assert "3 images go on; 1 stays held because of something else." in page.text
    assert "The same is held in 2 other transfers (8 images)" in page.text
    assert "If it is released, no image goes on yet; 1 stays held" in page.text


def test_desk_is_filtered_by_project_and_by_what_was_found(desk):
    other = ProjectFactory(acronym="ECTMRI", members={desk.kari: Role.ADMINISTRATOR})
    hold(desk.project, runs=1)
    hold(other, runs=1, kind="date", path="(0008,0022)")
    client = signed_in(desk.kari)

    by_project = client.get(reverse("held") + "?project=ECTMRI")
    by_kind = client.get(reverse("held") + "?kind=name")
    nonsense = client.get(reverse("held") + "?kind=%3Cb%3E&transfer=x&page=x")

    assert [one.run.transfer.project for one in by_project.context["desks"]] == [other]
    assert "An original date is left in Acquisition Date." in by_project.text
    assert [one.run.transfer.project for one in by_kind.context["desks"]] == [desk.project]
    assert len(nonsense.context["desks"]) == 2
    assert client.get(reverse("held") + "?project=NOTMINE").status_code == 404


def test_transfer_with_very_many_findings_shows_the_first_and_counts_the_rest(desk):
    (run,) = hold(desk.project, runs=1, images=12)
    for number, finding in enumerate(run.findings.all()):
        Finding.objects.filter(pk=finding.pk).update(fingerprint=f"mark-{number}")

    page = signed_in(desk.kari).get(reverse("held"))

    assert len(page.context["desks"][0].groups) == 8
    assert "4 more findings in this transfer" in page.text


def test_stranger_sees_nothing_of_a_rule_page_and_a_researcher_may_not_open_it(desk):
    (run,) = hold(desk.project, runs=1)
    researcher = UserFactory()
    desk.project.memberships.create(user=researcher, role=Role.RESEARCHER)
    finding = run.findings.first()
    pages = [
        reverse("finding-rule", args=[finding.pk]),
        reverse("transfer-difference", args=[run.transfer_id]),
    ]

    def opened(user):
        return [signed_in(user).get(page).status_code for page in pages]

    assert opened(desk.kari) == [200, 200]
    assert opened(researcher) == [403, 200]
    assert opened(UserFactory()) == [404, 404]


def test_rule_is_withdrawn_on_the_page_of_the_plan_by_those_who_decide(desk):
    version = PlanVersion.objects.create(
        project=desk.project,
        number=2,
        digest="x",
        rules=[{"element": "(0010,4000)", "action": "remove", "value": ""}],
    )
    rule = ProjectRule.objects.create(
        project=desk.project,
        element="(0010,4000)",
        action="remove",
        reason="Comments name people.",
        since=version,
        made_by=desk.kari,
    )
    researcher = UserFactory()
    desk.project.memberships.create(user=researcher, role=Role.RESEARCHER)
    address = reverse("rule-withdraw", args=[rule.pk])

    refused = signed_in(researcher).post(address, {"reason": "I want the comments."})
    stranger = signed_in(UserFactory()).post(address, {"reason": "I want the comments."})
    page = signed_in(desk.kari).get(reverse("project-plan", args=["BICAM"]))
    done = signed_in(desk.kari).post(address, {"reason": "Nobody writes names there."})

    assert (refused.status_code, stranger.status_code, done.status_code) == (403, 404, 302)
    assert "Patient Comments, wherever it stands: removed." in page.text
    assert "“Comments name people.”" in page.text
    assert current_plan(desk.project).rules == []


def test_rule_that_was_changed_since_it_was_tried_is_tried_again_first(desk):
    (run,) = hold(desk.project, runs=1)
    address = reverse("finding-rule", args=[run.findings.first().pk])
    client = signed_in(desk.kari)
    body = {"scope": "element", "action": "remove", "reason": "Comments name people."}

    untried = client.post(address, body | {"step": "make"})
    changed = client.post(address, body | {"step": "make", "tried": "element-clean"})

    assert (untried.status_code, changed.status_code) == (200, 200)
    assert "It could not be tried" in changed.text
    assert not ProjectRule.objects.exists()


class TestRest:
    def test_release_second_reject_and_rule_answer_as_the_desk_does(self, desk):
        desk.project.two_person_release = True
        desk.project.save()
        (run,) = hold(desk.project, runs=1, kind="name")
        finding = run.findings.first()
        address = f"/api/v1/transfers/{run.transfer_id}"
        kari, office = signed_in(desk.kari), signed_in(desk.office)
        body = {"finding": finding.pk}

        waits = kari.post(f"{address}/release/", body | {"reason": "Looked at, harmless."}, JSON)
        own = kari.post(f"{address}/second/", body, JSON)
        listed = office.get(f"{address}/findings/").json()["results"]
        withdrawn = kari.post(f"{address}/withdraw/", body, JSON)
        no_rule = kari.post(
            f"{address}/rule/",
            body | {"element": "(0008,0016)", "action": "remove", "reason": "Just because."},
            JSON,
        )
        nothing = kari.get(f"{address}/difference/")
        rejected = office.post(f"{address}/reject/", body | {"reason": "It is the name."}, JSON)

        assert waits.json() == {"instances": 2}
        assert own.status_code == 400
        assert "somebody else must confirm" in own.text
        assert {one["verdict"] for one in listed} == {"awaiting"}
        assert {one["verdict_by"] for one in listed} == {desk.kari.username}
        assert withdrawn.status_code == 200
        assert no_rule.status_code == 400
        assert "not about the place" in no_rule.text
        assert nothing.status_code == 404
        assert rejected.json() == {"instances": 2}
