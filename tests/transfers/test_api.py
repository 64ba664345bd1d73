"""REST of transfers: what scripts ask for, and what they may not."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from rest_framework.test import APIClient

from projects.roles import HospitalRole, Role
from tests.factories import ProjectFactory, StudyFactory, UserFactory
from tests.transfers.arrange import make_desk
from transfers.errors import TransferError
from transfers.models import Destination, TransferRequest
from transfers.web import ask_web

pytestmark = pytest.mark.django_db


def client_of(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def asked(desk, study, **more) -> dict:
    return {
        "study": study.pk,
        "project": desk.project.acronym,
        "participant": "BICAM_0001",
        "event": "baseline",
    } | more


def test_transfer_is_requested_listed_cancelled_and_run_anew():
    desk = make_desk()
    study = StudyFactory(brought_by=desk.kari, instances=3)
    client = client_of(desk.kari)

    made = client.post("/api/v1/transfers/", asked(desk, study), format="json")
    address = f"/api/v1/transfers/{made.data['id']}/"
    rerun = client.post(f"{address}rerun/")
    listed = client.get("/api/v1/transfers/", {"project": desk.project.number})
    cancelled = client.post(f"{address}cancel/")

    assert made.status_code == 201
    assert made.data["run"]["counts"]["waiting"] == made.data["run"]["received_count"] == 3
    assert rerun.data["run"]["number"] == 2
    assert [row["id"] for row in listed.data["results"]] == [made.data["id"]]
    assert cancelled.data["ended_at"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"participant": "WRONG"}, "participant"),
        ({"event": "never"}, "event"),
        ({"participant": "../../etc/passwd"}, "participant"),
        ({"study": "one"}, "study"),
    ],
)
def test_wrong_requests_are_refused_with_the_field(wrong, field):
    desk = make_desk()
    study = StudyFactory(brought_by=desk.kari)

    answer = client_of(desk.kari).post(
        "/api/v1/transfers/", asked(desk, study) | wrong, format="json"
    )

    assert answer.status_code == 400
    assert [one["pointer"] for one in answer.json()["errors"]] == [f"#/{field}"]
    assert not TransferRequest.objects.exists()


def test_second_request_for_a_live_study_is_refused():
    desk = make_desk()
    study = StudyFactory(brought_by=desk.kari)
    client = client_of(desk.kari)
    client.post("/api/v1/transfers/", asked(desk, study), format="json")

    again = client.post(
        "/api/v1/transfers/", asked(desk, study, participant="BICAM_0002"), format="json"
    )

    assert again.status_code == 400
    assert "already" in again.json()["detail"]


def test_transfers_of_other_projects_do_not_exist():
    desk = make_desk()
    study = StudyFactory(brought_by=desk.kari)
    made = client_of(desk.kari).post("/api/v1/transfers/", asked(desk, study), format="json")
    stranger = UserFactory()
    ProjectFactory(members={stranger: Role.OWNER})

    for path in ("", "cancel/", "retry/", "rerun/", "move/", "release/", "reject/", "findings/"):
        address = f"/api/v1/transfers/{made.data['id']}/{path}"
        method = "get" if path in {"", "findings/"} else "post"
        said = {"participant": "BICAM_0002", "reason": "because I can"}
        body = said if method == "post" else None
        answer = getattr(client_of(stranger), method)(address, body, format="json")
        assert answer.status_code == 404, path


def test_researcher_sees_transfers_and_changes_none():
    desk = make_desk()
    study = StudyFactory(brought_by=desk.kari)
    made = client_of(desk.kari).post("/api/v1/transfers/", asked(desk, study), format="json")
    researcher = UserFactory()
    desk.project.memberships.create(user=researcher, role=Role.RESEARCHER)
    client = client_of(researcher)

    seen = client.get(f"/api/v1/transfers/{made.data['id']}/")
    refused = client.post(f"/api/v1/transfers/{made.data['id']}/cancel/")

    assert (seen.status_code, refused.status_code) == (200, 403)


def test_nobody_is_answered_without_signing_in():
    for name in ("api-transfer-list", "api-destination-list"):
        assert APIClient().get(reverse(name)).status_code == 401


@pytest.mark.parametrize(("office", "status"), [(True, 201), (False, 403)])
def test_only_the_data_office_makes_destinations(office, status):
    role = HospitalRole.DATA_OFFICE if office else HospitalRole.NONE
    body = {"name": "PACS", "ae_title": "PACS", "host": "127.0.0.1", "port": 104}

    answer = client_of(UserFactory(hospital_role=role)).post(
        "/api/v1/destinations/", body, format="json"
    )

    assert answer.status_code == status
    assert Destination.objects.exists() == office


@pytest.mark.parametrize(
    ("declared", "field"),
    [({"asked_by": "qido"}, "qido_url"), ({"replaces": "deletes"}, "web_url")],
)
def test_destination_that_is_asked_over_the_web_says_where(declared, field):
    body = {"name": "PACS", "ae_title": "PACS", "host": "127.0.0.1", "port": 104}
    office = client_of(UserFactory(hospital_role=HospitalRole.DATA_OFFICE))
    made = office.post("/api/v1/destinations/", body, format="json").json()

    new = office.post("/api/v1/destinations/", body | {"name": "B"} | declared, format="json")
    changed = office.patch(f"/api/v1/destinations/{made['id']}/", declared, format="json")

    for answer in (new, changed):
        assert answer.status_code == 400
        assert [one["pointer"] for one in answer.json()["errors"]] == [f"#/{field}"]


@pytest.mark.parametrize(
    ("declared", "field"),
    [
        ({"host": "169.254.169.254"}, "host"),
        ({"host": "pacs.example.org"}, "host"),
        ({"host": "127.0.0.1/path"}, "host"),
        ({"qido_url": "http://169.254.169.254/latest"}, "qido_url"),
        ({"web_url": "http://kari:secret@127.0.0.1/"}, "web_url"),
    ],
)
def test_a_host_that_operations_have_not_named_is_refused_when_it_is_typed(declared, field):
    body = {"name": "PACS", "ae_title": "PACS", "host": "127.0.0.1", "port": 104}
    office = client_of(UserFactory(hospital_role=HospitalRole.DATA_OFFICE))

    answer = office.post("/api/v1/destinations/", body | declared, format="json")

    assert answer.status_code == 400
    assert field in answer.content.decode()
    assert not Destination.objects.exists()


@pytest.mark.parametrize("file", ["/etc/passwd", "../../etc/passwd", "/proc/self/environ"])
def test_credentials_are_read_from_their_folder_alone(file):
    destination = Destination(
        name="PACS", ae_title="PACS", host="127.0.0.1", port=104, web_credentials_file=file
    )

    with pytest.raises(ValidationError) as refused:
        destination.clean()
    with pytest.raises(TransferError, match="RDMA_CREDENTIALS_DIR"):
        ask_web(destination, "http://127.0.0.1:9", "/")

    assert list(refused.value.message_dict) == ["web_credentials_file"]
