"""The command `rdma` against a portal that answers over the network."""

import hashlib
import json

import pytest

from exports.models import Download
from intake.models import Arrival, Study
from intake.tasks import settle_arrival
from projects.models import KeptAnswer
from tests.datasets import make_mr_series
from tests.exports.ready import file_of, ready_package
from tests.factories import ParticipantFactory, StudyFactory
from transfers.models import TransferRequest

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def catalogue(workers):
    """Let what was uploaded be catalogued while the client waits."""

    def work() -> None:
        for pk in Arrival.objects.filter(ended_at=None).values_list("pk", flat=True):
            settle_arrival(pk)

    workers.append(work)


def told(capsys):
    """Return what the last command printed as JSON."""
    return json.loads(capsys.readouterr().out)


def test_a_transfer_is_asked_for_once_listed_and_cancelled(rdma, project, kari, capsys):
    study = StudyFactory(brought_by=kari, instances=3)
    typed = ["--project", "BICAM", "--study", str(study.pk), "--participant", "BICAM_0001"]

    status = rdma("transfers", "create", *typed, "--event", "baseline", "--json")
    made = told(capsys)
    rdma("transfers", "list", "--project", project.number, "--state", "requested", "--json")
    listed = told(capsys)
    rdma("transfers", "cancel", str(made["id"]), "--json")
    cancelled = told(capsys)

    assert status == 0
    assert TransferRequest.objects.get().pk == made["id"]
    assert [row["id"] for row in listed] == [made["id"]]
    assert cancelled["ended_at"]


def test_what_the_portal_refuses_is_told_place_by_place(rdma, project, kari, capsys):
    study = StudyFactory(brought_by=kari)

    status = rdma(
        *("transfers", "create", "--project", "BICAM", "--study", str(study.pk)),
        *("--participant", "OTHER_1", "--event", "baseline"),
    )

    assert status == 3
    assert "#/participant: BICAM expects identifiers" in capsys.readouterr().err
    assert not TransferRequest.objects.exists()


def test_a_folder_is_uploaded_without_the_names_of_its_files(
    rdma, project, kari, catalogue, tmp_path, capsys
):
    make_mr_series(tmp_path / "Oppdiktet^Olga", n=3)
    (tmp_path / "Oppdiktet^Olga" / ".hidden").write_bytes(b"not sent")

    status = rdma("studies", "upload", "Oppdiktet^Olga", "--json")

    (row,) = told(capsys)
    assert status == 0
    assert (row["received_count"], row["catalogued_count"], row["rejected_count"]) == (3, 3, 0)
    assert Study.objects.get().instance_count == 3
    assert Arrival.objects.get().brought_by == kari
    assert not Arrival.objects.get().rejections.exists()


def test_files_that_are_no_dicom_are_counted_and_end_in_status_1(
    rdma, project, catalogue, tmp_path, capsys
):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "readme.txt").write_text("no image")

    status = rdma("studies", "upload", "notes", "--json")

    printed = capsys.readouterr()
    assert status == 1
    assert json.loads(printed.out)[0]["rejected_count"] == 1
    assert "no DICOM" in printed.err


def test_a_package_is_fetched_whole_and_its_sum_checked(rdma, project, kari, tmp_path, capsys):
    package = ready_package(project, kari)

    status = rdma("exports", "download", str(package.pk), "--output", "package.zip")

    fetched = tmp_path / "package.zip"
    assert status == 0
    assert fetched.read_bytes() == file_of(package).read_bytes()
    assert fetched.stat().st_mode & 0o077 == 0
    assert Download.objects.count() == 1


def test_a_download_goes_on_where_it_broke_off(rdma, project, kari, tmp_path):
    package = ready_package(project, kari, bytes(range(256)) * 1000)
    part = tmp_path / f".package.zip.{package.sha256[:16]}.part"
    part.write_bytes(file_of(package).read_bytes()[:100_000])

    status = rdma("exports", "download", str(package.pk), "--output", "package.zip", "--resume")

    assert status == 0
    assert (tmp_path / "package.zip").read_bytes() == file_of(package).read_bytes()
    assert Download.objects.get().continued_count == 1
    assert not part.exists()


def test_a_download_with_another_sum_is_not_kept(rdma, project, kari, tmp_path, capsys):
    package = ready_package(project, kari)
    part = tmp_path / f".package.zip.{package.sha256[:16]}.part"
    part.write_bytes(b"these bytes were never in it")

    status = rdma("exports", "download", str(package.pk), "--output", "package.zip", "--resume")

    assert status == 5
    assert "another sum" in capsys.readouterr().err
    assert list(tmp_path.glob("*package*")) == []


def test_a_file_that_is_something_else_is_left_alone(rdma, project, kari, tmp_path):
    package = ready_package(project, kari)
    (tmp_path / "package.zip").write_bytes(b"mine")

    status = rdma("exports", "download", str(package.pk), "--output", "package.zip")

    assert status == 4
    assert (tmp_path / "package.zip").read_bytes() == b"mine"


def test_a_file_that_is_there_already_is_not_fetched_again(rdma, project, kari, tmp_path):
    package = ready_package(project, kari)
    (tmp_path / "package.zip").write_bytes(file_of(package).read_bytes())

    status = rdma("exports", "download", str(package.pk), "--output", "package.zip")

    assert status == 0
    assert not Download.objects.exists()


def test_a_list_of_several_pages_is_told_whole(portal, project, kari, monkeypatch):
    from rdma_client import portal as module

    monkeypatch.setattr(module, "LARGEST_PAGE", 2)
    for _ in range(5):
        ParticipantFactory(project=project, created_by=kari)

    names = [row["pseudonym"] for row in portal.participants("BICAM")]

    assert len(names) == len(set(names)) == 5


def test_an_answer_that_was_lost_is_given_again_and_nothing_is_done_twice(
    portal, project, kari, monkeypatch
):
    from http.client import HTTPConnection, HTTPException

    study = StudyFactory(brought_by=kari)
    answered = HTTPConnection.getresponse
    lost = iter([True])

    def broken(connection):
        answer = answered(connection)
        if next(lost, False):
            raise HTTPException("the line went dead")
        return answer

    monkeypatch.setattr(HTTPConnection, "getresponse", broken)

    made = portal.request_transfer(
        study=study.pk, project="BICAM", participant="BICAM_0001", event="baseline"
    )

    assert TransferRequest.objects.get().pk == made["id"]
    assert KeptAnswer.objects.count() == 1


def test_a_token_that_was_taken_back_is_refused_in_words(rdma, project, kari, capsys):
    from django.utils import timezone

    kari.tokens.update(revoked_at=timezone.now())

    status = rdma("projects", "list")

    assert status == 3
    assert "token" in capsys.readouterr().err


def test_what_a_header_holds_does_not_steer_the_terminal(capsys):
    import sys

    from rdma_client.printing import as_table

    as_table([{"name": "red\x1b[31m\nrow"}], ["name"], sys.stdout)

    assert "\x1b" not in (printed := capsys.readouterr().out)
    assert len(printed.splitlines()) == 2


def test_the_sum_of_what_is_fetched_is_the_portals(portal, project, kari, tmp_path):
    package = ready_package(project, kari)

    path = portal.download(package.pk, tmp_path)

    assert path.name == package.file_name
    assert hashlib.sha256(path.read_bytes()).hexdigest() == package.sha256
