"""Where a link leads: what it is for, a button, and the file.

The token stands behind the # of the address: browsers do not send that to any server, so that it
is in no log of ours or of a proxy, in no Referer and in no address that sign-in comes back to. The
page hands it over in a form; after that, this browser's session knows the link. Opening an address
counts for nothing (mail scanners do): a person presses the button.
"""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from exports.actions.links import OVER, link_of, refuse_link, use_link
from exports.downloads import send
from exports.models import DownloadLink
from projects.models import User

KNOWN = "links"
PERMIT = timedelta(hours=12)


@login_not_required
@sensitive_post_parameters("token")
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Take the token of a link, which the page finds behind the # or a person pastes."""
    if request.method != "POST":
        return render(request, "exports/get.html", {})
    token = request.POST.get("token", "").strip().rpartition("#")[2]
    link = link_of(token)
    if link is None:
        return render(request, "exports/get.html", {"problem": OVER}, status=404)
    request.session[KNOWN] = request.session.get(KNOWN, {}) | {str(link.pk): None}
    return redirect("export-get-link", link.pk)


@login_not_required
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def landing(request: HttpRequest, pk: int) -> HttpResponse:
    """What a link is for, and a button; pressing it uses the link once and gives the file."""
    link = _known(request, pk)
    if link is None:
        return redirect("export-get")
    person = _person(request)
    if link.account_id is not None and person is None:
        return render(request, "exports/get_link.html", {"link": link, "must_sign_in": True})
    permit = _permit(request, link)
    context: dict[str, Any] = {"link": link, "package": link.package, "permit": permit}
    try:
        refuse_link(link, person)
        if request.method == "POST":
            if permit is None:
                use_link(link=link, person=person, code=request.POST.get("code", ""))
                until = (timezone.now() + PERMIT).isoformat()
                request.session[KNOWN] = request.session[KNOWN] | {str(pk): until}
            return redirect("export-get-file", pk)
    except ValidationError as error:
        link.refresh_from_db(fields=["wrong_count", "revoked_at", "use_count"])
        context["problem"] = " ".join(error.messages)
        context["is_over"] = not link.is_open
        return render(request, "exports/get_link.html", context, status=422)
    context["left"] = link.most_uses - link.use_count
    return render(request, "exports/get_link.html", context)


@login_not_required
@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The package's file, whole or from a byte on, for whoever pressed the button."""
    link = _known(request, pk)
    if link is None or _permit(request, link) is None:
        return redirect("export-get-link", pk)
    person = _person(request)
    try:
        refuse_link(link, person)
        return send(request, by=person, package=link.package, link=link)
    except ValidationError as error:
        raise Http404(" ".join(error.messages)) from error


def _known(request: HttpRequest, pk: int) -> DownloadLink | None:
    """Return a link that this browser's session has handed the token of."""
    if str(pk) not in request.session.get(KNOWN, {}):
        return None
    links = DownloadLink.objects.select_related("package__project", "account", "made_by")
    return links.filter(pk=pk).first()


def _permit(request: HttpRequest, link: DownloadLink) -> datetime | None:
    """Return until when this browser may fetch the file without using the link again."""
    until = request.session.get(KNOWN, {}).get(str(link.pk))
    if until is None:
        return None
    ends = datetime.fromisoformat(until)
    return ends if timezone.now() < ends else None


def _person(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None
