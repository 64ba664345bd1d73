"""What de-identification did in a transfer: kept with the run, shown to who may see it."""

from pathlib import Path

import pytest
from django.urls import reverse

from intake.models import Instance
from projects.models import AuditEvent
from projects.roles import Role
from projects.storage import storage
from tests.datasets import make_mr_series
from tests.factories import ProjectFactory, UserFactory
from tests.transfers.arrange import make_desk, quarantine, request, run_to_the_end
from tests.transfers.test_pages import signed_in
from transfers.models import PlanVersion, StoredPlan
from transfers.planning import current_plan, plan_digest

pytestmark = pytest.mark.django_db

NAME = "Fjell^Turid Aasen"


@pytest.fixture
def desk():
    return make_desk()


def transferred(desk, folder: Path, pseudonym: str = "BICAM_0001"):
    make_mr_series(folder, n=3, patient_name=NAME)
    (study,) = quarantine(folder, desk.kari)
    transfer = request(desk, study, pseudonym)
    run_to_the_end(transfer)
    return transfer


def page_of(transfer) -> str:
    return reverse("transfer-plan", args=[transfer.pk])


def test_the_plan_of_a_run_is_stored_without_identity(desk, tmp_path):
    transfer = transferred(desk, tmp_path / "in")

    run = transfer.runs.get()
    stored = StoredPlan.objects.get()

    assert stored.digest == run.plan_digest
    assert stored.data["profile"] == "research"
    assert len(stored.data["rows"]) > 600
    assert "BICAM" not in str(stored.data)
    assert NAME.split("^", maxsplit=1)[0] not in str(stored.data)


def test_what_was_done_is_counted_once_for_every_image(desk, tmp_path):
    run = transferred(desk, tmp_path / "in").runs.get()

    assert run.changes["U"] >= 9
    assert {number % 3 for number in run.changes.values()} == {0}, "three images alike"


def test_the_page_shows_plan_counts_and_every_decision_with_its_row(desk, tmp_path):
    transfer = transferred(desk, tmp_path / "in")

    page = signed_in(desk.kari).get(page_of(transfer))

    assert "profile research" in page.text
    assert "113100" in page.text
    assert "UID replaced" in page.text
    assert "E.1-1 Study Date: Z, C by modified dates" in page.text
    assert (
        page_of(transfer)
        in signed_in(desk.kari).get(reverse("transfer-detail", args=[transfer.pk])).text
    )


def test_decisions_are_searched_by_words_and_chosen_by_action(desk, tmp_path):
    transfer = transferred(desk, tmp_path / "in")
    client = signed_in(desk.kari)

    found = client.post(page_of(transfer), {"words": "operators name"}).text
    removed = client.get(page_of(transfer) + "?action=X").text
    nothing = client.post(page_of(transfer), {"words": "xyzzy"}).text
    odd = client.get(page_of(transfer) + "?action=%3Cb%3E").text

    assert "(0008,1070)" in found
    assert "(0008,0018)" not in found
    assert "(0008,0018)" not in removed
    assert "No row fits" in nothing
    assert "(0008,0018)" in odd, "an action that does not exist chooses nothing"


def test_holes_of_a_profile_are_said_where_it_was_used(desk, tmp_path):
    current_plan(desk.project)
    PlanVersion.objects.create(
        project=desk.project,
        number=2,
        profile="mmiv-2019",
        options=["era-2021"],
        digest=plan_digest("mmiv-2019", ["era-2021"]),
    )
    transfer = transferred(desk, tmp_path / "in")

    page = signed_in(desk.kari).get(page_of(transfer)).text

    assert "mmiv-2019, era-2021" in page
    assert "unkeyed hashes" in page


def test_one_image_is_explained_without_values_and_looking_is_audited(desk, tmp_path):
    transfer = transferred(desk, tmp_path / "in")
    outcome = transfer.runs.get().outcomes.first()
    client = signed_in(desk.kari)
    address = reverse("instance-explained", args=[transfer.pk, outcome.pk])

    linked = address in client.get(page_of(transfer)).text
    page = client.get(address).text

    assert linked
    assert "PatientName" in page
    assert "person name" in page
    assert "written by de-identification" in page
    assert "Fjell" not in page
    assert AuditEvent.objects.about(transfer).filter(verb="explained").count() == 1


def test_an_image_that_left_quarantine_cannot_be_explained_any_more(desk, tmp_path):
    transfer = transferred(desk, tmp_path / "in")
    outcome = transfer.runs.get().outcomes.first()
    storage().delete(Instance.objects.get(pk=outcome.instance_id).key)

    page = signed_in(desk.kari).get(reverse("instance-explained", args=[transfer.pk, outcome.pk]))

    assert page.status_code == 200
    assert "has left quarantine" in page.text


@pytest.mark.parametrize(
    ("role", "plan", "explained"),
    [
        (Role.ADMINISTRATOR, 200, 200),
        (Role.RESEARCHER, 200, 403),
        (Role.CONTROLLER, 200, 403),
        (None, 404, 404),
    ],
)
def test_members_see_the_plan_and_who_may_see_identified_data_an_image(
    desk, tmp_path, role, plan, explained
):
    transfer = transferred(desk, tmp_path / "in")
    outcome = transfer.runs.get().outcomes.first()
    user = UserFactory()
    if role is None:
        ProjectFactory(acronym="ECTMRI", members={user: Role.OWNER})
    else:
        desk.project.memberships.create(user=user, role=role)
    client = signed_in(user)
    address = reverse("instance-explained", args=[transfer.pk, outcome.pk])

    page = client.get(page_of(transfer))

    assert page.status_code == plan
    assert (address in page.text) == (explained == 200)
    assert client.get(address).status_code == explained


def test_an_image_of_another_transfer_is_not_found(desk, tmp_path):
    mine = transferred(desk, tmp_path / "in")
    other = transferred(desk, tmp_path / "other", "BICAM_0002")
    outcome = other.runs.get().outcomes.first()

    answer = signed_in(desk.kari).get(reverse("instance-explained", args=[mine.pk, outcome.pk]))

    assert answer.status_code == 404
