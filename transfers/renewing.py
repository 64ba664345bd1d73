"""The bell for transfers that a new plan version makes run again and that wait for room.

It stands beside tasks.py because it acts: it starts runs, which tasks.py only takes further.
"""

from celery import shared_task

from projects.models import Project
from transfers.actions.renewals import start_waiting
from transfers.states import RenewalState


@shared_task(ignore_result=True)
def renew_transfers() -> None:
    """Start what waits in every project, as far as there is room. Twice, or late, does no harm."""
    waiting = Project.objects.filter(plan_versions__renewals__state=RenewalState.WAITING)
    for project in waiting.distinct():
        start_waiting(project)
