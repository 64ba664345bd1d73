"""What the clock does in this room: seal the audit, and clear away what killed processes left."""

import logging
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from projects.access_reviews.opening import open_due_reviews
from projects.auditing.keeping import keep_audit
from projects.auditing.relaying import relay_audit
from projects.chain.sealing import seal_audit, unsealed
from projects.directory.errors import DirectoryError
from projects.directory.renewing import is_due, renew_people
from projects.errors import NotIntact
from projects.models import AuditSeal
from projects.storage import clear_scratch
from projects.tokens.limits import forget_counts
from projects.tokens.once import forget_answers

log = logging.getLogger(__name__)

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
def relay_events() -> None:
    """Send the log server what was sealed since, if there is such a server."""
    relay_audit()


@shared_task(ignore_result=True)
def keep_events() -> None:
    """Drop, every night, events and addresses that were kept for as long as they may be."""
    try:
        keep_audit()
    except NotIntact as error:
        log.error("%s", error)


@shared_task(ignore_result=True)
def open_access_reviews() -> None:
    """Open, every night, the reviews of access whose last is half a year old."""
    open_due_reviews()


@shared_task(ignore_result=True)
def clear_left_behind() -> None:
    """Delete what stands in the scratch folder untouched for two days: its process was killed."""
    clear_scratch(LEFT_BEHIND)


@shared_task(ignore_result=True)
def clear_requests() -> None:
    """Delete what is kept of REST requests for a minute (counts) and for a day (answers)."""
    forget_counts()
    forget_answers()


@shared_task(ignore_result=True)
def renew_directory() -> None:
    """Compare everybody with the hospital's directory; what was found is on its page."""
    try:
        renew_people()
    except DirectoryError as error:
        log.error("%s", error)


@shared_task(ignore_result=True)
def renew_directory_at_night() -> None:
    """Do so once a night, and again every quarter of an hour while the directory is away."""
    if is_due(timezone.now()):
        renew_directory()
