"""The Celery application, and the clock that rings for rows whose bell was lost."""

import os

from celery import Celery
from celery.schedules import crontab
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rdma.settings")

app = Celery("rdma")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "sweep": {"task": "rdma.tasks.sweep", "schedule": float(settings.SWEEP_SECONDS)},
    "verify-audit": {"task": "rdma.tasks.verify_audit", "schedule": crontab(hour=3, minute=10)},
}
