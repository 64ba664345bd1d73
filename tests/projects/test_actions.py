"""Making and governing projects: rights, rules, records."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from intake.models import Study
from projects import actions
from projects.models import AuditEvent, Membership, Participant, Project, ProjectYear
from projects.roles import Role
from tests.factories import ParticipantFactory, ProjectFactory, StudyFactory, UserFactory


def asked(**others):
    today = timezone.localdate()
    return {
        "acronym": "BICAM",
        "approval_number": "2019/1234",
        "approval_start": today,
        "approval_end": today + timedelta(days=365),
        "participant_pattern": "BICAM_{n:04}",
        **others,
    }


@pytest.mark.django_db
def test_the_data_office_makes_a_project_with_number_key_events_owner_and_record():
    office, kari = UserFactory(data_office=True), UserFactory()

    project = actions.create_project(
        by=office, owner=kari, **asked(events=["baseline", "12month"], end_action="anonymise")
    )

    year = timezone.localdate().year % 100
    assert project.number == f"P{year:02}_01"
    assert len(project.key) == 32
    assert [event.name for event in project.events.all()] == ["baseline", "12month"]
    assert Membership.objects.get(project=project).role == Role.OWNER
    assert project.end_action == "anonymise"
    assert AuditEvent.objects.about(project).get().verb == "created"


@pytest.mark.django_db
@pytest.mark.parametrize("role", Role)
def test_nobody_else_makes_projects(role):
    somebody = UserFactory()
    ProjectFactory(members={somebody: role})

    with pytest.raises(PermissionDenied):
        actions.create_project(by=somebody, **asked(acronym="OTHER"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"acronym": "bicam"}, "capitals and digits"),
        ({"acronym": "BI"}, "capitals and digits"),
        ({"approval_end": timezone.localdate() - timedelta(days=1)}, "ends before it starts"),
        ({"participant_pattern": "(?=x)"}, "The pattern may use"),
    ],
)
def test_a_project_that_breaks_a_rule_is_refused_in_a_sentence_and_uses_no_number(wrong, sentence):
    office = UserFactory(data_office=True)

    with pytest.raises(ValidationError, match=sentence):
        actions.create_project(by=office, **asked(**wrong))

    assert not Project.objects.exists()
    assert not ProjectYear.objects.filter(last__gt=0).exists()


@pytest.mark.django_db
def test_the_hundredth_project_of_a_year_is_refused():
    ProjectYear.objects.create(year=2031, last=98)

    number = actions.next_project_number(2031)

    assert number == "P31_99"
    with pytest.raises(ValidationError, match="All 99"):
        actions.next_project_number(2031)


@pytest.mark.django_db
def test_the_database_too_counts_no_further_than_ninety_nine():
    with pytest.raises(IntegrityError, match="at_most_99_projects_a_year"):
        ProjectYear.objects.create(year=2031, last=100)


@pytest.mark.django_db(transaction=True)
def test_projects_made_at_the_same_moment_get_different_numbers():
    workers, each = 2, 5
    starting = Barrier(workers)

    def take():
        try:
            starting.wait(10)
            taken = []
            for _ in range(each):
                with transaction.atomic():
                    taken.append(actions.next_project_number(2031))
            return taken
        finally:
            connection.close()

    with ThreadPoolExecutor(workers) as pool:
        numbers = [n for job in [pool.submit(take) for _ in range(workers)] for n in job.result()]

    assert sorted(numbers) == [f"P31_{n:02}" for n in range(1, workers * each + 1)]


@pytest.mark.django_db
def test_a_pattern_that_leaves_participants_out_is_refused():
    kari = UserFactory()
    project = ProjectFactory(acronym="BICAM", members={kari: Role.OWNER})
    ParticipantFactory(project=project, pseudonym="BICAM_0001")

    with pytest.raises(ValidationError, match="1 of the project's participants"):
        actions.change_project(by=kari, project=project, participant_pattern="BICAM-{n:03}")

    actions.change_project(by=kari, project=project, participant_pattern="BICAM_{n}")
    project.refresh_from_db()
    assert project.pattern.matches("BICAM_0001")


@pytest.mark.django_db
def test_acronym_and_number_cannot_be_changed():
    kari = UserFactory()
    project = ProjectFactory(members={kari: Role.OWNER})

    with pytest.raises(ValidationError, match="cannot be changed"):
        actions.change_project(by=kari, project=project, acronym="OTHER")


@pytest.mark.django_db
def test_the_last_owner_can_neither_leave_nor_become_something_else():
    kari, ola = UserFactory(), UserFactory()
    project = ProjectFactory(members={kari: Role.OWNER})
    membership = project.memberships.get()

    with pytest.raises(ValidationError, match="at least one owner"):
        actions.remove_member(by=kari, membership=membership)
    with pytest.raises(ValidationError, match="at least one owner"):
        actions.set_member(by=kari, project=project, user=kari, role=Role.RESEARCHER)

    actions.set_member(by=kari, project=project, user=ola, role=Role.OWNER)
    actions.remove_member(by=kari, membership=membership)
    assert [member.user for member in project.memberships.all()] == [ola]


@pytest.mark.django_db
def test_a_participant_is_made_once_with_site_secret_and_record():
    kari = UserFactory()
    project = ProjectFactory(
        acronym="BICAM",
        participant_pattern="BICAM_{site:02}_{n:04}",
        sites=["Bergen", "Oslo"],
        members={kari: Role.DATA_MANAGER},
    )

    made = actions.ensure_participant(by=kari, project=project, pseudonym="BICAM_02_0001")
    again = actions.ensure_participant(by=kari, project=project, pseudonym="BICAM_02_0001")

    assert made == again
    assert made.site.name == "Oslo"
    assert len(made.secret) == 32
    assert AuditEvent.objects.about(made).count() == 1


@pytest.mark.django_db
def test_an_identifier_that_does_not_fit_is_refused_by_action_and_database():
    kari = UserFactory()
    project = ProjectFactory(acronym="BICAM", members={kari: Role.OWNER})

    with pytest.raises(ValidationError, match="expects identifiers such as"):
        actions.ensure_participant(by=kari, project=project, pseudonym="OTHER_1")
    with pytest.raises(IntegrityError, match="pseudonym_fits_the_pattern"):
        Participant.objects.create(project=project, pseudonym="OTHER_1")


@pytest.mark.django_db
def test_the_next_free_identifier_follows_the_highest():
    project = ProjectFactory(acronym="BICAM")
    ParticipantFactory(project=project, pseudonym="BICAM_0007")

    assert actions.next_pseudonym(project) == "BICAM_0008"
    assert actions.next_pseudonym(ProjectFactory(participant_pattern="S[0-9]{3}")) == ""


@pytest.mark.django_db
def test_an_event_or_a_site_cannot_be_there_twice():
    kari = UserFactory()
    project = ProjectFactory(members={kari: Role.OWNER}, events=["baseline"], sites=["Bergen"])

    with pytest.raises(ValidationError, match="has baseline already"):
        actions.add_event(by=kari, project=project, name="baseline")
    with pytest.raises(ValidationError, match="has this number"):
        actions.add_site(by=kari, project=project, code=1, name="Oslo")
    with pytest.raises(ValidationError, match="letters, digits"):
        actions.add_event(by=kari, project=project, name="six months")


@pytest.mark.django_db
def test_only_the_data_office_gives_out_an_ae_title_because_it_opens_the_studies_sent_to_it():
    kari, office = UserFactory(), UserFactory(data_office=True)
    project = ProjectFactory(members={kari: Role.OWNER}, ae_title="")
    study = StudyFactory(called_ae_title="RDMA")

    with pytest.raises(ValidationError, match="data office gives out"):
        actions.change_project(by=kari, project=project, ae_title="RDMA")

    project.refresh_from_db()
    assert not Study.objects.visible_to(kari).exists()
    actions.change_project(by=office, project=project, ae_title="RDMA")
    assert list(Study.objects.visible_to(kari)) == [study]
