"""The images of a package to DICOM nodes: counted where that can be asked, dated where demanded."""

import time
from pathlib import Path

import pydicom
import pytest
from django.core.exceptions import ValidationError

from exports.actions.deliveries import deliver
from exports.delivering import node
from exports.models import Delivery, PackageDestination
from exports.states import DeliveryProof, DeliveryState, DestinationKind, Format
from tests.datasets import make_mr_series
from tests.exports.ready import destination_for, file_of, ready_package, turn
from tests.exports.research_copies import dicom_files

MEMBERS = 5


@pytest.fixture(autouse=True)
def _allowed(settings) -> None:
    settings.DELIVERY_HOSTS = ["127.0.0.1"]


@pytest.fixture
def images(tmp_path: Path) -> dict[str, bytes]:
    make_mr_series(tmp_path / "images", n=MEMBERS)
    files = dicom_files(tmp_path / "images")
    for file in files:
        image = pydicom.dcmread(file)
        image.PatientBirthDate = ""
        image.save_as(file)
    return {f"BICAM_0001/{file.name}": file.read_bytes() for file in files}


@pytest.fixture
def package(project, owner, images):
    others = {"README.txt": b"Hello", "manifest.json": b"{}"}
    return ready_package(project, owner, others | images)


def start(owner, package, peer, **columns) -> Delivery:
    facts = {"port": peer.port, "place": peer.ae_title} | columns
    destination = destination_for(package.project, DestinationKind.NODE, **facts)
    return deliver(by=owner, package=package, destination=destination)


def test_archive_that_can_be_asked_is_asked_for_every_image(owner, package, images, archive):
    delivery = turn(start(owner, package, archive))

    assert (delivery.state, delivery.reason) == (DeliveryState.DELIVERED, "")
    assert delivery.proof == DeliveryProof.COUNTED
    assert delivery.done_images == MEMBERS


def test_archive_is_not_kept_on_the_line_while_a_large_package_is_read(
    owner, package, archive, monkeypatch
):
    unpacked = node._unpacked

    def slowly(*arguments):
        time.sleep(0.25)
        return unpacked(*arguments)

    monkeypatch.setattr(node, "_unpacked", slowly)
    monkeypatch.setattr("transfers.wire.ANSWER_SECONDS", 1)  # then an idle association ends

    delivery = turn(start(owner, package, archive))

    assert (delivery.proof, delivery.reason) == (DeliveryProof.COUNTED, "")


def test_node_that_only_stores_is_believed(owner, package, images, storescp):
    delivery = turn(start(owner, package, storescp))

    received = [pydicom.dcmread(path) for path in storescp.received()]
    assert (delivery.state, delivery.proof) == (DeliveryState.DELIVERED, DeliveryProof.ANSWERED)
    assert len(received) == MEMBERS
    assert {image.PatientBirthDate for image in received} == {""}


def test_receiver_that_demands_a_birth_date_gets_one_and_the_package_does_not(
    owner, package, images, storescp
):
    before = file_of(package).read_bytes()

    turn(start(owner, package, storescp, dummy_birth_date=True))

    received = {image.SOPInstanceUID: image for image in map(pydicom.dcmread, storescp.received())}
    assert {image.PatientBirthDate for image in received.values()} == {"19000101"}
    for content in images.values():
        original = pydicom.dcmread(pydicom.filebase.DicomBytesIO(content))
        assert received[original.SOPInstanceUID].PixelData == original.PixelData
    assert file_of(package).read_bytes() == before


def test_worker_that_was_killed_goes_on_after_the_last_batch(
    owner, package, images, storescp, monkeypatch
):
    monkeypatch.setattr(node, "BATCH", 3)
    delivery = start(owner, package, storescp)
    Delivery.objects.update(remote_id="3", done_images=1)  # two side files and one image

    turn(delivery)

    assert delivery.state == DeliveryState.DELIVERED
    assert delivery.done_images == MEMBERS
    assert len(storescp.received()) == MEMBERS - 1


def test_node_that_is_away_is_waited_for(owner, package, start_storescp):
    peer = start_storescp()
    delivery = start(owner, package, peer, port=1)

    turn(delivery)
    waiting = delivery.reason
    PackageDestination.objects.update(port=peer.port)
    turn(delivery)

    assert waiting.startswith("Partner dicom cannot be reached")
    assert delivery.state == DeliveryState.DELIVERED


def test_package_without_images_or_of_another_format_is_refused(project, owner, storescp):
    empty = turn(start(owner, ready_package(project, owner, {"README.txt": b"Hello"}), storescp))
    nifti = ready_package(project, owner)
    type(nifti).objects.filter(pk=nifti.pk).update(format=Format.NIFTI)
    nifti.refresh_from_db()

    assert empty.reason == "The package holds no image that a DICOM node could take."
    with pytest.raises(ValidationError, match="DICOM images only"):
        deliver(by=owner, package=nifti, destination=empty.destination)
