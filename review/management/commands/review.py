"""manage.py review: the inventory of a project on standard output."""

import csv
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from projects.models import AuditEvent, Project
from review.inventory_csv import inventory_rows


class Command(BaseCommand):
    """Every element left in a project's data, with its counts, as a table."""

    help = "Write every element left in a project's data to standard output, as CSV."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the project, and the format: there is one so far, and it is asked for by name."""
        parser.add_argument("project", metavar="ACRONYM", help="the project's acronym or number")
        parser.add_argument("--csv", action="store_true", required=True, help="write CSV")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the rows."""
        project = Project.objects.named(options["project"]).first()
        if project is None:
            raise CommandError("There is no project of this name.")
        AuditEvent.record(None, "downloaded_inventory", project, door="command")
        writer = csv.writer(options.get("stdout") or sys.stdout, lineterminator="\n")
        writer.writerows(inventory_rows(project))
