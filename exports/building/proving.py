"""That everything in a package may still leave, asked before anybody can take it."""

from itertools import islice

from django.core.exceptions import ValidationError

from exports.building.progress import Progress
from exports.choosing import still_there
from exports.errors import NotSignedOff, SourceChanged
from exports.models import Package
from review.currency import refuse_unsigned as refuse_unsigned_project

BATCH = 1000
TAKEN_BACK = "While the package was built, an image in it was taken back. Ask for it again."


def prove(progress: Progress) -> None:
    """Make sure that everything that was packed may still leave. Raises ExportError."""
    refuse_unsigned(progress.package)
    images = (image.outcome for image, _ in progress.images(0))
    while batch := list(islice(images, BATCH)):
        progress.check()
        if not still_there(progress.package.project, batch):
            raise SourceChanged(TAKEN_BACK)


def refuse_unsigned(package: Package) -> None:
    """Raise NotSignedOff if the project demands a sign-off and none is current any more."""
    package.project.refresh_from_db(fields=["sign_off_for_exports", "two_person_review"])
    try:
        refuse_unsigned_project(package.project)
    except ValidationError as error:
        raise NotSignedOff(" ".join(error.messages)) from error
