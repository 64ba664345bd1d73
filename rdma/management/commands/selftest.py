"""manage.py selftest: prove on invented patients that nothing that identifies them leaves."""

import tempfile
from argparse import ArgumentParser
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from rdma.demo.processes import NotStarted
from rdma.models import SelfTest
from rdma.selftest.pipeline import KINDS_EACH, PipelineBroke, through_pipeline
from rdma.selftest.printing import lines
from rdma.selftest.report import report_on
from rdma.selftest.results import keep_result
from rdma.selftest.scratch import NoScratchDatabase

MOST_SUBJECTS = 400


class Command(BaseCommand):
    """Test the installed program on itself, in a scratch installation."""

    help = (
        "Plant identifiers into files of invented patients, take them through the whole pipeline "
        "in a scratch installation, and look for what is left. Ends with 0 if every bar is held, "
        "1 if not, 2 if it could not run."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take --seed, --subjects, --kinds-each and --keep."""
        parser.add_argument("--seed", type=int, default=1, help="another seed, other patients")
        parser.add_argument("--subjects", type=int, default=40, help="how many patients")
        parser.add_argument(
            "--kinds-each", type=int, default=KINDS_EACH, help="kinds of files of each patient"
        )
        parser.add_argument("--keep", type=Path, help="an empty folder that keeps what was made")

    def handle(
        self,
        *args: Any,
        seed: int,
        subjects: int,
        kinds_each: int,
        keep: Path | None,
        **options: Any,
    ) -> None:
        """Run the self test, print the table, and keep the result for the portal."""
        if not 1 <= subjects <= MOST_SUBJECTS or kinds_each < 1 or seed < 0:
            raise CommandError(
                f"Give 1 to {MOST_SUBJECTS} subjects, at least 1 kind each, and a seed from 0.",
                returncode=2,
            )
        _refuse_without_tables()
        started = timezone.now()
        with _folder(keep) as folder:
            try:
                through = through_pipeline(
                    Path(folder), seed=seed, subjects=subjects, each=kinds_each, say=self._say
                )
            except (NoScratchDatabase, NotStarted, PipelineBroke) as error:
                raise CommandError(str(error), returncode=2) from error
            report = report_on(*through, seed=seed, subjects=subjects)
        self.stdout.write("\n".join(lines(report)))
        keep_result(report, started_at=started)
        if not report.is_held:
            missed = ", ".join(bar.title.lower() for bar in report.bars if not bar.is_held)
            raise CommandError(f"Not held: {missed}.")

    def _say(self, sentence: str) -> None:
        self.stderr.write(sentence, style_func=str)


def _refuse_without_tables() -> None:
    """Refuse to begin where the result could not be kept."""
    try:
        SelfTest.objects.exists()
    except DatabaseError as error:
        raise CommandError(
            "The result could not be kept: run `manage.py migrate` first.", returncode=2
        ) from error


def _folder(keep: Path | None) -> AbstractContextManager[str]:
    """Give the folder that was asked for, or one that is gone afterwards."""
    if keep is None:
        parent = Path(settings.RDMA_DATA_DIR) / "scratch"
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return tempfile.TemporaryDirectory(prefix="selftest-", dir=parent)
    keep.mkdir(parents=True, exist_ok=True)
    if any(keep.iterdir()):
        raise CommandError("The folder to keep it in must be empty.", returncode=2)
    return nullcontext(str(keep.resolve()))
