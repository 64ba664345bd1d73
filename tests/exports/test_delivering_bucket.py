"""Packages into an S3 bucket, against moto's server: parts with sums, resumed, confirmed."""

from collections.abc import Iterator

import pytest
from moto.server import ThreadedMotoServer

from exports.actions.deliveries import deliver
from exports.delivering import bucket
from exports.models import PackageDestination
from exports.states import DeliveryProof, DeliveryState, DestinationKind
from tests.exports.ready import destination_for, file_of, noise, ready_package, turn

MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def server() -> Iterator[ThreadedMotoServer]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def _allowed(settings, monkeypatch) -> None:
    settings.DELIVERY_HOSTS = ["127.0.0.1"]
    monkeypatch.setattr(bucket, "PART", 5 * MEGABYTE)  # the smallest that S3 takes


@pytest.fixture
def package(project, owner):
    return ready_package(project, owner, noise(11 * MEGABYTE))


@pytest.fixture
def destination(project, server) -> PackageDestination:
    _, port = server.get_host_and_port()
    destination = destination_for(
        project,
        DestinationKind.S3,
        port=port,
        account="invented",
        secret="invented too",
        place="partner/from-rdma",
    )
    s3 = bucket.client(destination)
    s3.create_bucket(Bucket="partner")
    yield destination
    for entry in s3.list_objects_v2(Bucket="partner").get("Contents", []):
        s3.delete_object(Bucket="partner", Key=entry["Key"])
    for begun in s3.list_multipart_uploads(Bucket="partner").get("Uploads", []):
        s3.abort_multipart_upload(Bucket="partner", Key=begun["Key"], UploadId=begun["UploadId"])


def content(destination: PackageDestination, name: str) -> bytes:
    s3 = bucket.client(destination)
    return s3.get_object(Bucket="partner", Key=f"from-rdma/{name}")["Body"].read()


def test_package_arrives_in_parts_and_its_sum_agrees(owner, package, destination):
    delivery = turn(deliver(by=owner, package=package, destination=destination))

    assert (delivery.state, delivery.reason) == (DeliveryState.DELIVERED, "")
    assert delivery.proof == DeliveryProof.SUM
    assert content(destination, package.file_name) == file_of(package).read_bytes()


def test_parts_that_are_there_are_not_sent_again(owner, package, destination, monkeypatch):
    delivery = deliver(by=owner, package=package, destination=destination)
    s3, sent = bucket.client(destination), []
    at = {"Bucket": "partner", "Key": f"from-rdma/{package.file_name}"}
    begun = s3.create_multipart_upload(**at)["UploadId"]
    first = file_of(package).read_bytes()[: 5 * MEGABYTE]
    s3.upload_part(**at, UploadId=begun, PartNumber=1, Body=first)
    s3.upload_part(**at, UploadId=begun, PartNumber=2, Body=bytes(5 * MEGABYTE))  # other bytes
    type(delivery).objects.update(remote_id=begun)

    def watched(destination):
        watched = make(destination)
        watched.meta.events.register(
            "before-call.s3.UploadPart",
            lambda params, **_: sent.append(params["query_string"]["partNumber"]),
        )
        return watched

    make = bucket.client
    monkeypatch.setattr(bucket, "client", watched)
    turn(delivery)

    assert delivery.state == DeliveryState.DELIVERED, delivery.reason
    assert [int(number) for number in sent] == [2, 3]
    assert content(destination, package.file_name) == file_of(package).read_bytes()


def test_worker_that_was_killed_at_the_end_finds_its_object(owner, package, destination):
    delivery = deliver(by=owner, package=package, destination=destination)
    bucket.client(destination).put_object(
        Bucket="partner",
        Key=f"from-rdma/{package.file_name}",
        Body=file_of(package).read_bytes(),
    )

    turn(delivery)

    assert (delivery.state, delivery.proof) == (DeliveryState.DELIVERED, DeliveryProof.READ_BACK)


def test_object_of_somebody_else_is_not_replaced(owner, package, destination):
    delivery = deliver(by=owner, package=package, destination=destination)
    bucket.client(destination).put_object(
        Bucket="partner", Key=f"from-rdma/{package.file_name}", Body=b"theirs"
    )

    turn(delivery)

    assert delivery.state == DeliveryState.FAILED
    assert content(destination, package.file_name) == b"theirs"


def test_bucket_that_is_not_there_is_said_and_an_endpoint_that_is_away_is_waited_for(
    owner, package, destination
):
    PackageDestination.objects.update(place="no-such-bucket")
    nowhere = turn(deliver(by=owner, package=package, destination=destination))
    PackageDestination.objects.update(place="partner", port=1)
    away = turn(deliver(by=owner, package=package, destination=destination))

    assert nowhere.state == DeliveryState.FAILED
    assert "no bucket" in nowhere.reason
    assert away.state == DeliveryState.SENDING
    assert "cannot be reached" in away.reason
