"""manage.py sweep: look once for work that nobody has heard of, for cron instead of celery beat."""

from typing import Any

from django.core.management.base import BaseCommand

from rdma.tasks import SWEEPS


class Command(BaseCommand):
    """Ring for rows whose bell or worker was lost, in every room."""

    help = "Look once for work that nobody has heard of, and ring for it."

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep each room here and now; what is found is done by the workers."""
        for task in SWEEPS:
            task()
        self.stdout.write("Swept.")
