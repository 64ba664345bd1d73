"""Frames of pictures that wait for a look, each an image of its own; addresses carry ids alone."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from projects.requests import SignedInRequest
from projects.storage import storage
from transfers.actions import open_frame, open_thumbnails
from transfers.greys import Contrast
from transfers.models import Outcome
from transfers.picture_desk import picture_at
from transfers.pictures import THUMBNAIL, CannotBeShown, render


@require_GET
def picture_frame(request: SignedInRequest, pk: int, frame: int) -> HttpResponse:
    """One frame as a PNG of its full size."""
    outcome = picture_at(request.user, pk)
    open_frame(by=request.user, outcome=outcome)
    return frame_answer(outcome, frame, contrast_of(request), None)


@require_GET
def picture_thumbnail(request: SignedInRequest, pk: int) -> HttpResponse:
    """The first frame, small."""
    outcome = picture_at(request.user, pk)
    open_thumbnails(by=request.user, transfer=outcome.run.transfer)
    return frame_answer(outcome, 1, Contrast.HEADER, THUMBNAIL)


def contrast_of(request: SignedInRequest) -> Contrast:
    """Return how stored values shall become grey, from the address; what is unknown counts not."""
    wanted = request.GET.get("contrast", "")
    return Contrast(wanted) if wanted in set(Contrast) else Contrast.HEADER


def frame_answer(outcome: Outcome, frame: int, contrast: Contrast, box: int | None) -> HttpResponse:
    """Answer with one frame as a PNG, or with a sentence; whoever calls has checked the right."""
    if not outcome.key or not storage().exists(outcome.key):
        return HttpResponse("Its file is not there.", content_type="text/plain", status=404)
    try:
        with storage().fetch(outcome.key) as path:
            png = render(path, frame, contrast=contrast, box=box)
    except CannotBeShown as reason:
        return HttpResponse(str(reason), content_type="text/plain", status=422)
    return HttpResponse(png, content_type="image/png")
