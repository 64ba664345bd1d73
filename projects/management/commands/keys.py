"""manage.py keys: which key wraps what, another master key, another project key, shares."""

import secrets
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from projects.errors import GovernanceError
from projects.keys.deriving import key_id
from projects.keys.private_files import write_private
from projects.keys.rotating import rotate_master_key, rotate_project_key
from projects.keys.shares import SharesUnusable, split
from projects.keys.standing import Column, Under, standing, unreadable_columns
from projects.models import AuditEvent, DataKey, Project


class Command(BaseCommand):
    """Look after the keys from the command line. No secret is ever printed but a share."""

    help = "Say which key wraps what, change the master key or a project's, share the key out."
    requires_system_checks = ()  # it mends what they complain of

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take one of six words."""
        words = parser.add_subparsers(dest="word", required=True)
        words.add_parser("status", help="say which key wraps how many keys")
        words.add_parser("check", help="open everything with RDMA_MASTER_KEY alone; exit 1 if not")
        draw = words.add_parser("draw", help="draw a master key into a new file")
        draw.add_argument("--to", required=True, type=Path, metavar="FILE")
        words.add_parser(
            "rotate", help="wrap by RDMA_MASTER_KEY what RDMA_MASTER_KEY_PREVIOUS wraps"
        )
        project = words.add_parser("rotate-project", help="give projects another key each")
        project.add_argument("acronyms", nargs="+", metavar="ACRONYM")
        escrow = words.add_parser("escrow", help="write the master key in shares, one file each")
        escrow.add_argument("--shares", type=int, default=5, metavar="N", help="how many (5)")
        escrow.add_argument("--needed", type=int, default=3, metavar="K", help="to restore (3)")
        escrow.add_argument("--to", required=True, type=Path, metavar="FOLDER", help="a new one")

    def handle(self, *args: Any, word: str, **options: Any) -> None:
        """Do what the word says."""
        try:
            getattr(self, f"_{word.replace('-', '_')}")(options)
        except (GovernanceError, SharesUnusable) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"A file could not be written: {error.strerror}.") from error

    def _status(self, options: dict[str, Any]) -> None:
        self._say_keys()
        for column in standing():
            self.stdout.write(_line(column))

    def _check(self, options: dict[str, Any]) -> None:
        columns, unreadable = standing(), unreadable_columns()
        bad = [one for one in columns if one.under[Under.NOTHING] or one.under[Under.PREVIOUS]]
        for column in bad:
            self.stdout.write(_line(column))
        for name in unreadable:
            self.stdout.write(f"{name}: the oldest or newest value cannot be read.")
        if any(column.under[Under.NOTHING] for column in bad) or unreadable:
            raise CommandError("Not everything opens with this master key.")
        if bad:
            raise CommandError(
                "Some keys open with the previous master key only: run `manage.py keys rotate`."
            )
        count = sum(column.under.total() for column in columns)
        self.stdout.write(
            f"All {count:,} wrapped keys open with RDMA_MASTER_KEY "
            f"({key_id(settings.RDMA_MASTER_KEY)}), and the encrypted columns can be read."
        )

    def _draw(self, options: dict[str, Any]) -> None:
        drawn = secrets.token_urlsafe(32)
        write_private(options["to"], drawn)
        self.stdout.write(
            f"Master key {key_id(drawn)} is in {options['to']}. Only you can read it."
        )

    def _rotate(self, options: dict[str, Any]) -> None:
        count = rotate_master_key()
        if not count:
            self.stdout.write("Everything is wrapped by this master key already.")
            return
        self.stdout.write(
            f"{count:,} keys are wrapped by {key_id(settings.RDMA_MASTER_KEY)} now. Run "
            "`manage.py keys check` when every process has both keys, then take "
            "RDMA_MASTER_KEY_PREVIOUS away. Keep the previous key as long as a backup that "
            "was made under it."
        )

    def _rotate_project(self, options: dict[str, Any]) -> None:
        for acronym in options["acronyms"]:
            project = Project.objects.named(acronym).first()
            if project is None:
                raise CommandError(f"There is no project {acronym}.")
            count = rotate_project_key(project)
            self.stdout.write(f"{project}: {count:,} keys are wrapped by a new project key.")

    def _escrow(self, options: dict[str, Any]) -> None:
        master: str = settings.RDMA_MASTER_KEY
        name, needed, of = key_id(master), options["needed"], options["shares"]
        folder: Path = options["to"]
        shares = split(master.encode(), key_id=name, needed=needed, of=of)
        folder.mkdir(mode=0o700)
        for share in shares:
            write_private(folder / f"share-{share.number}.txt", share.text())
        row = DataKey.objects.earliest("pk")
        AuditEvent.record(None, "shared_master_key", row, key=name, shares=of, needed=needed)
        self.stdout.write(
            f"{of} shares of master key {name} are in {folder}; any {needed} restore it "
            "(`python -m projects.keys`). Print each, give each to another person, and delete "
            "the folder."
        )

    def _say_keys(self) -> None:
        self.stdout.write(f"RDMA_MASTER_KEY is {key_id(settings.RDMA_MASTER_KEY)}.")
        if previous := settings.RDMA_MASTER_KEY_PREVIOUS:
            self.stdout.write(f"RDMA_MASTER_KEY_PREVIOUS is {key_id(previous)}.")


def _line(column: Column) -> str:
    said = [f"{column.under[under]:,} open with {under}" for under in Under if column.under[under]]
    return f"{column.name}: {', '.join(said) or 'holds none'}."
