"""Puts the house together: settings, addresses, the Celery application and its clock."""

from rdma.celery import app as celery_app

__all__ = ["celery_app"]
