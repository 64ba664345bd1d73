"""The record as people take it away: a page for the file, the text, the checksums, REST."""

import hashlib
import io
import json
import re

import pytest
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from projects.canonical import canonical, digest_of
from projects.chain.sealing import seal_audit
from projects.roles import Role
from tests.factories import ParticipantFactory, StudyFactory, UserFactory
from tests.transfers.arrange import add_destination
from transfers.models import Delivery, Finding, Outcome, PlanVersion, Run, TransferRequest
from transfers.pipeline.recording import record_runs
from transfers.proving import newest_record
from transfers.record_pdf import draw_record
from transfers.states import DeliveryState, OutcomeState, State

pytestmark = pytest.mark.django_db


@pytest.fixture
def kari():
    return UserFactory(first_name="Åse", last_name="Ødegård")


@pytest.fixture
def transfer(kari):
    """A transfer that delivered one image and still holds another, as rows alone."""
    participant = ParticipantFactory(project__acronym="BICAM", pseudonym="BICAM_0007")
    project = participant.project
    project.memberships.create(user=kari, role=Role.DATA_MANAGER)
    transfer = TransferRequest.objects.create(
        study=StudyFactory(),
        project=project,
        participant=participant,
        event=project.events.first(),
        requested_by=kari,
    )
    plan = PlanVersion.objects.create(project=project, number=1, digest="0" * 64)
    run = Run.objects.create(
        transfer=transfer, plan_version=plan, state=State.HELD, received_count=2
    )
    for number, state in enumerate((OutcomeState.DELIVERED, OutcomeState.HELD), start=1):
        Outcome.objects.create(
            run=run,
            state=state,
            is_verified=True,
            digest=f"{number:064x}",
            sop_instance_uid=f"2.25.{number}",
        )
    return transfer


@pytest.fixture
def client(kari):
    client = Client()
    client.force_login(kari)
    return client


def text_of(pdf):
    reader = PdfReader(io.BytesIO(pdf))
    assert len(reader.pages) == 1
    return reader.pages[0].extract_text()


def find(run, count):
    """Let `count` findings of different places stand in the run."""
    Finding.objects.bulk_create(
        Finding(
            run=run,
            outcome=run.outcomes.last(),
            kind="name",
            path=f"(0029,10{number:02})",
            sure="certain",
            sentence="A name.",
            fingerprint=f"{number:064x}",
        )
        for number in range(count)
    )


def test_the_page_says_what_was_done_and_can_be_proved(client, transfer):
    record_runs()
    record = newest_record(transfer)
    [seal] = seal_audit()

    answer = client.get(f"/transfers/{transfer.pk}/record.pdf")

    said = text_of(answer.content)
    assert answer["Content-Type"] == "application/pdf"
    assert "BICAM_0007, baseline" in said
    assert "by Åse Ødegård" in said
    assert "1 delivered, 1 held" in said
    assert record.digest in said
    assert seal.digest in said
    assert f"{seal.number}, made" in said


def test_the_page_says_where_it_went_and_what_is_missing_there(client, transfer):
    run = transfer.latest_run
    destination = add_destination(transfer.project, name="PACS på MR", port=104)
    Delivery.objects.create(run=run, destination=destination, state=DeliveryState.SHORT)
    record_runs()

    [told] = newest_record(transfer).said["facts"]["deliveries"]
    said = text_of(client.get(f"/transfers/{transfer.pk}/record.pdf").content)

    assert (told["destination"], told["state"]) == ("PACS på MR", "short")
    assert (told["to_send"], told["confirmed"]) == (1, 0)
    assert DeliveryState.SHORT.label in said
    assert "0 of 1" in said


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        (["name"], "no error that the originals did not have"),
        (["conformance", "reference", "name"], "2 findings, below"),
        (["agreement"], "1 finding, below"),
    ],
)
def test_the_page_says_whether_the_outputs_conform(client, transfer, kinds, said):
    run = transfer.latest_run
    Run.objects.filter(pk=run.pk).update(verified_at=timezone.now())
    find(run, len(kinds))
    for finding, kind in zip(run.findings.all(), kinds, strict=True):
        Finding.objects.filter(pk=finding.pk).update(kind=kind)
    record_runs()

    page = text_of(client.get(f"/transfers/{transfer.pk}/record.pdf").content)

    assert f"Conformance\n{said}" in page or f"Conformance {said}" in page


def test_the_same_record_gives_the_same_page(transfer):
    record_runs()
    record = newest_record(transfer)

    assert draw_record(record, None) == draw_record(record, None)


def test_a_page_says_that_the_seal_is_still_to_come(client, transfer):
    record_runs()

    said = text_of(client.get(f"/transfers/{transfer.pk}/record.pdf").content)

    assert "none yet; it is put within minutes" in said


def test_forty_findings_fit_one_page_and_the_rest_is_counted(client, transfer):
    find(transfer.latest_run, 40)
    record_runs()

    said = text_of(client.get(f"/transfers/{transfer.pk}/record.pdf").content)

    shown = len(re.findall(r"\(0029,10\d\d\)", said))
    assert shown >= 8
    assert f"and {40 - shown} other kinds of findings, all in the record: {40 - shown} open" in said


def test_letters_that_the_font_lacks_are_written_without_their_marks(transfer):
    record_runs()
    record = newest_record(transfer)
    facts = record.said["facts"]
    facts["transfer"]["requested_by"] = "Gáddjá Ńils 河 (gaddja)"
    record.text = canonical(record.said | {"facts": facts})

    assert "Gáddjá Nils ? (gaddja)" in text_of(draw_record(record, None))


def test_the_text_has_the_digest_that_the_audit_carries(client, transfer):
    record_runs()

    content = client.get(f"/transfers/{transfer.pk}/record.json").content

    assert hashlib.sha256(content).hexdigest() == newest_record(transfer).digest
    assert json.loads(content)["facts"]["outcomes"] == {"delivered": 1, "held": 1}


def test_the_checksums_are_as_sha256sum_reads_them(client, transfer):
    record_runs()

    content = client.get(f"/transfers/{transfer.pk}/record.sha256").content.decode()

    assert content == f"{1:064x}  2.25.1.dcm\n{2:064x}  2.25.2.dcm\n"
    assert digest_of(content) == newest_record(transfer).said["facts"]["outputs"]["digest"]


def test_rest_gives_the_record_its_proof_and_its_checksums(client, transfer):
    record_runs()
    record = newest_record(transfer)
    unsealed = client.get(f"/api/v1/transfers/{transfer.pk}/record/proof/").json()
    [seal] = seal_audit()

    text = client.get(f"/api/v1/transfers/{transfer.pk}/record/")
    proof = client.get(f"/api/v1/transfers/{transfer.pk}/record/proof/").json()
    outputs = client.get(f"/api/v1/transfers/{transfer.pk}/record/outputs/")

    assert hashlib.sha256(text.content).hexdigest() == proof["digest"] == record.digest
    assert (unsealed["seal"], proof["seal"]["number"]) == (None, seal.number)
    assert proof["seal"]["digest"] == seal.digest
    assert proof["event"] == record.event_id
    assert outputs.content.decode() == record.outputs.text


@pytest.mark.parametrize(
    "address",
    [
        "/transfers/{pk}/record/",
        "/transfers/{pk}/record.pdf",
        "/transfers/{pk}/record.json",
        "/transfers/{pk}/record.sha256",
        "/api/v1/transfers/{pk}/record/",
        "/api/v1/transfers/{pk}/record/proof/",
        "/api/v1/transfers/{pk}/record/outputs/",
    ],
)
def test_a_stranger_learns_nothing_of_a_record(transfer, client, address):
    record_runs()
    stranger = Client()
    stranger.force_login(UserFactory())

    assert client.get(address.format(pk=transfer.pk)).status_code == 200
    assert stranger.get(address.format(pk=transfer.pk)).status_code == 404


def test_the_transfer_page_waits_for_the_record_and_then_offers_it(client, transfer):
    before = client.get(f"/transfers/{transfer.pk}/").content.decode()
    record_runs()
    after = client.get(f"/transfers/{transfer.pk}/").content.decode()

    assert f'hx-get="/transfers/{transfer.pk}/record/"' in before
    assert f"/transfers/{transfer.pk}/record.pdf" not in before
    assert f"/transfers/{transfer.pk}/record.pdf" in after
    assert f'hx-get="/transfers/{transfer.pk}/record/"' not in after
    assert client.get(f"/transfers/{transfer.pk}/record/").status_code == 200


def test_earlier_editions_stay_and_are_offered(client, transfer):
    record_runs()
    first = newest_record(transfer)
    transfer.latest_run.outcomes.filter(state=OutcomeState.HELD).update(state=OutcomeState.REJECTED)
    Run.objects.update(recorded_until=None)
    record_runs()

    page = client.get(f"/transfers/{transfer.pk}/").content.decode()
    earlier = client.get(f"/transfers/{transfer.pk}/record.json?digest={first.digest}")
    other = client.get(f"/transfers/{transfer.pk}/record.json?digest={'a' * 64}")

    assert newest_record(transfer).number == 2
    assert f"record.json?digest={first.digest}" in page
    assert earlier.content.decode() == first.text
    assert other.status_code == 404


def test_there_is_no_file_before_there_is_a_record(client, transfer):
    assert client.get(f"/transfers/{transfer.pk}/record.pdf").status_code == 404
    assert client.get(f"/api/v1/transfers/{transfer.pk}/record/").status_code == 404
