from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pydicom import dcmread, dcmwrite

from intake.arrivals import Batch, Origin
from intake.catalogue import catalogue_waiting, settle
from intake.folders import import_folder
from intake.models import Arrival, Door, Instance, Patient, Rejection, Series, Study
from intake.tasks import recover_arrivals
from projects.leases import ATTEMPT_CAP
from projects.models import AuditEvent
from projects.storage import FolderStorage, storage
from tests.datasets import BAD_FILES, make_ct_series, make_mr_series, new_uid
from tests.factories import UserFactory
from tests.intake.conftest import waiting_files

Account = Callable[[], dict[str, Any]]
pytestmark = pytest.mark.django_db


def test_a_folder_becomes_a_study_with_what_its_headers_say(tmp_path: Path, account: Account):
    kari = UserFactory()
    make_mr_series(tmp_path / "in", n=4, SeriesNumber=3, AccessionNumber="88412207")

    arrival = import_folder(tmp_path / "in", by=kari)

    study = Study.objects.get(accession_index="88412207")
    series = study.series.get()
    assert (arrival.received_count, arrival.catalogued_count) == (4, 4)
    assert (study.series_count, study.instance_count, study.brought_by) == (1, 4, kari)
    assert (study.patient_name, study.study_description) == ("Fjell^Turid Aasen", "MR brain")
    assert (series.modality, series.manufacturer_model_name) == ("MR", "Prisma")
    assert (series.series_number, series.image_type) == (3, "ORIGINAL\\PRIMARY\\M\\ND")
    assert study.byte_count == sum(path.stat().st_size for path in (tmp_path / "in").iterdir())
    assert account() == {"catalogued": 4, "rejected": 0, "duplicates": 0, "waiting": 0}


def test_what_arrives_again_is_dropped_and_counted(tmp_path: Path, account: Account):
    make_mr_series(tmp_path, n=3)
    import_folder(tmp_path, by=None)

    again = import_folder(tmp_path, by=None)

    assert (again.catalogued_count, again.duplicate_count) == (0, 3)
    assert account() == {"catalogued": 3, "rejected": 0, "duplicates": 3, "waiting": 0}


def test_the_same_uid_with_other_content_is_kept_apart_and_flagged(
    tmp_path: Path, account: Account
):
    first, _ = make_mr_series(tmp_path / "a", n=2)
    import_folder(tmp_path / "a", by=None)
    other = dcmread(first)
    other.PixelData = bytes(len(other.PixelData))
    (tmp_path / "b").mkdir()
    dcmwrite(tmp_path / "b" / "other.dcm", other)

    import_folder(tmp_path / "b", by=None)

    conflicting = Instance.objects.filter(is_conflicting=True)
    assert {one.sop_instance_uid for one in conflicting} == {other.SOPInstanceUID}
    assert conflicting.count() == 2
    assert Study.objects.get().has_conflicts
    assert account()["catalogued"] == 3


def test_three_real_files_under_one_uid_survive_apart_and_flagged(
    test_data: Path, account: Account
):
    arrival = import_folder(test_data / "dcm_qa_12bit" / "In", by=None)

    instances = Instance.objects.all()
    assert arrival.catalogued_count == 3
    assert len({one.sop_instance_uid for one in instances}) == 1
    assert len({one.digest for one in instances}) == 3
    assert all(one.is_conflicting for one in instances)
    assert account()["catalogued"] == 3


def test_every_bad_file_is_kept_aside_with_its_reason_and_ends_nothing(
    tmp_path: Path, account: Account
):
    folder = tmp_path / "in"
    good = make_mr_series(folder, n=2)
    for number, (build, _) in enumerate(BAD_FILES.values()):
        build(good[0], folder / f"bad{number:02}")

    arrival = import_folder(folder, by=None)

    reasons = Rejection.objects.order_by("pk").values_list("code", flat=True)
    assert sorted(reasons) == sorted(code for _, code in BAD_FILES.values())
    assert arrival.catalogued_count == 2
    assert arrival.rejected_count == len(BAD_FILES)
    assert account()["waiting"] == 0
    for rejection in Rejection.objects.all():
        kept = storage().path(rejection.key).read_bytes()
        assert kept == (folder / rejection.name).read_bytes()


def test_nothing_that_arrives_becomes_a_path_outside_the_data_folder(tmp_path: Path, settings: Any):
    folder = tmp_path / "in"
    (good,) = make_mr_series(folder, n=1)
    for number, (build, _) in enumerate(BAD_FILES.values()):
        build(good, folder / f"bad{number:02}")
    before = {path for path in tmp_path.rglob("*") if settings.RDMA_DATA_DIR not in path.parents}

    import_folder(folder, by=None)

    after = {path for path in tmp_path.rglob("*") if settings.RDMA_DATA_DIR not in path.parents}
    names = {path.name for path in storage().root.rglob("*") if path.is_file()}
    assert after == before
    assert not Path("/tmp/owned").exists()
    assert all(len(Path(name).stem) == 32 for name in names)


def test_the_same_patient_id_from_two_hospitals_is_two_patients(tmp_path: Path):
    make_mr_series(tmp_path, n=1, InstitutionName="Bergvik sykehus")
    make_mr_series(tmp_path, n=1, InstitutionName="Fjordby sykehus")

    import_folder(tmp_path, by=None)

    assert Patient.objects.count() == 2
    assert len({patient.patient_id for patient in Patient.objects.all()}) == 1


def test_studies_of_one_patient_share_its_row(tmp_path: Path):
    make_mr_series(tmp_path, n=1)
    make_ct_series(tmp_path, n=1)

    import_folder(tmp_path, by=None)

    assert Study.objects.count() == 2
    assert Patient.objects.count() == 1


def test_studies_without_a_patient_id_are_nobody_elses(tmp_path: Path):
    make_mr_series(tmp_path, n=1, PatientID="")
    make_mr_series(tmp_path, n=1, PatientID="")

    import_folder(tmp_path, by=None)

    assert Patient.objects.count() == 2


def test_an_instance_of_another_patient_in_a_known_study_is_kept_aside(tmp_path: Path):
    study = new_uid()
    make_mr_series(tmp_path / "a", n=1, study_instance_uid=study)
    make_mr_series(tmp_path / "b", n=1, study_instance_uid=study, patient_id="89487574903")
    import_folder(tmp_path / "a", by=None)

    arrival = import_folder(tmp_path / "b", by=None)

    assert Rejection.objects.get().code == "disagrees"
    assert (arrival.catalogued_count, Study.objects.get().instance_count) == (0, 1)


def test_a_second_series_joins_its_study_and_the_counts_follow(tmp_path: Path, account: Account):
    study = new_uid()
    make_mr_series(tmp_path / "a", n=2, study_instance_uid=study)
    make_mr_series(tmp_path / "b", n=3, study_instance_uid=study, SeriesNumber=2)
    import_folder(tmp_path / "a", by=None)

    import_folder(tmp_path / "b", by=None)

    row = Study.objects.get()
    assert (row.series_count, row.instance_count) == (2, 5)
    assert account()["catalogued"] == 5


def test_identified_values_are_not_readable_in_the_database(tmp_path: Path):
    keywords = ("SeriesDescription", "Manufacturer", "ManufacturerModelName")
    make_mr_series(tmp_path, n=1, **dict.fromkeys(keywords, "v/ Fjell"))
    (tmp_path / "Fjell Turid.txt").write_text("no image")

    import_folder(tmp_path, by=None)

    for model in (Patient, Study, Series, Instance, Rejection, Arrival, AuditEvent):
        for column in model._meta.concrete_fields:
            values = model.objects.extra(select={"raw": f'"{column.column}"::text'})
            assert not any("Fjell" in str(row.raw) for row in values), column


def test_a_file_received_before_a_kill_is_found_by_the_next_process(
    tmp_path: Path, account: Account
):
    batch = _batch_with(make_mr_series(tmp_path, n=3))
    batch.let_go()  # what the kernel does for a process that was killed

    finished = recover_arrivals()

    assert finished == 1
    assert account() == {"catalogued": 3, "rejected": 0, "duplicates": 0, "waiting": 0}
    assert not batch.folder.exists()


def test_a_batch_that_is_held_is_left_to_its_holder(tmp_path: Path):
    batch = _batch_with(make_mr_series(tmp_path, n=1))

    finished = recover_arrivals()

    assert finished == 0
    assert len(batch.waiting()) == 1
    batch.let_go()


def test_a_kill_between_the_commit_and_the_moves_loses_and_repeats_nothing(
    tmp_path: Path, account: Account, monkeypatch: pytest.MonkeyPatch
):
    good = make_mr_series(tmp_path, n=3)
    import_folder(tmp_path, by=None)
    fresh = make_ct_series(tmp_path / "fresh", n=2)
    (tmp_path / "text").write_text("no image")
    batch = _batch_with([*good, *fresh, tmp_path / "text"])

    def killed(*_: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as moment:
        moment.setattr(FolderStorage, "put", killed)
        moment.setattr(Path, "unlink", killed)
        with pytest.raises(SystemExit):
            settle(batch, batch.waiting())
    batch.let_go()
    recover_arrivals()

    arrival = Arrival.objects.get(token=batch.token)
    assert (arrival.received_count, arrival.catalogued_count) == (6, 2)
    assert (arrival.duplicate_count, arrival.rejected_count) == (3, 1)
    assert arrival.ended_at is not None
    assert account() == {"catalogued": 5, "rejected": 1, "duplicates": 3, "waiting": 0}


def test_a_file_that_was_never_finished_is_not_catalogued(tmp_path: Path, account: Account):
    batch = _batch_with(make_mr_series(tmp_path, n=1))
    (batch.folder / "0123.part").write_bytes(b"half a file")
    batch.let_go()

    recover_arrivals()

    assert account() == {"catalogued": 1, "rejected": 0, "duplicates": 0, "waiting": 0}


def test_a_batch_that_kills_its_worker_is_not_tried_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    batch = _batch_with(make_mr_series(tmp_path, n=1))
    batch.let_go()
    tries = []

    def fails(*_: Any) -> None:
        tries.append(1)
        raise MemoryError

    monkeypatch.setattr("intake.tasks.finish", fails)

    for _ in range(ATTEMPT_CAP + 3):
        recover_arrivals()

    assert len(tries) == ATTEMPT_CAP
    assert len(waiting_files()) == 1


def test_an_arrival_cannot_end_with_a_file_unaccounted_for(tmp_path: Path):
    batch = _batch_with(make_mr_series(tmp_path, n=3))
    settle(batch, batch.waiting()[:1])
    batch.waiting()[0].unlink()
    batch.let_go()

    recover_arrivals()

    assert Arrival.objects.get().ended_at is None
    assert batch.folder.exists()


def test_queries_do_not_grow_with_the_files_of_a_slice(
    tmp_path: Path, django_assert_max_num_queries: Any
):
    batch = _batch_with(make_mr_series(tmp_path, n=100))

    with django_assert_max_num_queries(25):
        catalogue_waiting(batch)

    assert Instance.objects.count() == 100
    batch.let_go()


def test_the_command_prints_what_became_of_the_files(tmp_path: Path):
    UserFactory(username="kari")
    make_mr_series(tmp_path, n=2)
    (tmp_path / "notes.txt").write_text("no image")
    out = StringIO()

    call_command("import_folder", str(tmp_path), "--as", "kari", stdout=out)

    assert "3 files: 2 catalogued, 0 here already, 1 kept aside." in out.getvalue()
    assert "1 kept aside: It is not a DICOM file." in out.getvalue()
    assert Study.objects.get().brought_by.username == "kari"
    assert "notes" not in out.getvalue()


@pytest.mark.parametrize("arguments", [["/no/such/folder"], [".", "--as", "nobody"]])
def test_the_command_says_what_it_cannot_use(arguments: list[str]):
    with pytest.raises(CommandError, match="no such"):
        call_command("import_folder", *arguments)


def _batch_with(files: list[Path]) -> Batch:
    batch = Batch.create(Origin(door=Door.DICOM, called_ae_title="RDMA"))
    for file in files:
        batch.add([file.read_bytes()], name=file.name)
    return batch
