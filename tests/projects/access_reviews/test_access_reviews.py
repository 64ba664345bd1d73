"""Reviews of access: opened by time, answered by somebody else, done at once, told to auditors."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from projects.access_reviews.opening import open_due_reviews
from projects.actions import set_member
from projects.models import AccessAnswer, AccessReview, AuditEvent, DataKey, Project, User
from projects.models.people import Source
from projects.roles import HospitalRole, Role
from tests.factories import ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db
HALF_A_YEAR = timedelta(days=183)


@pytest.fixture
def owner():
    return UserFactory(username="owner")


@pytest.fixture
def office():
    return UserFactory(username="office", data_office=True)


@pytest.fixture
def researcher():
    return UserFactory(username="researcher", first_name="=Ola")


@pytest.fixture
def project(owner, researcher):
    project = ProjectFactory(
        acronym="BICAM", members={owner: Role.OWNER, researcher: Role.RESEARCHER}
    )
    Project.objects.update(created_at=timezone.now() - HALF_A_YEAR)
    return project


@pytest.fixture
def page(client):
    """Load or answer a review's page as somebody: `page(owner, {researcher: "keep"})`."""

    def page(person, answers=None, *, of="BICAM", **more):
        client.force_login(person)
        address = (
            reverse("project-access-review", args=[of]) if of else reverse("hospital-access-review")
        )
        if answers is None:
            return client.get(address)
        posted = {f"answer-{one.pk}": word for one, word in answers.items()}
        return client.post(address, posted | more)

    return page


def test_a_review_opens_half_a_year_after_the_project_was_made_and_only_once(project):
    ProjectFactory(acronym="YOUNG", members={UserFactory(): Role.OWNER})

    opened = [open_due_reviews(), open_due_reviews()]

    assert [[one.project for one in some] for some in opened] == [[project], []]
    assert (opened[0][0].due_on - timezone.localdate()).days == 30


def test_the_next_one_opens_half_a_year_after_the_last_ended(project, owner):
    AccessReview.objects.create(
        project=project,
        due_on=timezone.localdate(),
        opened_at=timezone.now() - timedelta(days=200),
        closed_at=timezone.now() - timedelta(days=181),
    )
    too_early = open_due_reviews()

    AccessReview.objects.update(closed_at=timezone.now() - HALF_A_YEAR)

    assert too_early == []
    assert len(open_due_reviews()) == 1


def test_the_hospital_wide_roles_are_reviewed_as_well(office):
    DataKey.objects.update(created_at=timezone.now() - HALF_A_YEAR)

    assert [one.project for one in open_due_reviews()] == [None]


def test_two_reviews_of_the_same_are_never_open_at_once(project):
    day = timezone.localdate()
    for subject in (project, None):
        AccessReview.objects.create(project=subject, due_on=day)

        with pytest.raises(IntegrityError, match="one_open_access_review"), transaction.atomic():
            AccessReview.objects.create(project=subject, due_on=day)


def test_an_owner_keeps_the_others_and_the_data_office_the_owner_and_then_it_ends(
    project, owner, researcher, office, page
):
    (review,) = open_due_reviews()

    page(owner, {researcher: "keep"})
    review.refresh_from_db()
    still_open = review.closed_at is None
    page(office, {owner: "keep"})
    review.refresh_from_db()

    assert still_open
    assert review.closed_at is not None
    assert set(review.answers.values_list("user", "answer", "answered_by")) == {
        (researcher.pk, "keep", owner.pk),
        (owner.pk, "keep", office.pk),
    }
    verbs = list(AuditEvent.objects.order_by("pk").values_list("verb", "actor"))
    assert verbs[-4:] == [
        ("opened_access_review", None),
        ("confirmed_access", owner.pk),
        ("confirmed_access", office.pk),
        ("ended_access_review", office.pk),
    ]


def test_nobody_confirms_their_own_access(project, owner, page):
    (review,) = open_due_reviews()

    answer = page(owner, {owner: "keep"})

    assert answer.status_code == 422
    assert "Nobody confirms their own access" in answer.content.decode()
    assert "This is you." in page(owner).content.decode()
    with pytest.raises(IntegrityError, match="nobody_confirms"), transaction.atomic():
        AccessAnswer.objects.create(
            review=review, user=owner, answered_by=owner, role="owner", answer="keep"
        )


def test_who_gets_another_role_after_the_answer_is_asked_about_again(
    project, owner, researcher, office, page
):
    (review,) = open_due_reviews()
    page(office, {researcher: "keep"})
    set_member(by=owner, project=project, user=researcher, role=Role.OWNER)

    page(office, {owner: "keep"})
    review.refresh_from_db()
    was_open = review.closed_at is None
    asked_again = page(office).content.decode()
    page(office, {researcher: "keep"})

    review.refresh_from_db()
    assert was_open
    assert f'name="answer-{researcher.pk}"' in asked_again
    assert review.closed_at is not None
    assert AccessAnswer.objects.get(user=researcher).role == Role.OWNER


def test_an_answer_to_a_role_that_was_not_shown_is_not_taken(
    project, owner, researcher, office, page
):
    open_due_reviews()
    shown = page(office).content.decode()
    set_member(by=owner, project=project, user=researcher, role=Role.OWNER)

    said = page(office, {researcher: "keep"}, **{f"about-{researcher.pk}": "researcher"})

    assert f'name="about-{researcher.pk}" value="researcher"' in shown
    assert said.status_code == 422
    assert "has another role by now" in said.content.decode()
    assert not AccessAnswer.objects.exists()


def test_another_role_and_a_removal_take_effect_at_once(project, owner, researcher, page):
    other = UserFactory(username="other")
    project.memberships.create(user=other, role=Role.DATA_MANAGER)
    open_due_reviews()

    answers = {researcher: "change", other: "remove"}
    page(owner, answers, **{f"role-{researcher.pk}": "controller"})

    assert dict(project.memberships.values_list("user__username", "role")) == {
        "owner": "owner",
        "researcher": "controller",
    }
    assert set(AccessAnswer.objects.values_list("user", "role", "new_role")) == {
        (researcher.pk, "researcher", "controller"),
        (other.pk, "data_manager", ""),
    }


def test_nothing_is_called_saved_that_was_not_said(project, owner, researcher, page):
    (review,) = open_due_reviews()
    other_role = {f"role-{researcher.pk}": "controller"}

    empty, half_said = page(owner, {}), page(owner, {}, **other_role)

    assert (empty.status_code, half_said.status_code) == (422, 422)
    assert "Choose an answer for at least one person." in empty.content.decode()
    told = half_said.content.decode()
    assert "choose “Change to” as well" in told
    assert '<option value="controller" selected>' in told
    assert not review.answers.exists()


def test_the_page_says_how_many_are_answered_for(project, owner, researcher, page):
    open_due_reviews()

    before = page(owner).content.decode()
    page(owner, {researcher: "keep"})

    assert "0 of 2 are answered for." in before
    assert "1 of 2 is answered for." in page(owner).content.decode()


def test_an_answer_that_a_rule_forbids_saves_none_of_them(project, owner, researcher, office, page):
    (review,) = open_due_reviews()

    answer = page(office, {researcher: "keep", owner: "remove"})

    assert answer.status_code == 422
    assert "keeps at least one owner" in answer.content.decode()
    assert not review.answers.exists()
    assert not AuditEvent.objects.filter(verb="confirmed_access").exists()


def test_who_is_there_by_the_directory_leaves_by_the_directory(project, owner, researcher, page):
    project.memberships.filter(user=researcher).update(source=Source.DIRECTORY)
    open_due_reviews()

    answer = page(owner, {researcher: "remove"})

    assert "Ask for them to leave the group" in answer.content.decode()
    assert project.memberships.filter(user=researcher).exists()


def test_auditors_keep_hospital_roles_and_the_data_office_takes_them(office, page):
    auditor = UserFactory(username="auditor", auditor=True)
    late = UserFactory(username="late", data_office=True)
    AccessReview.objects.create(due_on=timezone.localdate())

    refused = page(auditor, {late: "remove"}, of="")
    page(auditor, {office: "keep"}, of="")
    page(office, {late: "remove", auditor: "keep"}, of="")

    assert refused.status_code == 403
    assert User.objects.get(pk=late.pk).hospital_role == HospitalRole.NONE
    assert AuditEvent.objects.get(verb="set_hospital_role").facts == {"hospital_role": "none"}
    assert AccessReview.objects.get().closed_at is not None


def test_an_overdue_review_is_on_the_home_page_of_owner_and_data_office_and_of_no_other(
    project, owner, researcher, office, client
):
    open_due_reviews()
    told = {}
    for when, due in (("waits", 5), ("overdue", -1)):
        AccessReview.objects.update(due_on=timezone.localdate() + timedelta(days=due))
        for person in (owner, office, researcher):
            client.force_login(person)
            told[when, person.username] = (
                "BICAM: who still needs access?" in client.get("/").content.decode()
            )

    assert {key for key, is_told in told.items() if is_told} == {
        ("waits", "owner"),
        ("overdue", "owner"),
        ("overdue", "office"),
    }


def test_the_report_names_everybody_with_role_sites_and_rights_and_runs_no_formula(
    project, researcher, office, client
):
    client.force_login(office)

    lines = client.get(reverse("access-csv")).content.decode().splitlines()
    of_project = client.get(reverse("project-access", args=["BICAM"])).content.decode()
    of_person = client.get(reverse("access-person", args=[researcher.pk])).content.decode()

    assert lines[0].startswith("project,number,user_name,name,account,can_sign_in,role,sites,")
    assert sorted(line.split(",")[2] for line in lines[1:]) == ["office", "owner", "researcher"]
    assert (
        f"BICAM,{project.number},researcher,'=Ola Moen,Person,yes,Researcher,all,no," in of_project
    )
    assert "office" not in of_project
    assert "Researcher" in of_person
    assert AuditEvent.objects.filter(verb="exported_access", actor=office).count() == 2


def test_a_closed_review_takes_no_answers_and_another_can_be_opened_early(
    project, owner, researcher, client
):
    client.force_login(owner)

    client.post(reverse("project-access-review-start", args=["BICAM"]))
    client.post(reverse("project-access-review-start", args=["BICAM"]))

    assert AccessReview.objects.filter(project=project).count() == 1
