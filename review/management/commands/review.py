"""manage.py review: what the review lists of a project, as a file or on standard output."""

import csv
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from projects.models import Project
from review.actions.downloads import hand_out
from review.formats import FORMATS, csv_rows
from review.lists import Lists
from review.narrowing import Narrowing


class Command(BaseCommand):
    """Every element left in a project's data, its values, or what was judged, as a table."""

    help = "Write every element left in a project's data, with its counts, as a table."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the project, the form, and which table."""
        parser.add_argument("project", metavar="ACRONYM", help="the project's acronym or number")
        form = parser.add_mutually_exclusive_group(required=True)
        form.add_argument("--csv", action="store_true", help="write CSV to standard output")
        form.add_argument("--json", action="store_true", help="write JSON to standard output")
        form.add_argument("--xlsx", metavar="FILE", type=Path, help="write a workbook to FILE")
        table = parser.add_mutually_exclusive_group()
        table.add_argument(
            "--values", action="store_true", help="every distinct value instead, with its counts"
        )
        table.add_argument(
            "--verdicts", action="store_true", help="everything that was judged instead"
        )
        parser.add_argument(
            "--with-hidden",
            action="store_true",
            help="with --values: also those that the pages hide until somebody asks",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the rows."""
        project = Project.objects.named(options["project"]).first()
        if project is None:
            raise CommandError("There is no project of this name.")
        if options["with_hidden"] and not options["values"]:
            raise CommandError("--with-hidden goes with --values.")
        what = "values" if options["values"] else "inventory"
        form = next(name for name in ("csv", "json", "xlsx") if options[name])
        table = hand_out(
            by=None,
            project=project,
            what="verdicts" if options["verdicts"] else what,
            form=form,
            elements=Narrowing().apply(project, Lists.of(project)),
            with_hidden=options["with_hidden"],
        )
        out = options.get("stdout") or sys.stdout
        if form == "csv":
            csv.writer(out, lineterminator="\n").writerows(csv_rows(table))
        elif form == "json":
            for part in FORMATS[form].write(project, table):
                out.write(part.decode())
        else:
            with options["xlsx"].open("wb") as file:
                file.writelines(FORMATS[form].write(project, table))
