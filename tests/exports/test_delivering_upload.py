"""The upload hook against a real HTTP server: chunks, resume, sums, and no other host."""

import pytest

from exports.actions.deliveries import cancel_delivery, deliver
from exports.delivering import upload
from exports.models import Delivery
from exports.states import DeliveryProof, DeliveryState, DestinationKind
from projects.models import AuditEvent
from tests.exports.ready import destination_for, file_of, noise, ready_package, turn
from tests.exports.upload_service import TOKEN, running_service

KILOBYTE = 1024


@pytest.fixture(autouse=True)
def _small_chunks(settings, monkeypatch) -> None:
    settings.DELIVERY_HOSTS = ["127.0.0.1"]
    monkeypatch.setattr(upload, "CHUNK", 64 * KILOBYTE)


@pytest.fixture
def service():
    with running_service() as service:
        yield service


@pytest.fixture
def package(project, owner):
    return ready_package(project, owner, noise(200 * KILOBYTE + 5))


@pytest.fixture
def delivery(project, owner, package, service) -> Delivery:
    destination = destination_for(
        project, DestinationKind.UPLOAD, port=service.port, place="files", secret=TOKEN
    )
    return deliver(by=owner, package=package, destination=destination)


def patches(service) -> int:
    return sum(method == "PATCH" for method, _ in service.asked)


def test_package_goes_in_chunks_and_each_is_summed(delivery, package, service, owner):
    turn(delivery)

    assert (delivery.state, delivery.proof) == (DeliveryState.DELIVERED, DeliveryProof.SUM)
    assert service.only.content == file_of(package).read_bytes()
    assert service.only.metadata == {
        "filename": package.file_name,
        "filetype": "application/zip",
        "sha256": package.sha256,
        "project": "BICAM",
    }
    assert patches(service) == 4
    event = AuditEvent.objects.about(package).filter(verb="delivered").get()
    assert (event.actor, event.facts) == (owner, {"delivery": delivery.pk, "proof": "sum"})


def test_service_without_sums_is_believed_for_the_size(delivery, service):
    service.sums = ""

    turn(delivery)

    assert (delivery.state, delivery.proof) == (DeliveryState.DELIVERED, DeliveryProof.SIZE)


def test_after_a_break_the_service_says_where_to_go_on(delivery, package, service):
    service.statuses = [204, 204, 503]

    turn(delivery)
    stopped = (delivery.state, delivery.reason)
    turn(delivery)

    assert stopped == (DeliveryState.SENDING, "Partner upload answered 503.")
    assert delivery.state == DeliveryState.DELIVERED
    assert len(service.uploads) == 1
    assert patches(service) == 5
    assert service.only.content == file_of(package).read_bytes()


def test_chunk_that_arrived_in_part_is_gone_on_with(delivery, package, service):
    service.takes_bytes = 1000

    turn(delivery)
    turn(delivery)

    assert delivery.state == DeliveryState.DELIVERED
    assert service.only.content == file_of(package).read_bytes()


def test_chunk_that_was_damaged_on_the_way_is_sent_again(delivery, package, service):
    service.statuses = [204, 460]

    turn(delivery)
    turn(delivery)

    assert delivery.state == DeliveryState.DELIVERED
    assert service.only.content == file_of(package).read_bytes()


def test_forgotten_upload_begins_anew(delivery, package, service):
    service.statuses = [204, 500]
    turn(delivery)
    service.uploads.clear()

    turn(delivery)

    assert delivery.state == DeliveryState.DELIVERED
    assert service.only.content == file_of(package).read_bytes()


def test_redirect_is_not_followed(delivery, service):
    with running_service() as elsewhere:
        service.redirects_to = f"http://127.0.0.1:{elsewhere.port}/files"

        turn(delivery)

        assert delivery.state == DeliveryState.FAILED
        assert "Redirects are not followed" in delivery.reason
        assert elsewhere.asked == []


def test_upload_at_another_host_is_not_gone_to(delivery, service):
    with running_service() as elsewhere:
        service.location = f"http://127.0.0.1:{elsewhere.port}/files/{{name}}"

        turn(delivery)

        assert delivery.state == DeliveryState.FAILED
        assert "names another host" in delivery.reason
        assert elsewhere.asked == []


def test_refused_token_is_said_without_it(delivery, service):
    type(delivery.destination).objects.update(secret="another token")

    turn(delivery)

    assert delivery.state == DeliveryState.FAILED
    assert delivery.reason == "The service does not accept the token."


def test_host_that_operations_take_off_the_list_gets_nothing_more(delivery, service, settings):
    settings.DELIVERY_HOSTS = ["another.example.org"]

    turn(delivery)

    assert delivery.state == DeliveryState.FAILED
    assert "RDMA_DELIVERY_HOSTS" in delivery.reason
    assert service.asked == []


def test_turn_ends_after_a_while_and_the_next_goes_on(delivery, package, service, monkeypatch):
    monkeypatch.setattr("exports.delivering.shipment.TURN_SECONDS", 0)
    turn(delivery)
    first = (delivery.state, len(service.only.content), delivery.owner)
    monkeypatch.undo()

    turn(delivery)

    assert first == (DeliveryState.SENDING, 0, None)
    assert delivery.state == DeliveryState.DELIVERED
    assert len(service.uploads) == 1


def test_cancelled_delivery_stops_and_a_new_one_may_begin(delivery, package, service, owner):
    cancel_delivery(by=owner, delivery=delivery)
    turn(delivery)

    again = turn(deliver(by=owner, package=package, destination=delivery.destination))

    assert delivery.state == DeliveryState.CANCELLED
    assert again.state == DeliveryState.DELIVERED
    assert len(service.uploads) == 1
