"""What the review gives out as files: the inventory, the values and the verdicts."""

from django.http import Http404, StreamingHttpResponse
from django.views.decorators.http import require_http_methods

from projects.access import project_at
from projects.requests import SignedInRequest
from projects.roles import Permission
from review.actions.downloads import WHAT, hand_out
from review.formats import FORMATS
from review.lists import Lists
from review.narrowing import Narrowing


@require_http_methods(["GET", "HEAD", "POST"])
def download(request: SignedInRequest, acronym: str, what: str, form: str) -> StreamingHttpResponse:
    """One table of the elements that the address asks for; hidden values only by POST."""
    project = project_at(request.user, acronym, Permission.REVIEW)
    if what not in WHAT or form not in FORMATS:
        raise Http404
    lists = Lists.of(project)
    table = hand_out(
        by=request.user,
        project=project,
        what=what,
        form=form,
        elements=Narrowing.read(request.GET, lists=lists).apply(project, lists),
        with_hidden=request.POST.get("with_hidden") == "yes",
    )
    return StreamingHttpResponse(
        FORMATS[form].write(project, table),
        content_type=FORMATS[form].media_type,
        headers={"Content-Disposition": f'attachment; filename="{project.acronym}-{what}.{form}"'},
    )
