"""`manage.py verify_package FILE`: is a package whole, unchanged and signed here?"""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from exports.signing import key_name, public_key_pem
from exports.verifying import problems_of

SHOWN = 20


class Command(BaseCommand):
    help = "Verify a package: its signature, and the sum of every file in it. Exit 1 if not intact."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="the zip file")
        parser.add_argument(
            "--key", type=Path, help="a public key as PEM; this installation's own without it"
        )
        parser.add_argument(
            "--print-key", action="store_true", help="print this installation's public key"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify the file. RDMA_PACKAGE_PASSWORD opens an encrypted one."""
        if options["print_key"]:
            self.stdout.write(public_key_pem(), ending="")
            return
        path: Path | None = options["file"]
        if path is None or not path.is_file():
            raise CommandError("Name the zip file of a package.")
        pem = options["key"].read_text() if options["key"] else public_key_pem()
        password = os.environ.get("RDMA_PACKAGE_PASSWORD", "")
        problems = list(problems_of(path, pem=pem, password=password))
        for problem in problems[:SHOWN]:
            self.stdout.write(problem)
        if problems:
            raise CommandError(f"The package is not intact: {len(problems):,} problems.")
        self.stdout.write(f"The package is whole, unchanged and signed with key {key_name(pem)}.")
