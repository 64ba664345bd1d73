"""manage.py audit: seal what happened, verify that nobody changed it, drop what is old."""

import sys
from argparse import ArgumentParser
from datetime import datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date

from projects.auditing.keeping import keep_audit
from projects.chain import checkpoints
from projects.chain.pruning import prune_audit
from projects.chain.sealing import seal_audit
from projects.errors import KeyUnavailable, NotIntact
from projects.models import AuditSeal
from rdma.audit import check_audit


class Command(BaseCommand):
    """Look after the audit from the command line."""

    help = "Seal and verify the audit, print its checkpoint, drop events that are old."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take one of five words."""
        words = parser.add_subparsers(dest="word", required=True)
        words.add_parser("seal", help="seal everything that is not sealed yet")
        verify = words.add_parser(
            "verify", help="compare every event and record with the seals; exit 1 if one differs"
        )
        verify.add_argument(
            "--checkpoint",
            action="append",
            default=[],
            metavar="DIGEST|FILE",
            help="kept elsewhere: a seal's digest, or a file of checkpoints",
        )
        verify.add_argument(
            "--without-key",
            action="store_true",
            help="leave the seals' signatures out, where the master key is not at hand",
        )
        words.add_parser("checkpoint", help="print the newest seal, to be kept elsewhere")
        words.add_parser(
            "keep", help="drop events and addresses kept for as long as the settings say"
        )
        prune = words.add_parser("prune", help="drop the events of seals made before a day")
        prune.add_argument("--before", required=True, metavar="DATE", help="such as 2020-01-31")

    def handle(self, *args: Any, word: str, **options: Any) -> None:
        """Do what the word says."""
        if word == "verify":
            self._verify(options["checkpoint"], with_key=not options["without_key"])
        elif word == "prune":
            self._prune(options["before"])
        elif word == "keep":
            self._keep()
        elif word == "seal":
            seals = seal_audit()
            events = sum(seal.event_count for seal in seals)
            self.stdout.write(f"Sealed {events:,} events.")
        else:
            newest = AuditSeal.objects.light().newest()
            if newest is None:
                raise CommandError("Nothing is sealed yet. Run `manage.py audit seal`.")
            self.stdout.write(checkpoints.line(newest))

    def _verify(self, asked: list[str], *, with_key: bool) -> None:
        try:
            given = [one for text in asked for one in checkpoints.asked(text)]
            found = check_audit(given, with_key=with_key)
        except (ValueError, KeyUnavailable) as error:
            raise CommandError(str(error)) from error
        for sentence in found.sentences:
            self.stdout.write(sentence)
        if not found.is_intact:
            sys.exit(1)

    def _keep(self) -> None:
        try:
            events, addresses = keep_audit()
        except NotIntact as error:
            raise CommandError(f"{error} Run `manage.py audit verify`.") from error
        self.stdout.write(
            f"Dropped {events:,} events, whose seals are kept, and {addresses:,} addresses."
        )

    def _prune(self, before: str) -> None:
        try:
            day = parse_date(before)
        except ValueError:
            day = None
        if day is None:
            raise CommandError("Give a day such as 2020-01-31.")
        try:
            dropped = prune_audit(timezone.make_aware(datetime.combine(day, time.min)))
        except NotIntact as error:
            raise CommandError(f"{error} Run `manage.py audit verify`.") from error
        self.stdout.write(f"Dropped {dropped:,} events; their seals are kept.")
