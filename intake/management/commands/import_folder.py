"""Copies everything below a folder into quarantine, and prints what became of it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count

from intake.folders import import_folder, is_own
from intake.models import Arrival, RejectionCode
from projects.models import User


class Command(BaseCommand):
    help = "Copy every file below FOLDER into quarantine. Files that cannot be used are kept aside."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="FOLDER")
        parser.add_argument(
            "--as",
            dest="username",
            metavar="USERNAME",
            help="who brings the studies, and may assign them afterwards",
        )

    def handle(self, *args: Any, folder: Path, username: str | None, **options: Any) -> None:
        if not folder.is_dir():
            raise CommandError("There is no such folder.")
        if is_own(folder):
            raise CommandError("This is rDMA's own data folder. Name another folder.")
        by = None
        if username is not None:
            by = User.objects.filter(username=username, is_active=True).first()
            if by is None:
                raise CommandError("There is no such user.")
        arrival = import_folder(folder, by=by)
        self.stdout.write(
            f"{arrival.received_count} files: {arrival.catalogued_count} catalogued, "
            f"{arrival.duplicate_count} here already, {arrival.rejected_count} kept aside."
        )
        for code, files in _reasons(arrival):
            self.stdout.write(f"  {files} kept aside: {RejectionCode(code).label}")


def _reasons(arrival: Arrival) -> list[tuple[str, int]]:
    rows = arrival.rejections.order_by().values("code").annotate(files=Count("pk"))
    return sorted(rows.values_list("code", "files"))
