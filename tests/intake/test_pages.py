from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from intake.models import Arrival, Door, Instance
from intake.tasks import settle_arrival
from projects.models import User
from projects.roles import Role
from tests.datasets import make_ct_series
from tests.factories import PatientFactory, ProjectFactory, StudyFactory, UserFactory
from tests.intake.archives import zip_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def kari() -> User:
    """A data manager of BICAM."""
    user = UserFactory(username="kari")
    ProjectFactory(acronym="BICAM", ae_title="BICAM", members={user: Role.DATA_MANAGER})
    return user


@pytest.fixture
def stranger() -> User:
    """A data manager of another project."""
    user = UserFactory(username="ola")
    ProjectFactory(acronym="OTHER", members={user: Role.DATA_MANAGER})
    return user


def _as(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def test_the_plain_form_takes_files_and_leads_to_what_became_of_them(kari: User, tmp_path: Path):
    (file,) = make_ct_series(tmp_path / "ct", n=1)
    client = _as(kari)

    answer = client.post(
        reverse("attach"),
        {"files": [SimpleUploadedFile("a.dcm", file.read_bytes())]},
    )
    upload = Arrival.objects.get()
    settle_arrival(upload.pk)
    page = client.get(answer["Location"]).content.decode()

    assert answer["Location"] == reverse("upload", args=[upload.pk])
    assert "1 file: 1 in quarantine now." in page
    assert "CT thorax" in page


def test_a_form_without_a_file_says_what_is_missing(kari: User):
    answer = _as(kari).post(reverse("attach"))

    assert answer.status_code == 422
    assert "Choose at least one file" in answer.content.decode()
    assert not Arrival.objects.exists()


def test_the_page_names_what_was_kept_aside_and_why(kari: User):
    archive = zip_of({"../../Fjell.dcm": b"x", "notes.txt": b"no image"})
    client = _as(kari)
    client.post(reverse("attach"), {"files": [SimpleUploadedFile("cd.zip", archive)]})
    upload = Arrival.objects.get()
    settle_arrival(upload.pk)

    page = client.get(reverse("upload", args=[upload.pk])).content.decode()

    assert "../../Fjell.dcm" in page
    assert "Its name leads out of the archive." in page
    assert "notes.txt" in page
    assert "It is not a DICOM file." in page


def test_the_page_says_how_far_the_cataloguing_is(kari: User):
    upload = Arrival.objects.create(
        door=Door.UPLOAD, brought_by=kari, received_count=500, catalogued_count=312
    )

    answer = _as(kari).get(reverse("upload", args=[upload.pk]), headers={"HX-Request": "true"})
    part = answer.content.decode()

    assert "312 of 500 files" in part
    assert "<html" not in part
    assert "hx-get" in part


def test_a_page_that_has_ended_asks_no_more(kari: User):
    upload = Arrival.objects.create(door=Door.UPLOAD, brought_by=kari)
    client = _as(kari)
    client.post(reverse("attach-close", args=[upload.pk]))
    Arrival.objects.update(ended_at=upload.started_at)

    page = client.get(reverse("upload", args=[upload.pk])).content.decode()

    assert "hx-trigger" not in page


PAGES = ["attach", "attach-begin", "upload", "attach-files", "attach-close"]


@pytest.mark.parametrize("name", PAGES)
def test_an_upload_is_its_owners_alone(kari: User, stranger: User, name: str):
    upload = Arrival.objects.create(door=Door.UPLOAD, brought_by=kari)
    reader = UserFactory()
    ProjectFactory(acronym="READS", members={reader: Role.RESEARCHER})
    address = reverse(name, args=[upload.pk] if name not in {"attach", "attach-begin"} else [])
    method = "get" if name in {"attach", "upload"} else "post"

    status = {
        who: getattr(_as(user), method)(address).status_code
        for who, user in (("stranger", stranger), ("reader", reader), ("nobody", None))
    }

    own = 200 if name in {"attach", "attach-begin"} else 404
    assert status == {"stranger": own, "reader": 403, "nobody": 302}


def test_portions_are_written_under_one_upload(kari: User, tmp_path: Path):
    files = make_ct_series(tmp_path / "ct", n=2)
    client = _as(kari)
    begun = client.post(reverse("attach-begin")).json()

    for file in files:
        sent = SimpleUploadedFile(file.name, file.read_bytes())
        assert client.post(begun["files"], {"files": [sent]}).json() == {"count": 1}
    client.post(begun["close"])
    settle_arrival(Arrival.objects.get().pk)

    assert Instance.objects.count() == 2


def test_a_portion_that_is_too_large_is_refused_in_a_sentence(kari: User, settings: Any):
    settings.UPLOAD_LIMIT_BYTES = 10
    client = _as(kari)
    begun = client.post(reverse("attach-begin")).json()

    answer = client.post(begun["files"], {"files": [SimpleUploadedFile("a", b"x" * 11)]})

    assert answer.status_code == 422
    assert "An upload may hold" in answer.json()["problem"]


def test_rest_lists_what_one_may_see_without_names(kari: User, stranger: User):
    patient = PatientFactory(patient_id="97975432312")
    study = StudyFactory(called_ae_title="BICAM", patient=patient, patient_name="Fjell^Turid")

    mine = _as(kari).get(reverse("api-study-list"))
    theirs = _as(stranger).get(reverse("api-study-list"))

    (row,) = mine.json()["results"]
    assert (row["id"], row["accession_number"]) == (study.pk, study.accession_number)
    assert row["modalities"] == ["MR"]
    assert theirs.json()["results"] == []
    for secret in ("Fjell", "97975432312", "19700101"):
        assert secret not in mine.content.decode()


def test_rest_shows_a_study_with_its_series_to_those_who_may_see_it(kari: User, stranger: User):
    study = StudyFactory(called_ae_title="BICAM", series=2)
    address = reverse("api-study-detail", args=[study.pk])

    answers = {
        who: _as(user).get(address)
        for who, user in (("owner", kari), ("stranger", stranger), ("nobody", None))
    }

    assert {who: answer.status_code for who, answer in answers.items()} == {
        "owner": 200,
        "stranger": 404,
        "nobody": 401,
    }
    assert len(answers["owner"].json()["series"]) == 2


def test_rest_finds_a_study_by_post_alone(stranger: User):
    study = StudyFactory(accession_number="88412207")
    address = reverse("api-study-lookup")
    client = _as(stranger)

    found = client.post(address, {"identifier": "88412207"}, "application/json")

    assert [row["id"] for row in found.json()["results"]] == [study.pk]
    assert client.get(address + "?identifier=88412207").status_code == 405
    assert client.get(reverse("api-study-detail", args=[study.pk])).status_code == 200


def test_rest_takes_an_upload_and_tells_its_owner_how_far_it_is(
    kari: User, stranger: User, tmp_path: Path
):
    (file,) = make_ct_series(tmp_path / "ct", n=1)
    client = _as(kari)

    answer = client.post(
        reverse("api-study-list"), {"files": [SimpleUploadedFile("a", file.read_bytes())]}
    )
    address = reverse("api-upload", args=[answer.json()["id"]])
    settle_arrival(answer.json()["id"])

    assert answer.status_code == 202
    assert client.get(address).json()["catalogued_count"] == 1
    assert _as(stranger).get(address).status_code == 404


def test_rest_refuses_an_upload_of_who_may_not_assign():
    reader = UserFactory()
    ProjectFactory(members={reader: Role.RESEARCHER})

    assert _as(reader).post(reverse("api-study-list"), {"files": []}).status_code == 403


def test_queries_do_not_grow_with_the_studies(kari: User, django_assert_max_num_queries: Any):
    for _ in range(12):
        StudyFactory(called_ae_title="BICAM")
    client = _as(kari)

    client.get(reverse("api-study-list"))  # the first look within an hour is written down
    with django_assert_max_num_queries(12):
        answer = client.get(reverse("api-study-list"))

    assert len(answer.json()["results"]) == 12


@pytest.mark.parametrize("model", ["study", "series", "arrival", "rejection"])
def test_admin_shows_rows_without_identified_columns_and_changes_nothing(model: str):
    operator = UserFactory(is_staff=True, is_superuser=True)
    patient = PatientFactory(patient_id="97975432312")
    study = StudyFactory(patient=patient, patient_name="Fjell^Turid", study_description="Fjell")
    arrival = Arrival.objects.create(door=Door.UPLOAD)
    arrival.rejections.create(code="not_dicom", name="Fjell.txt", door=Door.UPLOAD)
    row = {
        "study": study,
        "series": study.series.get(),
        "arrival": arrival,
        "rejection": arrival.rejections.get(),
    }[model]
    client = _as(operator)

    listed = client.get(reverse(f"admin:intake_{model}_changelist"))
    shown = client.get(reverse(f"admin:intake_{model}_change", args=[row.pk]))
    added = client.get(reverse(f"admin:intake_{model}_add"))
    deleted = client.post(reverse(f"admin:intake_{model}_delete", args=[row.pk]))

    assert (listed.status_code, shown.status_code) == (200, 200)
    assert (added.status_code, deleted.status_code) == (403, 403)
    for secret in ("Fjell", "97975432312"):
        assert secret not in listed.content.decode() + shown.content.decode()
