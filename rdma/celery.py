"""The Celery application, and the clock that rings for rows whose bell was lost."""

import os
from typing import Any

from celery import Celery, Task
from celery.schedules import crontab
from django.conf import settings

from projects.origin import coming_from

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rdma.settings")


class PlacedTask(Task):
    """A task that says its name to whatever it does, for the audit (projects/origin.py)."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run it."""
        with coming_from(f"task:{self.name}"):
            return super().__call__(*args, **kwargs)


app = Celery("rdma", task_cls=PlacedTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "sweep": {"task": "rdma.tasks.sweep", "schedule": float(settings.SWEEP_SECONDS)},
    "verify-audit": {"task": "rdma.tasks.verify_audit", "schedule": crontab(hour=3, minute=10)},
    "keep-audit": {
        "task": "projects.tasks.keep_events",
        "schedule": crontab(hour=4, minute=40),
    },
}
