import gzip
import io
from pathlib import Path
from zipfile import ZipFile

import nibabel
import pytest
from django.test import Client
from django.urls import reverse

from exports.actions.tables import bring_table
from exports.handing_over import hand_over
from exports.models import Package
from exports.specification import read_specification
from exports.states import Format, State
from exports.tasks import resume_packages
from projects.models import AuditEvent, Project, User
from projects.storage import storage
from review import package_reading
from review.models import InventoryState, PackageElement, PackageInventory, PackageValue
from review.packages import sentence, take_packages
from review.tasks import list_package
from tests.datasets import make_mr_series
from tests.deidentify.beyond_files import make_nifti, make_zip, sidecar
from tests.exports.conftest import Build, path_of
from tests.exports.research_copies import add_study
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def listed() -> PackageInventory:
    """The only inventory, after a worker has had it."""
    inventory = PackageInventory.objects.get()
    list_package(inventory.pk)
    inventory.refresh_from_db()
    return inventory


def values_of(path: str) -> dict[str, int]:
    rows = PackageValue.objects.filter(element__path=path)
    return dict(rows.values_list("text", "file_count"))


@pytest.fixture
def client(owner) -> Client:
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture
def package(project: Project, build: Build, tmp_path: Path) -> Package:
    """A ready package of DICOM images."""
    add_study(project, make_mr_series(tmp_path / "mr", n=3))
    return build(project)


def replace_file(package: Package, path: Path) -> None:
    """Put another file where the package lies, and hand it over anew."""
    PackageInventory.objects.all().delete()
    storage().put(path, package.key)
    hand_over()


def test_a_finished_package_is_handed_over_and_listed(project: Project, package: Package):
    inventory = listed()

    assert inventory.state == InventoryState.READ
    assert (inventory.number, inventory.project) == (package.pk, project)
    assert inventory.dicom_count == 3
    assert inventory.member_count == inventory.position == 6
    assert inventory.unread_count == 0
    assert values_of("json:project.acronym") == {"BICAM": 1}
    assert "BICAM_0001" in values_of("name:folder")


def test_niftis_and_sidecars_of_a_package_are_listed_as_they_are(
    project: Project, build: Build, test_data: Path
):
    source = sorted((test_data / "dcm_qa_nih" / "In").rglob("*.dcm"))[:4]
    add_study(project, source)
    package = build(project, Format.NIFTI)

    listed()

    with ZipFile(path_of(package)) as archive:
        names = [name for name in archive.namelist() if name.endswith((".nii", ".nii.gz"))]
        raw = archive.read(names[0])

    header = nibabel.Nifti1Header.from_fileobj(
        io.BytesIO(gzip.decompress(raw) if names[0].endswith(".gz") else raw)
    )
    assert header["descrip"].item().decode() in values_of("nifti:descrip")
    assert PackageElement.objects.filter(path="json:Manufacturer").exists()


def test_an_encrypted_package_is_not_handed_over(project: Project, build: Build, tmp_path: Path):
    add_study(project, make_mr_series(tmp_path / "mr", n=1))

    package = build(project, read_specification({"is_encrypted": True}))

    assert package.state == State.READY
    assert not PackageInventory.objects.exists()


def test_a_package_that_tells_of_persons_is_not_handed_over(
    project: Project, build: Build, manager: User, tmp_path: Path
):
    add_study(project, make_mr_series(tmp_path / "mr", n=1))
    bring_table(by=manager, project=project, name="t", file=b"participant,fnr\nBICAM_0001,x\n")
    attached = {"kind": "demographics", "columns": ["fnr"], "table": "t"}

    package = build(project, read_specification({"attachments": [attached]}), by=manager)

    assert package.state == State.READY, package.reason
    assert not PackageInventory.objects.exists()

    take_packages([(package.pk, project, package.key, package.file_name)])
    hand_over()

    assert not PackageInventory.objects.exists()


def test_handing_over_again_changes_nothing(package: Package):
    before = listed()
    count = PackageValue.objects.count()

    hand_over()
    list_package(before.pk)

    assert PackageInventory.objects.get().pk == before.pk
    assert PackageValue.objects.count() == count


def test_what_a_package_contained_goes_with_its_file(package: Package):
    listed()
    Package.objects.update(expires_at=package.created_at)

    resume_packages()

    assert Package.objects.get().state == State.EXPIRED
    assert not PackageInventory.objects.exists()
    assert not PackageValue.objects.exists()


def test_a_worker_that_goes_on_counts_nothing_twice(
    package: Package, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    members = {f"s/{number}.json": sidecar(Note="same", N=number) for number in range(50)}
    replace_file(package, make_zip(tmp_path / "a.zip", members, comment=b"all of it"))
    monkeypatch.setattr(package_reading, "BATCH", 7)
    saved, calls = package_reading._save, []

    def save_thrice(*arguments):
        calls.append(1)
        if len(calls) == 4:
            raise OSError("killed")
        saved(*arguments)

    monkeypatch.setattr(package_reading, "_save", save_thrice)

    first = listed()
    PackageInventory.objects.update(not_before=None)
    second = listed()

    assert (first.state, first.position) == (InventoryState.WAITING, 21)
    assert (second.state, second.position) == (InventoryState.READ, 50)
    assert values_of("json:Note") == {"same": 50}
    assert len(values_of("json:N")) == 50
    assert values_of("zip:comment") == {"all of it": 1}


def test_a_name_in_a_crowd_of_values_is_listed_and_leads_the_order(
    package: Package, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("review.tallies.VALUE_CAP", 20)
    monkeypatch.setattr(package_reading, "VALUE_CAP", 20)
    monkeypatch.setattr(package_reading, "BATCH", 30)
    members = {f"{number}.json": sidecar(Note=f"n{number}") for number in range(99)}
    nifti = make_nifti(tmp_path / "a.nii", descrip="brain of Ola Testmann")
    members |= {"z.json": sidecar(Note="for Kari Testmann"), "z.nii": nifti.read_bytes()}
    replace_file(package, make_zip(tmp_path / "a.zip", members))

    listed()

    element = PackageElement.objects.get(path="json:Note")
    assert "for Kari Testmann" in values_of("json:Note")
    assert element.value_count == 21
    assert element.value_count + element.unlisted_count == 100
    assert {e.path for e in PackageElement.objects.all()[:2]} == {"json:Note", "nifti:descrip"}
    assert sentence(package.project) == (
        "1 package for export: 3 elements beyond DICOM headers, 2 to look at first."
    )


def test_values_that_look_like_a_persons_are_hidden_until_asked_for(
    package: Package, tmp_path: Path, client: Client, owner
):
    members = {"a.json": sidecar(Note="for Kari Testmann")}
    replace_file(package, make_zip(tmp_path / "a.zip", members))
    listed()
    element = PackageElement.objects.get(path="json:Note")
    address = reverse("review-package-element", args=["BICAM", element.digest])

    listing = client.get(reverse("review-packages", args=["BICAM"])).content.decode()
    hidden = client.get(address).content.decode()
    shown = client.post(address, {"show": "yes"}).content.decode()

    assert "Note" in listing
    assert "Testmann" not in listing + hidden
    assert "for Kari Testmann" in shown
    assert AuditEvent.objects.filter(actor=owner, verb="showed_values").count() == 1


def test_who_may_not_review_sees_no_package(package: Package):
    listed()
    element = PackageElement.objects.first()
    auditor, stranger = Client(), Client()
    auditor.force_login(UserFactory(username="auditor", auditor=True))
    stranger.force_login(UserFactory(username="stranger"))
    addresses = [
        reverse("review-packages", args=["BICAM"]),
        reverse("review-package-element", args=["BICAM", element.digest]),
    ]

    assert [auditor.get(address).status_code for address in addresses] == [403, 403]
    assert [stranger.get(address).status_code for address in addresses] == [404, 404]


def test_a_package_that_is_no_archive_is_said_to_be_unread(
    package: Package, tmp_path: Path, client: Client
):
    (tmp_path / "a.zip").write_bytes(b"broken")
    replace_file(package, tmp_path / "a.zip")

    inventory = listed()

    assert inventory.state == InventoryState.FAILED
    page = client.get(reverse("review-packages", args=["BICAM"])).content.decode()
    assert "Could not be read" in page
