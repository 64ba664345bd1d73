"""manage.py reindex: build the tag index anew from the files of the research copy."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from projects.models import Project
from review.indexing import note_changes
from review.merging import forget
from review.models import IndexState, ResearchStudy
from review.tasks import index_study


class Command(BaseCommand):
    """Read every series again, here and now; running workers may help."""

    help = "Build the tag index anew, of one project or of all."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the project."""
        parser.add_argument("project", nargs="?", metavar="ACRONYM", help="acronym or number")

    def handle(self, *args: Any, **options: Any) -> None:
        """Forget what was indexed, and index what is there."""
        projects = Project.objects.all()
        if name := options["project"]:
            projects = projects.named(name)
            if not projects:
                raise CommandError("There is no project of this name.")
        for project in projects:
            forget(project)
        note_changes()
        studies = ResearchStudy.objects.filter(project__in=projects)
        for study_id in list(studies.values_list("pk", flat=True)):
            index_study(study_id)
        indexed = studies.filter(state=IndexState.INDEXED).count()
        left = studies.exclude(state=IndexState.INDEXED)
        self.stdout.write(f"{indexed} studies indexed, {left.count()} not.")
        for study in left:
            self.stdout.write(f"  study {study.pk}: {study.reason or 'another worker has it'}")
