"""Kill -9 of the worker in the middle of a delivery: the next one goes on, nothing goes twice."""

import os
import signal
from collections.abc import Callable

import pytest

from exports.actions.deliveries import deliver
from exports.delivering.bells import deliver_package
from exports.models import Delivery
from exports.states import DeliveryProof, DeliveryState, DestinationKind
from projects.roles import Role
from tests.exports.ready import destination_for, file_of, noise, ready_package
from tests.exports.upload_service import TOKEN, running_service
from tests.factories import ProjectFactory, UserFactory
from tests.services.process import wait_until
from transfers.tasks import ring

CHUNK = 8 * 1024 * 1024
CHUNKS = 6


@pytest.mark.slow
def test_delivery_survives_the_killing_of_its_worker(
    transactional_db, start_worker: Callable, settings
):
    settings.DELIVERY_HOSTS = ["127.0.0.1"]
    owner = UserFactory()
    project = ProjectFactory(acronym="BICAM", members={owner: Role.OWNER})
    package = ready_package(project, owner, noise(CHUNKS * CHUNK))
    with running_service() as service:
        service.slowly = 0.5
        destination = destination_for(
            project, DestinationKind.UPLOAD, port=service.port, place="files", secret=TOKEN
        )
        delivery = deliver(by=owner, package=package, destination=destination)
        worker = start_worker(RDMA_DELIVERY_HOSTS="127.0.0.1")
        ring(deliver_package, Delivery.objects.filter(pk=delivery.pk))
        wait_until(
            lambda: service.uploads and len(service.only.content) >= 2 * CHUNK,
            what="two chunks",
        )

        os.killpg(worker.pid, signal.SIGKILL)
        there = len(service.only.content)
        Delivery.objects.update(lease_until=None)  # as after the minute that a lease lasts
        service.slowly = 0.0
        start_worker(RDMA_DELIVERY_HOSTS="127.0.0.1")
        ring(deliver_package, Delivery.objects.filter(pk=delivery.pk))
        wait_until(
            lambda: Delivery.objects.get().state == DeliveryState.DELIVERED, what="the delivery"
        )

    delivery.refresh_from_db()
    assert 2 * CHUNK <= there < CHUNKS * CHUNK
    assert delivery.proof == DeliveryProof.SUM
    assert len(service.uploads) == 1
    assert bytes(service.only.content) == file_of(package).read_bytes()
    patches = [path for method, path in service.asked if method == "PATCH"]
    assert len(patches) <= CHUNKS + 1  # the one under way when it was killed
