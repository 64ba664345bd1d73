import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from intake import archives as unpacking
from intake.arrivals import Batch
from intake.models import Arrival, Instance, Rejection, Study
from intake.tasks import recover_arrivals, settle_arrival
from intake.uploads import add_to_upload, begin_upload, close_upload
from projects.models import AuditEvent
from projects.roles import Role
from projects.storage import storage
from tests.datasets import make_ct_series, make_mr_series
from tests.factories import ProjectFactory, UserFactory
from tests.intake.archives import damaged, said_encrypted, said_smaller, with_symlink, zip_of

Account = Callable[[], dict[str, Any]]
pytestmark = pytest.mark.django_db


@pytest.fixture
def kari() -> Any:
    """Somebody who may bring studies into BICAM."""
    user = UserFactory(username="kari")
    ProjectFactory(acronym="BICAM", members={user: Role.DATA_MANAGER})
    return user


def test_an_archive_is_unpacked_into_the_catalogue(kari: Any, tmp_path: Path, account: Account):
    files = make_ct_series(tmp_path / "ct", n=5)

    upload = _uploaded(kari, cd=zip_of({f"DICOM/S1/{one.name}": one for one in files}))

    assert (upload.received_count, upload.catalogued_count) == (5, 5)
    assert Study.objects.get().brought_by == kari
    assert list(upload.studies.all()) == [Study.objects.get()]
    assert account() == {"catalogued": 5, "rejected": 0, "duplicates": 0, "waiting": 0}


def test_plain_files_and_archives_of_one_upload_add_up(kari: Any, tmp_path: Path, account: Account):
    ct, mr = make_ct_series(tmp_path / "ct", n=3), make_mr_series(tmp_path / "mr", n=2)

    upload = _uploaded(
        kari,
        cd=zip_of({one.name: one for one in ct} | {"README.txt": b"burned by a viewer"}),
        one=mr[0].read_bytes(),
        two=mr[1].read_bytes(),
        three=mr[1].read_bytes(),
    )

    assert (upload.received_count, upload.catalogued_count) == (7, 5)
    assert (upload.duplicate_count, upload.rejected_count) == (1, 1)
    assert account()["waiting"] == 0


HOSTILE_NAMES = ["../../owned.dcm", "/etc/owned.dcm", "C:\\owned.dcm", "a/../../owned.dcm"]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_member_that_leads_out_of_the_archive_is_refused_by_name(
    kari: Any, tmp_path: Path, name: str
):
    good, bad = make_ct_series(tmp_path / "ct", n=2)

    upload = _uploaded(kari, cd=zip_of({"good.dcm": good, name: bad}))

    refused = Rejection.objects.get()
    assert (refused.code, refused.name) == ("path_traversal", name)
    assert upload.catalogued_count == 1
    assert not list(tmp_path.rglob("owned*"))


def _archives(content: bytes) -> dict[str, tuple[bytes, str]]:
    inner = zip_of({"a.dcm": content})
    return {
        "a link": (with_symlink("/etc/passwd"), "symlink"),
        "a password": (said_encrypted(content), "encrypted"),
        "an archive inside": (zip_of({"inner.zip": inner}), "nested_archive"),
        "an archive inside without its ending": (zip_of({"inner": inner}), "nested_archive"),
        "a wrong size": (said_smaller(content, 100), "bad_archive"),
        "a wrong checksum": (damaged(content), "bad_archive"),
        "no DICOM": (zip_of({"list.txt": b"no image"}), "not_dicom"),
        "an empty file": (zip_of({"empty": b""}), "not_dicom"),
        "a truncated file": (zip_of({"half.dcm": content[:-9]}), "truncated"),
        "half an archive": (zip_of({"a.dcm": content})[:-60], "bad_archive"),
    }


@pytest.mark.parametrize("kind", list(_archives(b"")))
def test_a_hostile_or_damaged_member_is_refused_with_its_reason(
    kari: Any, tmp_path: Path, account: Account, kind: str
):
    (good,) = make_ct_series(tmp_path / "ct", n=1)
    archive, code = _archives(good.read_bytes())[kind]

    upload = _uploaded(kari, archive=archive)

    assert Rejection.objects.get().code == code
    assert (upload.received_count, upload.rejected_count) == (1, 1)
    assert account()["waiting"] == 0


def test_an_archive_that_unpacks_to_far_more_than_it_is_is_not_unpacked(kari: Any):
    upload = _uploaded(
        kari, bomb=zip_of({"zeros.dcm": bytes(unpacking.RATIO_COUNTS_FROM_BYTES * 2)})
    )

    assert Rejection.objects.get().code == "zip_bomb"
    assert Rejection.objects.get().name == "bomb"
    assert upload.rejected_count == 1


def test_an_archive_above_the_limit_is_not_unpacked(kari: Any, settings: Any, tmp_path: Path):
    archive = zip_of({"zeros": bytes(5_000_000)})
    settings.UPLOAD_LIMIT_BYTES = 1_000_000

    _uploaded(kari, large=archive)

    assert Rejection.objects.get().code == "too_large"


def test_an_upload_above_the_limit_is_refused_in_a_sentence(kari: Any, settings: Any):
    settings.UPLOAD_LIMIT_BYTES = 100
    upload = begin_upload(by=kari)

    with pytest.raises(ValidationError, match="An upload may hold"):
        add_to_upload(by=kari, upload=upload, files=[SimpleUploadedFile("a", bytes(200))])

    assert Batch.at(upload.token).waiting() == []


def test_an_archive_with_too_many_members_is_not_unpacked(
    kari: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(unpacking, "MOST_MEMBERS", 3)

    _uploaded(kari, many=zip_of({str(n): b"" for n in range(4)}))

    assert Rejection.objects.get().code == "too_large"


def test_unpacking_that_was_killed_goes_on_and_counts_nothing_twice(
    kari: Any, tmp_path: Path, account: Account, monkeypatch: pytest.MonkeyPatch
):
    files = make_ct_series(tmp_path / "ct", n=9)
    archive = zip_of({one.name: one for one in files} | {"again": files[0], "text": b"no"})
    monkeypatch.setattr(unpacking, "SLICE", 4)
    slices = []
    settle = unpacking.settle

    def settle_and_die(*arguments: Any, **more: Any) -> Any:
        slices.append(1)
        if len(slices) == 2:
            settle(*arguments, **more)
            raise SystemExit
        return settle(*arguments, **more)

    with monkeypatch.context() as moment:
        moment.setattr(unpacking, "settle", settle_and_die)
        upload = _sent(kari, cd=archive)
        with pytest.raises(SystemExit):
            settle_arrival(upload.pk)
    recover_arrivals()

    upload.refresh_from_db()
    assert (upload.received_count, upload.catalogued_count) == (11, 9)
    assert (upload.duplicate_count, upload.rejected_count) == (1, 1)
    assert account()["waiting"] == 0


def test_an_upload_that_is_still_being_sent_is_left_alone(kari: Any, tmp_path: Path):
    upload = begin_upload(by=kari)
    (file,) = make_ct_series(tmp_path / "ct", n=1)
    add_to_upload(by=kari, upload=upload, files=[SimpleUploadedFile("a", file.read_bytes())])

    recover_arrivals()

    assert Instance.objects.count() == 0
    assert len(Batch.at(upload.token).waiting()) == 1


def test_an_upload_whose_browser_went_away_is_catalogued_after_a_day(kari: Any, tmp_path: Path):
    upload = begin_upload(by=kari)
    (file,) = make_ct_series(tmp_path / "ct", n=1)
    add_to_upload(by=kari, upload=upload, files=[SimpleUploadedFile("a", file.read_bytes())])

    Arrival.objects.update(started_at=timezone.now() - timedelta(hours=25))

    recover_arrivals()

    assert Instance.objects.count() == 1


def test_ringing_twice_does_no_harm(kari: Any, tmp_path: Path, account: Account):
    (file,) = make_ct_series(tmp_path / "ct", n=1)
    upload = _uploaded(kari, a=file.read_bytes())

    settle_arrival(upload.pk)

    assert account()["catalogued"] == 1


def test_a_closed_upload_takes_nothing_more(kari: Any):
    upload = begin_upload(by=kari)
    close_upload(by=kari, upload=upload)

    with pytest.raises(ValidationError, match="closed"):
        add_to_upload(by=kari, upload=upload, files=[SimpleUploadedFile("a", b"")])


@pytest.mark.parametrize("role", [Role.RESEARCHER, Role.CONTROLLER])
def test_who_may_not_assign_may_not_upload(role: Role):
    ola = UserFactory()
    ProjectFactory(members={ola: role})

    with pytest.raises(PermissionDenied):
        begin_upload(by=ola)


def test_somebody_elses_upload_is_closed_to_one(kari: Any):
    ola = UserFactory()
    ProjectFactory(members={ola: Role.OWNER})
    upload = begin_upload(by=kari)

    with pytest.raises(PermissionDenied):
        add_to_upload(by=ola, upload=upload, files=[])


def test_the_audit_holds_that_it_happened_and_no_name(kari: Any, tmp_path: Path):
    _uploaded(kari, **{"Fjell Turid.zip": zip_of({"Fjell": b"x"})})

    events = AuditEvent.objects.filter(actor=kari)
    assert {event.verb for event in events} == {"began_upload", "closed_upload"}
    assert not any("Fjell" in str(event.facts) for event in events)


def test_the_storage_is_open_to_its_owner_alone(kari: Any, tmp_path: Path):
    (file,) = make_ct_series(tmp_path / "ct", n=1)
    _uploaded(kari, a=file.read_bytes())

    assert stat.S_IMODE(storage().root.stat().st_mode) == 0o700


def _sent(user: Any, **files: bytes) -> Arrival:
    upload = begin_upload(by=user)
    content = [SimpleUploadedFile(name, body) for name, body in files.items()]
    add_to_upload(by=user, upload=upload, files=content)
    close_upload(by=user, upload=upload)
    return upload


def _uploaded(user: Any, **files: bytes) -> Arrival:
    upload = _sent(user, **files)
    settle_arrival(upload.pk)
    upload.refresh_from_db()
    assert upload.ended_at is not None
    return upload
