"""What the clock does in this room: seal the audit, and clear away what killed processes left."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from projects.chain.sealing import seal_audit, unsealed
from projects.models import AuditSeal
from projects.storage import clear_scratch
from projects.tokens.limits import forget_counts
from projects.tokens.once import forget_answers

# Often enough that little stands unsealed, seldom enough that a seal holds more than one event.
AFTER = timedelta(seconds=60)
MANY = 1000
# Longer than any task runs, and longer than a person's upload takes.
LEFT_BEHIND = timedelta(days=2)


@shared_task(ignore_result=True)
def seal_events() -> None:
    """Put the next seal when the oldest event without one has waited a minute, or many wait."""
    waiting = unsealed(AuditSeal.objects.light().newest())
    is_old = waiting.filter(at__lt=timezone.now() - AFTER).exists()
    if is_old or len(waiting.order_by("pk").values("pk")[:MANY]) == MANY:
        seal_audit()


@shared_task(ignore_result=True)
def clear_left_behind() -> None:
    """Delete what stands in the scratch folder untouched for two days: its process was killed."""
    clear_scratch(LEFT_BEHIND)


@shared_task(ignore_result=True)
def clear_requests() -> None:
    """Delete what is kept of REST requests for a minute (counts) and for a day (answers)."""
    forget_counts()
    forget_answers()
