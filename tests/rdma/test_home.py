"""The home page: what needs this person, and nothing that is none of their business."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from projects.roles import Role
from rdma.study_dates import year_of
from review.models import ResearchStudy, Standing
from tests.factories import (
    ElementFactory,
    ParticipantFactory,
    ProjectFactory,
    StudyFactory,
    UserFactory,
)
from transfers.models import Chore, Destination, Outcome, PlanVersion, Run, TransferRequest
from transfers.states import OutcomeState, State

pytestmark = pytest.mark.django_db


def make_run(project, state, number=1, transfer=None, **columns):
    if transfer is None:
        transfer = TransferRequest.objects.create(
            study=StudyFactory(),
            project=project,
            participant=ParticipantFactory(project=project),
            event=project.events.first(),
        )
    plan, _ = PlanVersion.objects.get_or_create(project=project, number=1, digest="0" * 64)
    return Run.objects.create(
        transfer=transfer, plan_version=plan, state=state, number=number, **columns
    )


@pytest.fixture
def kari(client):
    user = UserFactory(first_name="Kari")
    client.force_login(user)
    return user


def test_nothing_waits_for_somebody_new(client, kari):
    StudyFactory()
    make_run(ProjectFactory(), State.HELD)

    page = client.get("/").content.decode()

    assert "Nothing waits for you." in page
    assert "You are in no project yet" in page
    assert "INVENTED" not in page


def test_what_waits_is_counted_and_shown_without_an_identity(client, kari):
    project = ProjectFactory(acronym="BICAM", ae_title="BICAM", members={kari: Role.DATA_MANAGER})
    StudyFactory(called_ae_title="BICAM")
    StudyFactory(called_ae_title="BICAM", series=2)
    run = make_run(project, State.HELD, received_count=5)
    for state in (OutcomeState.HELD, OutcomeState.HELD, OutcomeState.MOVING):
        Outcome.objects.create(run=run, state=state)
    make_run(project, State.FAILED, reason="The association was refused.")

    page = client.get("/").content.decode()

    assert "Two studies wait to be assigned and one transfer is held for you." in page
    assert "BICAM: 2 of 5 images need a decision." in page
    assert "The association was refused." in page
    assert "Oppdiktet" not in page
    assert "ACC0" not in page


@pytest.mark.parametrize(("role", "is_said"), [(Role.RESEARCHER, True), (Role.CONTROLLER, False)])
def test_what_is_new_to_judge_waits_for_those_who_judge(client, kari, role, is_said):
    project = ProjectFactory(acronym="BICAM", members={kari: role})
    for standing in (Standing.NEW, Standing.NEW, Standing.UNJUDGED, Standing.SAFE):
        ElementFactory(project=project, standing=standing)
    ElementFactory(standing=Standing.NEW)

    page = client.get("/").content.decode()

    assert ("BICAM: 2 elements to judge" in page) == is_said
    assert ("Nothing waits for you." in page) != is_said
    assert ("New data waits to be judged." in page) == is_said


def test_only_the_run_that_counts_now_is_looked_at(client, kari):
    project = ProjectFactory(members={kari: Role.DATA_MANAGER})
    first = make_run(project, State.HELD)
    make_run(project, State.DELIVERED, number=2, transfer=first.transfer)
    ended = make_run(project, State.HELD)
    TransferRequest.objects.filter(pk=ended.transfer_id).update(ended_at=timezone.now())

    waiting = client.get("/").context["waiting"]

    assert waiting.held_count == 0
    assert waiting.is_empty


def test_a_study_that_somebody_assigned_waits_no_longer(client):
    office = UserFactory(data_office=True)
    client.force_login(office)
    StudyFactory()
    make_run(ProjectFactory(), State.REQUESTED)

    assert client.get("/").context["waiting"].study_count == 1


def test_an_approval_that_ends_and_a_chore_are_for_those_who_can_do_something(client, kari):
    soon = timezone.localdate() + timedelta(days=90)
    project = ProjectFactory(acronym="ECTMRI", approval_end=soon, members={kari: Role.OWNER})
    destination = Destination.objects.create(
        name="Forsknings-PACS", ae_title="FPACS", host="127.0.0.1", port=104
    )
    Chore.objects.create(
        destination=destination, project=project, study_instance_uid="2.25.1", instance_count=3
    )

    mine = client.get("/").content.decode()
    client.force_login(UserFactory(data_office=True))
    offices = client.get("/").content.decode()

    assert "ECTMRI ends in 90 days" in mine
    assert "take back by hand" not in mine
    assert "Forsknings-PACS: take back by hand" in offices


def test_progress_counts_what_the_present_step_has_done(client, kari):
    project = ProjectFactory(members={kari: Role.RESEARCHER})
    run = make_run(project, State.DEIDENTIFIED, received_count=4)
    for number in range(4):
        Outcome.objects.create(run=run, state=OutcomeState.MOVING, is_verified=number < 3)

    (progress,) = client.get("/").context["under_way"]

    assert (progress.done, progress.total, progress.sentence) == (3, 4, "Verifying")
    assert progress.address == f"/transfers/{run.transfer_id}/"


def test_htmx_gets_the_list_of_what_is_under_way_alone(client, kari):
    make_run(ProjectFactory(members={kari: Role.RESEARCHER}), State.VERIFIED, received_count=2)

    part = client.get("/", headers={"HX-Request": "true"}).content.decode()

    assert part.strip().startswith("<ul")
    assert "Delivering" in part


def test_projects_are_listed_by_how_they_stand(client, kari):
    today = timezone.localdate()
    ProjectFactory(acronym="ENDED", approval_end=today - timedelta(days=1), members={kari: "owner"})
    ProjectFactory(acronym="ENDING", approval_end=today, members={kari: "owner"})
    held = ProjectFactory(acronym="HELD", members={kari: "owner"})
    make_run(held, State.HELD)
    make_run(held, State.DELIVERED)
    ProjectFactory(acronym="OTHERS")

    shown = {
        chosen: [one.acronym for one in client.get(f"/projects/?show={chosen}").context["projects"]]
        for chosen in ("all", "approved", "ending", "ended", "held", "nonsense")
    }

    assert shown == {
        "all": ["ENDED", "ENDING", "HELD"],
        "approved": ["ENDING", "HELD"],
        "ending": ["ENDING"],
        "ended": ["ENDED"],
        "held": ["HELD"],
        "nonsense": ["ENDED", "ENDING", "HELD"],
    }
    (counted,) = client.get("/projects/?show=held").context["projects"]
    assert (counted.study_count, counted.participant_count, counted.held_count) == (2, 2, 1)


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (-10, -1, "Nothing can be brought in."),
        (-10, 20, "The approval ends in 20 days"),
        (5, 400, "The approval starts on"),
    ],
)
def test_an_overview_says_how_the_approval_stands(client, kari, start, end, said):
    today = timezone.localdate()
    project = ProjectFactory(
        approval_start=today + timedelta(days=start),
        approval_end=today + timedelta(days=end),
        members={kari: Role.OWNER},
    )

    assert said in client.get(f"/projects/{project.acronym}/").content.decode()


def research_study(project, day):
    run = make_run(project, State.DELIVERED)
    return ResearchStudy.objects.create(
        transfer=run.transfer,
        run=run,
        project=project,
        participant=run.transfer.participant,
        event=run.transfer.event,
        study_date=day,
    )


def test_a_year_has_each_of_its_days_once_in_whole_weeks():
    project = ProjectFactory()
    for day in (date(2024, 2, 29), date(2024, 12, 31), date(2024, 12, 31), date(2023, 5, 1)):
        research_study(project, day)

    year = year_of(ResearchStudy.objects.all(), None)

    assert (year.number, year.years, year.total) == (2024, [2023, 2024], 3)
    assert len(year.days) % 7 == 0
    assert year.days[0].day.weekday() == 0
    assert sum(day.step != "out" for day in year.days) == 366
    assert year.busiest.day == date(2024, 12, 31)
    assert {day.day: day.count for day in year.days if day.count} == {
        date(2024, 2, 29): 1,
        date(2024, 12, 31): 2,
    }
    assert year.months == [("February", 1), ("December", 2)]


def test_the_calendar_shows_only_projects_one_sees(client, kari):
    research_study(ProjectFactory(), date(2024, 5, 1))
    mine = ProjectFactory(acronym="MINE", members={kari: Role.RESEARCHER})
    research_study(mine, date(2023, 5, 1))

    assert client.get("/?year=2024").context["year"].years == [2023]
    assert client.get("/?year=x&project=MINE").context["year"].total == 1


def test_projects_and_participants_are_found_among_those_one_sees(client, kari):
    mine = ProjectFactory(acronym="BICAM", members={kari: Role.RESEARCHER})
    other = ProjectFactory(acronym="BICAMX")
    make_run(mine, State.DELIVERED)
    make_run(other, State.DELIVERED)

    found = client.post("/find/", {"typed": "bicam"}).context

    assert list(found["projects"]) == [mine]
    assert [transfer.project for transfer in found["transfers"]] == [mine]
    assert client.get("/find/").status_code == 405
    nothing = client.post("/find/", {"typed": "Oppdiktet"}).content.decode()
    assert "No project and no participant" in nothing
