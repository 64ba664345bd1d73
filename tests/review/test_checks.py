import json
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from projects.models import AuditEvent
from projects.roles import Role
from projects.storage import storage
from review.check_files import folder_of
from review.models import Check, CheckElement, CheckFinding, CheckState
from review.tasks import check_data, resume_checks
from tests.datasets import make_ct_series, make_mr_series
from tests.deidentify.beyond_files import make_nifti, make_zip, sidecar
from tests.factories import ProjectFactory, UserFactory
from tests.review.foreign import asked, element_of, elements, findings, page, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def kari() -> Any:
    """Somebody who reviews in some project."""
    user = UserFactory(username="kari")
    ProjectFactory(acronym="BICAM", members={user: Role.RESEARCHER})
    return user


@pytest.fixture
def browser(kari: Any) -> Client:
    client = Client()
    client.force_login(kari)
    return client


def test_a_planted_name_in_a_description_and_a_comment_is_to_be_looked_at_first(
    browser: Client, tmp_path: Path
):
    nifti = make_nifti(tmp_path / "brain.nii.gz", descrip="brain of Ola Testmann")
    archive = make_zip(
        tmp_path / "export.zip",
        {"sub-01/brain.nii.gz": nifti.read_bytes()},
        comment=b"Ola Testmann",
    )

    check = send(browser, {"export.zip": archive.read_bytes()})

    assert check.state == CheckState.DONE
    first_two = list(check.elements.all()[:2])
    assert {json.loads(e.facts)["path"] for e in first_two} == {"nifti:descrip", "zip:comment"}
    assert {e.risk for e in first_two} == {4}
    assert set(findings(check)["looks-N"]["values"]) == {"brain of Ola Testmann", "Ola Testmann"}


def test_values_are_hidden_until_somebody_asks_and_that_is_on_record(
    browser: Client, kari: Any, tmp_path: Path
):
    nifti = make_nifti(tmp_path / "a.nii", descrip="brain of Ola Testmann")
    check = send(browser, {"OLA TESTMANN/a.nii": nifti.read_bytes()})

    before = page(browser, check)
    shown = asked(browser, check, element=element_of(check, "nifti:descrip").pk)

    assert "nifti" in before
    assert "Testmann" not in before
    assert "TESTMANN" not in before
    assert "brain of Ola Testmann" in shown
    assert AuditEvent.objects.filter(actor=kari, verb="showed_values").count() == 1
    assert "Testmann" not in page(browser, check)


def test_what_the_headers_call_the_patient_is_found_in_files_beside(
    browser: Client, tmp_path: Path
):
    (image,) = make_ct_series(tmp_path / "ct", n=1, PatientName="Xyzzvik^Plugh", PatientID="88 7")
    files = {
        "cd/IMG1": image.read_bytes(),
        "cd/xyzzvik.json": sidecar(Comment="plain"),
        "cd/report.txt": b"The scan of plugh was good.",
        "cd/other.txt": b"Nothing here.",
    }

    check = send(browser, files)

    found = findings(check)["beside-name"]
    assert {"xyzzvik.json", "The scan of plugh was good."} <= set(found["values"])
    assert "Nothing here." not in found["values"]
    assert findings(check)["direct-name"]["values"] == ["Xyzzvik^Plugh"]
    assert element_of(check, "text:line").risk == 4
    assert "holds what the headers call a patient" in asked(
        browser, check, element=element_of(check, "name:file").pk
    )


def test_a_name_in_the_last_header_is_found_in_the_first_file(browser: Client, tmp_path: Path):
    (image,) = make_ct_series(tmp_path / "ct", n=1, PatientName="Xyzzvik^Plugh")

    check = send(browser, {"a.txt": b"seen: xyzzvik", "z.dcm": image.read_bytes()})

    assert findings(check)["beside-name"]["values"] == ["seen: xyzzvik"]


def test_a_pseudonym_in_file_names_is_no_patients_name(browser: Client, tmp_path: Path):
    (image,) = make_ct_series(
        tmp_path / "ct", n=1, PatientName="BICAM_0012", PatientID="BICAM_0012"
    )

    check = send(browser, {"BICAM_0012/a.dcm": image.read_bytes()})

    assert "beside-name" not in findings(check)
    assert "direct-name" not in findings(check)


def test_the_same_inventory_is_made_of_foreign_headers(browser: Client, tmp_path: Path):
    one = make_mr_series(tmp_path / "1", n=2, PatientID="P1", ImageComments="left")
    two = make_mr_series(tmp_path / "2", n=1, PatientID="P2", ImageComments="right")
    files = {f"{number}.dcm": path.read_bytes() for number, path in enumerate([*one, *two])}

    check = send(browser, files)

    assert (check.dicom_count, check.patient_count, check.beside_count) == (3, 2, 0)
    comments = elements(check)["(0020,4000)"]
    assert comments["name"] == "Image Comments"
    assert (comments["across"], comments["within"]) == ("differ", "same")
    assert {text: files for text, files, *_ in comments["values"]} == {"left": 2, "right": 1}
    assert elements(check)["(0008,0060)"]["across"] == "same"


def test_what_a_profile_would_have_taken_away_is_told(browser: Client, tmp_path: Path):
    (image,) = make_ct_series(
        tmp_path / "ct",
        n=1,
        PatientBirthDate="19511203",
        InstitutionName="Testvik",
        PatientAge="070Y",
    )

    basic = send(browser, {"a.dcm": image.read_bytes()})
    research = send(browser, {"a.dcm": image.read_bytes()}, profile="research")

    assert "(0010,0030)" in findings(basic)["acted-on"]["paths"]
    assert element_of(basic, "(0010,1010)").is_acted_on
    assert not elements(research)["(0018,0050)"]["would"]
    assert "removed" in elements(basic)["(0010,1010)"]["would"][0]
    assert "(0010,1010)" not in findings(research)["acted-on"]["paths"]


def test_images_that_say_that_they_are_identified_or_written_on_are_counted(
    browser: Client, tmp_path: Path
):
    (image,) = make_ct_series(tmp_path / "ct", n=1, BurnedInAnnotation="YES")

    check = send(browser, {"a.dcm": image.read_bytes()})

    counted = {one.code: (one.weight, one.count) for one in check.findings.all()}
    assert counted["not-removed"] == (2, 1)
    assert counted["burned-in"] == (3, 1)


def test_what_cannot_be_read_is_said_and_counted(browser: Client, tmp_path: Path):
    (image,) = make_ct_series(tmp_path / "ct", n=1)

    check = send(browser, {"a.dcm": image.read_bytes()[:300], "b.bin": bytes(range(256)) * 8})

    places = findings(check)["unread"]["places"]
    assert check.unread_count == 2
    assert [place.partition(":")[0] for place in sorted(places)] == ["a.dcm", "b.bin"]


def test_images_inside_an_archive_are_read(browser: Client, tmp_path: Path):
    images = make_ct_series(tmp_path / "ct", n=3)
    archive = make_zip(tmp_path / "cd.zip", {f"D/{one.name}": one.read_bytes() for one in images})

    check = send(browser, {"cd.zip": archive.read_bytes()})

    assert check.dicom_count == 3
    assert check.total_count == 4
    assert check.read_count == 4


def test_files_are_deleted_as_soon_as_they_are_read(browser: Client, tmp_path: Path):
    check = send(browser, {"a.txt": b"text"})

    assert not folder_of(check.token).exists()
    assert check.expires_at - timezone.now() > timedelta(hours=23)
    assert list((Path(storage().root).parent / "scratch").iterdir()) == []


def test_nothing_that_a_file_says_lies_readable_in_the_database(browser: Client, tmp_path: Path):
    nifti = make_nifti(tmp_path / "a.nii", descrip="brain of Ola Testmann")

    send(browser, {"a.nii": nifti.read_bytes()})

    from django.db import connection

    with connection.cursor() as cursor:
        for table in (Check, CheckElement, CheckFinding):
            cursor.execute(f"SELECT * FROM {table._meta.db_table}")
            assert "Testmann" not in repr(
                [bytes(v) if isinstance(v, memoryview) else v for row in cursor for v in row]
            )


def test_to_anybody_else_a_check_is_not_there(browser: Client):
    check = send(browser, {"a.txt": b"text"})
    other = UserFactory(username="other", data_office=True)
    client = Client()
    client.force_login(other)

    answers = [
        client.get(reverse("review-checked", args=[check.token])),
        client.post(reverse("review-check-files", args=[check.token])),
        client.post(reverse("review-check-close", args=[check.token])),
        client.post(reverse("review-check-values", args=[check.token]), {"element": 1}),
        client.post(reverse("review-check-delete", args=[check.token])),
    ]

    assert [answer.status_code for answer in answers] == [404] * 5
    assert Check.objects.filter(pk=check.pk).exists()


def test_whoever_reviews_nothing_may_not_check():
    client = Client()
    client.force_login(UserFactory(username="auditor", auditor=True))

    answers = [client.get(reverse("review-check")), client.post(reverse("review-check-begin"))]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert client.get(reverse("review-checked", args=[uuid4()])).status_code == 403


def test_a_check_can_be_deleted_at_once(browser: Client):
    check = send(browser, {"a.txt": b"text"})

    answer = browser.post(reverse("review-check-delete", args=[check.token]))

    assert answer.status_code == 302
    assert not Check.objects.exists()
    assert not CheckElement.objects.exists()
    assert AuditEvent.objects.filter(verb="deleted_check", object_id=check.pk).exists()


def test_a_check_deleted_under_its_worker_leaves_nothing(
    browser: Client, monkeypatch: pytest.MonkeyPatch
):
    begun = browser.post(reverse("review-check-begin")).json()
    browser.post(begun["files"], {"files": [SimpleUploadedFile("a.txt", b"text")]})
    browser.post(begun["close"])
    check = Check.objects.get()

    def delete_meanwhile(*_: Any) -> int:
        browser.post(reverse("review-check-delete", args=[check.token]))
        return 1

    monkeypatch.setattr("review.checking._file_count", delete_meanwhile)
    check_data(check.pk)

    assert not Check.objects.exists()
    assert not folder_of(check.token).exists()


def test_without_script_one_form_does_it_all(browser: Client):
    answer = browser.post(
        reverse("review-check"),
        {"profile": "basic", "files": [SimpleUploadedFile("a.txt", b"text")]},
    )

    check = Check.objects.get()
    assert answer.headers["Location"] == reverse("review-checked", args=[check.token])
    assert "Waiting for its turn" in page(browser, check)


def test_refusals_are_sentences(browser: Client, settings: Any):
    nothing = browser.post(reverse("review-check"), {"profile": "basic"})
    settings.CHECK_LIMIT_BYTES = 100
    large = browser.post(
        reverse("review-check"),
        {"profile": "basic", "files": [SimpleUploadedFile("a.txt", b"text" * 100)]},
    )
    unknown = browser.post(reverse("review-check-begin"), {"profile": "none"})
    settings.CHECK_LIMIT_BYTES = 1 << 30
    for _ in range(10):
        browser.post(reverse("review-check-begin"))
    too_many = browser.post(reverse("review-check-begin"))

    assert "Choose at least one file" in nothing.content.decode()
    assert "GB together" in large.content.decode()
    assert [nothing.status_code, large.status_code] == [422, 422]
    assert unknown.json()["problem"] == "Choose one of the profiles in the list."
    assert "10 checks already" in too_many.json()["problem"]


def test_a_closed_check_takes_no_more_files(browser: Client):
    check = send(browser, {"a.txt": b"text"})

    answer = browser.post(
        reverse("review-check-files", args=[check.token]),
        {"files": [SimpleUploadedFile("b.txt", b"text")]},
    )

    assert answer.status_code == 422
    assert "closed" in answer.json()["problem"]


def test_the_sweep_deletes_what_is_past(browser: Client):
    check = send(browser, {"a.txt": b"text"})
    browser.post(reverse("review-check-begin"))
    half = Check.objects.latest("pk")
    resume_checks()
    kept = Check.objects.count()
    past = timezone.now() - timedelta(hours=25)
    Check.objects.filter(pk=check.pk).update(expires_at=past)
    Check.objects.filter(pk=half.pk).update(started_at=past)
    stray = folder_of(uuid4())
    stray.mkdir()

    resume_checks()

    assert kept == 2
    assert not Check.objects.exists()
    assert not stray.exists()


def test_the_sweep_rings_for_a_check_whose_worker_was_lost(
    browser: Client, monkeypatch: pytest.MonkeyPatch
):
    rung: list[int] = []
    monkeypatch.setattr("review.tasks.check_data.delay", rung.append)
    begun = browser.post(reverse("review-check-begin")).json()
    browser.post(begun["files"], {"files": [SimpleUploadedFile("a.txt", b"text")]})
    browser.post(begun["close"])

    resume_checks()

    assert rung == [Check.objects.get().pk]


def test_what_wears_its_workers_out_ends_and_its_files_go(browser: Client):
    begun = browser.post(reverse("review-check-begin")).json()
    browser.post(begun["files"], {"files": [SimpleUploadedFile("a.txt", b"text")]})
    browser.post(begun["close"])
    check = Check.objects.get()
    Check.objects.update(attempt=5)

    resume_checks()

    check.refresh_from_db()
    assert check.state == CheckState.FAILED
    assert not folder_of(check.token).exists()
    assert "could not be carried out" in page(browser, check)


def test_the_log_says_nothing_of_what_is_in_the_files(
    browser: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def fail(*_: Any) -> None:
        raise ValueError("Ola Testmann")

    monkeypatch.setattr("review.tasks.look_at", fail)
    begun = browser.post(reverse("review-check-begin")).json()
    browser.post(begun["files"], {"files": [SimpleUploadedFile("Testmann.txt", b"text")]})
    browser.post(begun["close"])

    with caplog.at_level(logging.DEBUG):
        check_data(Check.objects.get().pk)

    assert "ValueError" in caplog.text
    assert "Testmann" not in caplog.text
    assert "tried again" in Check.objects.get().reason
