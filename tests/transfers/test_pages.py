"""The pages of transfers, and who may open them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from intake.models import Lookup
from projects.models import AuditEvent
from projects.roles import Role
from tests.datasets import make_mr_series
from tests.factories import ParticipantFactory, ProjectFactory, StudyFactory, UserFactory
from tests.transfers.arrange import make_desk, quarantine, request, run_to_the_end
from tests.transfers.hidden_names import BLOCK, earlier_study, study_with
from transfers import actions
from transfers.actions.requests import start_run
from transfers.models import Finding, TransferRequest
from transfers.states import State

pytestmark = pytest.mark.django_db

NAME = "Fjell^Turid Aasen"


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.fixture
def desk():
    return make_desk()


@pytest.fixture
def held(desk, tmp_path):
    """A transfer whose one image is held."""
    earlier_study(tmp_path / "before", desk)
    study = study_with(tmp_path / "in", desk, BLOCK, n=1)
    transfer = request(desk, study)
    run_to_the_end(transfer)
    return transfer


class TestAssigning:
    """/assign/, from the list to the transfer."""

    def test_study_is_transferred_after_the_facts_were_confirmed(self, desk, tmp_path):
        make_mr_series(tmp_path / "in", n=2, patient_name=NAME)
        (study,) = quarantine(tmp_path / "in", desk.kari)
        client = signed_in(desk.kari)
        answers = {
            "project": desk.project.pk,
            "pseudonym": "BICAM_0001",
            "event": desk.project.events.first().pk,
        }
        address = reverse("assign-request", args=[study.pk])

        asked = client.post(address, answers)
        before = TransferRequest.objects.count()
        done = client.post(address, answers | {"sure": "yes"})

        assert "becomes BICAM_0001, baseline" in asked.text
        assert before == 0
        transfer = TransferRequest.objects.get()
        assert done.headers["Location"] == reverse("transfer-detail", args=[transfer.pk])

    @pytest.mark.parametrize(
        ("wrong", "sentence"),
        [
            ({"pseudonym": "WRONG"}, "expects identifiers such as BICAM_0001"),
            ({"pseudonym": ""}, "This field is required"),
            ({"event": ""}, "This field is required"),
        ],
    )
    def test_wrong_answers_are_said_beside_the_field_and_nothing_is_lost(
        self, desk, wrong, sentence
    ):
        study = StudyFactory(brought_by=desk.kari)
        answers = {
            "project": desk.project.pk,
            "pseudonym": "BICAM_0001",
            "event": desk.project.events.first().pk,
        } | wrong

        answer = signed_in(desk.kari).post(
            reverse("assign-request", args=[study.pk]), answers | {"sure": "yes"}
        )

        assert answer.status_code == 422
        assert sentence in answer.text
        assert not TransferRequest.objects.exists()

    def test_project_outside_its_approval_is_refused_in_the_form(self):
        from datetime import date

        desk = make_desk(approval_start=date(2020, 1, 1), approval_end=date(2020, 12, 31))
        ProjectFactory(members={desk.kari: Role.ADMINISTRATOR})  # where they may still assign
        study = StudyFactory(brought_by=desk.kari)

        answer = signed_in(desk.kari).post(
            reverse("assign-request", args=[study.pk]),
            {
                "project": desk.project.pk,
                "pseudonym": "BICAM_0001",
                "event": desk.project.events.first().pk,
                "sure": "yes",
            },
        )

        assert answer.status_code == 422
        assert "nothing can be transferred" in answer.text

    def test_quarantine_is_closed_to_whoever_has_no_approved_project(self):
        yesterday = timezone.localdate() - timedelta(days=1)
        desk = make_desk(approval_end=yesterday)
        study = StudyFactory(brought_by=desk.kari)

        answer = signed_in(desk.kari).get(reverse("assign-study", args=[study.pk]))

        assert answer.status_code == 404

    def test_name_of_the_patient_is_not_on_the_page(self, desk):
        StudyFactory(brought_by=desk.kari, patient_name="Fjell^Turid")

        answer = signed_in(desk.kari).get(reverse("assign"))

        assert answer.status_code == 200
        assert "Fjell" not in answer.text

    def test_known_patient_is_offered_under_the_pseudonym_it_has(self, desk):
        study = StudyFactory(brought_by=desk.kari)
        later = StudyFactory(brought_by=desk.kari, patient=study.patient)
        participant = ParticipantFactory(project=desk.project, pseudonym="BICAM_0042")
        TransferRequest.objects.create(
            study=study,
            project=desk.project,
            participant=participant,
            event=desk.project.events.first(),
        )

        answer = signed_in(desk.kari).get(reverse("assign-study", args=[later.pk]))

        assert 'value="BICAM_0042"' in answer.text
        assert "Known participant: the same patient" in answer.text

    def test_strangers_study_is_found_only_by_its_exact_number_and_the_look_up_is_audited(
        self, desk
    ):
        study = StudyFactory(accession_number="A-4711")
        client = signed_in(desk.kari)
        address = reverse("assign-study", args=[study.pk])

        unseen = client.get(address)
        client.post(reverse("assign-look-up"), {"text": "A-471"})
        still_unseen = client.get(address)
        client.post(reverse("assign-look-up"), {"text": "A-4711"})
        seen = client.get(address)

        assert (unseen.status_code, still_unseen.status_code, seen.status_code) == (404, 404, 200)
        assert Lookup.objects.get().user == desk.kari
        assert AuditEvent.objects.filter(verb="looked_up").count() == 2
        facts = str(list(AuditEvent.objects.values_list("facts", flat=True)))
        assert "4711" not in facts

    def test_list_takes_as_many_queries_for_thirty_studies_as_for_three(self, desk):
        client = signed_in(desk.kari)
        StudyFactory.create_batch(3, brought_by=desk.kari)
        client.get(reverse("assign"))  # the first page of a session writes down when that was
        three = queries_of(client, reverse("assign"))

        StudyFactory.create_batch(27, brought_by=desk.kari)
        client.get(reverse("assign"))  # that more are shown is written down
        thirty = queries_of(client, reverse("assign"))

        assert thirty == three


@pytest.mark.parametrize(
    ("role", "detail", "release"),
    [
        (Role.OWNER, 200, 403),
        (Role.ADMINISTRATOR, 200, 302),
        (Role.DATA_MANAGER, 200, 302),
        (Role.RESEARCHER, 200, 403),
        (Role.CONTROLLER, 200, 403),
        (None, 404, 404),
    ],
)
def test_who_sees_a_transfer_and_who_decides_about_it(desk, held, role, detail, release):
    user = UserFactory()
    if role is None:
        ProjectFactory(acronym="ECTMRI", members={user: Role.OWNER})
    else:
        desk.project.memberships.create(user=user, role=role)
    client = signed_in(user)
    finding = Finding.objects.get()

    seen = client.get(reverse("transfer-detail", args=[held.pk]))
    desk_page = client.get(reverse("held"))
    decided = client.post(
        reverse("finding-release", args=[finding.pk]), {"reason": "Looked at, nothing in it."}
    )

    assert seen.status_code == detail
    assert ("private element 2A of GEMS_PARM_01" in desk_page.text) == (detail == 200)
    assert decided.status_code == release
    finding.refresh_from_db()
    assert (finding.verdict == "released") == (release == 302)


@pytest.mark.parametrize("name", ["assign", "transfer-list", "held"])
def test_nobody_gets_in_without_signing_in(name):
    answer = Client().get(reverse(name))

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("sign-in"))


def test_researcher_cannot_assign(desk):
    researcher = UserFactory()
    desk.project.memberships.create(user=researcher, role=Role.RESEARCHER)

    assert signed_in(researcher).get(reverse("assign")).status_code == 403


def test_rejection_is_told_with_its_reason_and_the_sum_holds(desk, held):
    client = signed_in(desk.kari)
    finding = Finding.objects.get()

    client.post(reverse("finding-reject", args=[finding.pk]), {"reason": "A name is in it."})
    page = client.get(reverse("transfer-detail", args=[held.pk]))

    assert held.runs.get().counts()["rejected"] == 1
    assert "It adds up" in page.text


def test_verdict_without_a_reason_changes_nothing(desk, held):
    finding = Finding.objects.get()

    signed_in(desk.kari).post(reverse("finding-release", args=[finding.pk]), {"reason": " "})

    finding.refresh_from_db()
    assert finding.verdict == "open"
    assert held.runs.get().state == State.HELD


def test_cancelling_asks_to_type_the_pseudonym(desk, held):
    client = signed_in(desk.kari)
    address = reverse("transfer-cancel", args=[held.pk])

    client.post(address, {"pseudonym": "BICAM_0002"})
    held.refresh_from_db()
    was_live = held.is_live
    client.post(address, {"pseudonym": "BICAM_0001"})

    held.refresh_from_db()
    assert was_live
    assert not held.is_live


def test_transfer_that_was_cancelled_or_moved_says_so_and_not_what_its_run_once_was(desk, tmp_path):
    make_mr_series(tmp_path / "mr", n=1, patient_name=NAME)
    (study,) = quarantine(tmp_path / "mr", desk.kari)
    event = desk.project.events.first()
    wrong = actions.request_transfer(
        by=desk.kari, study=study, project=desk.project, pseudonym="BICAM_0001", event=event
    )
    run_to_the_end(wrong)
    client = signed_in(desk.kari)

    moved = actions.move_transfer(by=desk.kari, transfer=wrong, pseudonym="BICAM_0002")
    run_to_the_end(moved)
    actions.cancel_transfer(by=desk.kari, transfer=moved)
    pages = [client.get(reverse("transfer-detail", args=[t.pk])).text for t in (wrong, moved)]
    listed = client.get(reverse("transfer-list") + "?show=ended").text

    assert "Moved to" in pages[0]
    assert "<p>Cancelled." in pages[1]
    assert not any("Everything that may leave has arrived" in page for page in pages)
    assert listed.count(">Moved<") == 1
    assert listed.count(">Cancelled<") == 1


def test_list_of_transfers_takes_a_constant_number_of_queries(desk):
    client = signed_in(desk.kari)
    address = reverse("transfer-list") + "?project=BICAM"

    def add(count: int) -> None:
        for _ in range(count):
            transfer = TransferRequest.objects.create(
                study=StudyFactory(),
                project=desk.project,
                participant=ParticipantFactory(project=desk.project),
                event=desk.project.events.first(),
                requested_by=desk.kari,
            )
            start_run(transfer)

    add(2)
    client.get(address)  # the first page of a session writes down when that was
    two = queries_of(client, address)
    add(18)
    twenty = queries_of(client, address)

    assert client.get(address).text.count("BICAM_") >= 20
    assert twenty == two
