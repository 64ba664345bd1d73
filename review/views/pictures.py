"""A series of the research copy as one small picture, for who reviews what is left in it.

What is in the project's hands may be seen by who reviews the project. An image that still waits
for somebody's look is not: it may show who the patient is, and the picture desk asks for the right
to see identified data and keeps who looked. Another image of the series is shown instead, if there
is one.
"""

from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from projects.access import project_at
from projects.requests import SignedInRequest
from projects.roles import Permission
from review.contents import shown_outcomes
from review.models import ResearchSeries
from transfers.actions.verdicts import PICTURES
from transfers.greys import Contrast
from transfers.models import Finding, Outcome
from transfers.pictures import THUMBNAIL
from transfers.views.frames import frame_answer

NOTHING = """<svg xmlns="http://www.w3.org/2000/svg" width="120" height="90" viewBox="0 0 120 90">
<rect width="120" height="90" fill="#16202a"/><text x="60" y="49" fill="#c9d4dc" font-size="12"
font-family="sans-serif" text-anchor="middle">No picture</text></svg>"""


@require_safe
def series_picture(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """The middle image of a series, small; a drawing that says so where nothing can be shown."""
    project = project_at(request.user, acronym, Permission.REVIEW)
    rows = ResearchSeries.objects.filter(study__project=project).select_related("study")
    outcome = _middle(get_object_or_404(rows, pk=pk))
    answer = frame_answer(outcome, 1, Contrast.HEADER, THUMBNAIL) if outcome else None
    if answer is None or answer.status_code != 200:
        answer = HttpResponse(NOTHING, content_type="image/svg+xml")
    answer["Cache-Control"] = "private, no-store"
    return answer


def _middle(series: ResearchSeries) -> Outcome | None:
    waits = Finding.objects.undecided().filter(kind=PICTURES, outcome=OuterRef("pk"))
    images = (
        shown_outcomes()
        .filter(run=series.study.run_id, series_instance_uid=series.series_instance_uid)
        .exclude(key="")
        .exclude(Exists(waits))
        .order_by("instance__instance_number", "pk")
    )
    count = images.count()
    return images[count // 2] if count else None
