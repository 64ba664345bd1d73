"""The upload page: files, a folder or an archive go into quarantine; then what became of them.

With script, a browser sends in portions and shows how far it is; without, one form does it all.
"""

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from intake.models import Arrival, Door
from intake.uploads import add_to_upload, begin_upload, close_upload, may_upload
from projects.requests import SignedInRequest
from projects.roles import Permission

MOST_SHOWN = 200


@require_http_methods(["GET", "POST"])
def attach(request: SignedInRequest) -> HttpResponse:
    """The form, and what it does where there is no script."""
    if not may_upload(request.user):
        raise PermissionDenied
    if request.method == "GET":
        mine = Arrival.objects.filter(door=Door.UPLOAD, brought_by=request.user)
        return render(request, "intake/attach.html", {"section": "assign", "uploads": mine[:5]})
    files = request.FILES.getlist("files") + request.FILES.getlist("folder")
    if not files:
        context = {"section": "assign", "problem": "Choose at least one file, folder or archive."}
        return render(request, "intake/attach.html", context, status=422)
    upload = begin_upload(by=request.user)
    try:
        add_to_upload(by=request.user, upload=upload, files=files)
    except ValidationError as error:
        close_upload(by=request.user, upload=upload)
        context = {"section": "assign", "problem": error.messages[0]}
        return render(request, "intake/attach.html", context, status=422)
    close_upload(by=request.user, upload=upload)
    return redirect("upload", pk=upload.pk)


@require_POST
def attach_begin(request: SignedInRequest) -> JsonResponse:
    """Open an upload for the script, and say where it goes on."""
    upload = begin_upload(by=request.user)
    return JsonResponse(
        {
            "files": reverse("attach-files", args=[upload.pk]),
            "close": reverse("attach-close", args=[upload.pk]),
            "page": reverse("upload", args=[upload.pk]),
        }
    )


@require_POST
def attach_files(request: SignedInRequest, pk: int) -> JsonResponse:
    """Take one portion of files."""
    upload = _mine(request, pk)
    try:
        count = add_to_upload(by=request.user, upload=upload, files=request.FILES.getlist("files"))
    except ValidationError as error:
        return JsonResponse({"problem": error.messages[0]}, status=422)
    except OSError:
        problem = "There is no room left here. Nothing of this portion was kept."
        return JsonResponse({"problem": problem}, status=507)
    return JsonResponse({"count": count})


@require_POST
def attach_close(request: SignedInRequest, pk: int) -> JsonResponse:
    """Everything is sent: have it catalogued."""
    upload = _mine(request, pk)
    close_upload(by=request.user, upload=upload)
    return JsonResponse({"page": reverse("upload", args=[upload.pk])})


@require_GET
def upload_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """How far the cataloguing is, and what became of every file; htmx asks for the part alone.

    Names of files are shown to nobody but the person who sent them.
    """
    upload = _mine(request, pk)
    refused = upload.rejections.order_by("pk")
    context = {
        "section": "assign",
        "upload": upload,
        "studies": upload.studies.prefetch_related("series") if upload.ended_at else [],
        "refused": refused[:MOST_SHOWN],
        "not_shown": max(upload.rejected_count - MOST_SHOWN, 0),
        "may_assign_studies": request.user.may_anywhere(Permission.REQUEST_TRANSFER),
    }
    part = "#progress" if request.htmx else ""
    return render(request, f"intake/upload.html{part}", context)


def _mine(request: SignedInRequest, pk: int) -> Arrival:
    """Return an upload of the person who asks; those of others are not there for them."""
    if not may_upload(request.user):
        raise PermissionDenied
    return get_object_or_404(Arrival, pk=pk, door=Door.UPLOAD, brought_by=request.user)
