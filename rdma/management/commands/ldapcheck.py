"""manage.py ldapcheck: say in sentences whether signing in with the directory would work."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from projects.directory.checking import check_directory


class Command(BaseCommand):
    """Walk the way of a sign-in, step by step, and stop where it ends."""

    help = "Walk the way of a sign-in with the hospital's directory; exit 1 if anything is wrong."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the name of somebody to look up."""
        parser.add_argument(
            "--user",
            default="",
            metavar="NAME",
            help="somebody whose entry, groups and roles are shown; no password is asked for",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each step as it is taken."""
        is_well = True
        for step in check_directory(options["user"]):
            self.stdout.write(f"{'ok   ' if step.is_well else 'WRONG'}  {step.sentence}")
            is_well &= step.is_well
        if not is_well:
            sys.exit(1)
