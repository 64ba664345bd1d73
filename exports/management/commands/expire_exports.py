"""`manage.py expire_exports`: delete packages whose time has passed (the sweep does it too)."""

from typing import Any

from django.core.management.base import BaseCommand

from exports.expiry import expire_packages


class Command(BaseCommand):
    help = "Delete the files of packages whose time has passed."

    def handle(self, *args: Any, **options: Any) -> None:
        count = expire_packages()
        self.stdout.write(f"{count} package{'' if count == 1 else 's'} expired.")
