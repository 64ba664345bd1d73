"""The clock: every few seconds each room looks for rows that nobody has heard of.

`manage.py sweep` does the same once, for installations that have cron instead of celery beat.
"""

from celery import shared_task

from exports.tasks import resume_packages
from intake.tasks import recover_arrivals
from review.tasks import index_runs
from transfers.tasks import resume_transfers

SWEEPS = (recover_arrivals, resume_transfers, index_runs, resume_packages)


@shared_task(ignore_result=True)
def sweep() -> None:
    """Ring for every room's sweep; each is a task of its own, so that none waits for another."""
    for task in SWEEPS:
        task.delay()
