"""The clock: every few seconds each room looks for rows that nobody has heard of.

`manage.py sweep` does the same once, for installations that have cron instead of celery beat.
"""

import logging

from celery import shared_task

from exports.delivering.bells import resume_deliveries
from exports.tasks import resume_packages
from intake.tasks import recover_arrivals
from projects.tasks import (
    clear_left_behind,
    clear_requests,
    open_access_reviews,
    relay_events,
    renew_directory_at_night,
    seal_events,
)
from rdma.audit import check_audit
from review.tasks import index_runs, resume_checks
from transfers.renewing import renew_transfers
from transfers.tasks import keep_records, resume_transfers

log = logging.getLogger(__name__)

SWEEPS = (
    recover_arrivals,
    resume_transfers,
    renew_transfers,
    index_runs,
    resume_packages,
    resume_deliveries,
    resume_checks,
    keep_records,
    seal_events,
    relay_events,
    clear_left_behind,
    clear_requests,
    open_access_reviews,
    renew_directory_at_night,
)


@shared_task(ignore_result=True)
def sweep() -> None:
    """Ring for every room's sweep; each is a task of its own, so that none waits for another."""
    for task in SWEEPS:
        task.delay()


@shared_task(ignore_result=True)
def verify_audit() -> None:
    """Verify the audit and the records at night; the page of the audit shows what was found."""
    found = check_audit()
    if not found.is_intact:
        log.error("the audit is not intact: run `manage.py audit verify`")
