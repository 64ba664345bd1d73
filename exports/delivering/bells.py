"""Bells for deliveries, and the sweep that rings again and begins those that are wished for."""

from uuid import uuid4

from celery import shared_task

from exports.delivering.sending import fail, take_turn
from exports.delivering.starting import start_wished
from exports.models import Delivery
from projects.errors import LeaseLost
from transfers.tasks import ring


@shared_task(acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def deliver_package(delivery_id: int) -> None:
    """Send one delivery for a while. Calling it twice, or late, does no harm."""
    delivery = Delivery.objects.claim(delivery_id, owner=uuid4())
    if delivery is None:
        return  # ended, cancelled, not yet due, or in another worker's hands
    with delivery.heartbeat() as check:
        take_turn(delivery, check)
    if Delivery.objects.due().filter(pk=delivery_id).exists():
        ring(deliver_package, Delivery.objects.filter(pk=delivery_id))


@shared_task(acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def resume_deliveries() -> None:
    """Ring again for deliveries whose bell or worker was lost; end what kills its workers."""
    for delivery in Delivery.objects.worn_out():
        _give_up(delivery)
    start_wished()
    ring(deliver_package, Delivery.objects.unheard())


def _give_up(delivery: Delivery) -> None:
    owner = uuid4()
    if not Delivery.objects.worn_out().filter(pk=delivery.pk).update(owner=owner):
        return  # somebody else did
    delivery.owner = owner
    try:
        fail(
            delivery,
            delivery.reason or "Its worker stopped without an answer, again and again.",
        )
    except LeaseLost:
        return
