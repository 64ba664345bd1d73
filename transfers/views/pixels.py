"""/transfers/pixels/: pictures that wait for a look, shown large, and what is decided of them."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from projects.access import require
from projects.requests import SignedInRequest
from projects.roles import Permission
from transfers.actions import (
    NotAllSeen,
    note_frames,
    open_picture,
    open_thumbnails,
    pass_pictures,
    reject_pictures,
)
from transfers.actions.verdicts import PICTURES
from transfers.forms import PictureForm
from transfers.greys import Contrast
from transfers.models import Outcome, Picture, TransferRequest
from transfers.picture_desk import (
    beside,
    images_of_series,
    near,
    next_waiting,
    picture_at,
    position_of,
    seen_of_series,
    series_waiting,
    told,
)
from transfers.presenting import images as in_words
from transfers.views.frames import contrast_of

SERIES_ON_A_PAGE = 12
MOST_FRAMES_AT_ONCE = 1000
CONTRASTS = {
    Contrast.HEADER: "As the header says",
    Contrast.FULL: "Whole range",
    Contrast.EVEN: "Faint details",
}
PASS_REASONS = ("No text in the picture", "Text, but nothing that says who it is")
REJECT_REASONS = ("A name or a number can be read", "A date can be read", "A face can be seen")


@require_GET
def pixel_desk(request: SignedInRequest) -> HttpResponse:
    """Series with pictures that wait, in the projects of this person; the oldest first."""
    transfers = TransferRequest.objects.visible_to(request.user)
    only = None
    if (wanted := request.GET.get("transfer", "")).isdecimal() and len(wanted) < 16:
        only = get_object_or_404(
            transfers.select_related("participant", "event", "project"), pk=int(wanted)
        )
        transfers = transfers.filter(pk=only.pk)
    rows = series_waiting(transfers)
    page = Paginator(rows, SERIES_ON_A_PAGE).get_page(request.GET.get("page"))
    desk = told(page, request.user)
    for transfer in {one.run.transfer for one in desk if one.may_look}:
        open_thumbnails(by=request.user, transfer=transfer)
    context = {"desk": desk, "page": page, "only": only, "images": sum(r["images"] for r in rows)}
    return render(request, "transfers/pixel_desk.html", context)


@require_GET
def picture(request: SignedInRequest, pk: int) -> HttpResponse:
    """One image large, frame by frame, among the others of its series; opening it is audited.

    No frame counts as seen because this page was sent: a browser may fetch pages ahead.
    """
    outcome = picture_at(request.user, pk)
    return _picture_page(request, outcome)


@require_POST
def picture_seen(request: SignedInRequest, pk: int) -> HttpResponse:
    """Note frames that the page has shown; answers with what is seen of image and series by now.

    Who has no script says so by a button, and comes back to the page.
    """
    outcome = picture_at(request.user, pk)
    shown = get_object_or_404(Picture.objects.select_related("outcome__run"), outcome=outcome)
    numbers = request.POST.get("frames", "").split(",")[:MOST_FRAMES_AT_ONCE]
    frames = [int(number) for number in numbers if number.isdecimal() and len(number) < 8]
    seen = note_frames(by=request.user, picture=shown, frames=frames)
    if "by_hand" in request.POST:
        return redirect(f"{reverse('picture', args=[pk])}?frame={frames[0] if frames else 1}")
    return JsonResponse({"frames": seen, "images": seen_of_series(outcome, request.user)})


@require_POST
def picture_decide(request: SignedInRequest, pk: int) -> HttpResponse:
    """Pass or reject an image, or what waits of its series; asks again about what was not seen."""
    outcome = picture_at(request.user, pk)
    transfer = outcome.run.transfer
    require(request.user, Permission.RESOLVE_FINDINGS, transfer.project, transfer.participant)
    form = PictureForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Give a reason, a few words that somebody can follow later.")
        return redirect("picture", pk)
    decided = form.cleaned_data
    series = images_of_series(outcome, request.user)
    chosen = [image.pk for image in series if image.waits] if decided["scope"] == "series" else [pk]
    run, reason = outcome.run, decided["reason"]
    try:
        if decided["verdict"] == "reject":
            count = reject_pictures(by=request.user, run=run, outcomes=chosen, reason=reason)
            messages.success(request, f"Rejected: {in_words(count)} stay behind.")
        else:
            count = pass_pictures(
                by=request.user,
                run=run,
                outcomes=chosen,
                reason=reason,
                confirmed=decided["confirmed"],
            )
            messages.success(request, _said_of_passing(outcome, chosen, count))
    except NotAllSeen as unseen:
        return _picture_page(request, outcome, asked={**decided, "seen": unseen.seen})
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("picture", pk)
    request.session[f"{decided['verdict']}-reason"] = [run.pk, reason]
    return _on_to_the_next(request, outcome)


def _picture_page(
    request: SignedInRequest, outcome: Outcome, asked: dict[str, Any] | None = None
) -> HttpResponse:
    user = request.user
    shown = open_picture(by=user, outcome=outcome)
    frame = _frame(request, shown)
    series = images_of_series(outcome, user)
    position = position_of(series, outcome)
    waiting = [image for image in series if image.waits]
    transfer = outcome.run.transfer
    findings = list(outcome.findings.filter(kind=PICTURES).order_by("pk"))
    decided = [one for one in findings if one.verdict_by_id is not None]
    context = {
        "outcome": outcome,
        "transfer": transfer,
        "picture": shown,
        "frame": frame,
        "before": max(1, frame - 1),
        "after": min(shown.frame_count, frame + 1),
        "frames_seen": shown.looks.filter(user=user).count(),
        "contrast": contrast_of(request),
        "contrasts": CONTRASTS.items(),
        "series": series,
        "image": series[position] if position is not None else None,
        "near": near(series, position or 0),
        "previous": beside(series, position, -1),
        "next": beside(series, position, 1),
        "waiting": len(waiting),
        "seen": sum(image.is_seen for image in series),
        "sentences": sorted({one.sentence for one in findings}),
        "decided": decided[0] if decided else None,
        "may_resolve": transfer.allows(user, Permission.RESOLVE_FINDINGS),
        "asked": asked,
        "pass_reason": _last_reason(request, outcome, "pass"),
        "reject_reason": _last_reason(request, outcome, "reject"),
        "pass_reasons": PASS_REASONS,
        "reject_reasons": REJECT_REASONS,
    }
    return render(request, "transfers/picture.html", context, status=409 if asked else 200)


def _frame(request: SignedInRequest, shown: Picture) -> int:
    """Return the frame that was asked for, the first without a word, 0 if there is none."""
    wanted = request.GET.get("frame", "")
    if wanted == "last":
        return shown.frame_count
    number = int(wanted) if wanted.isdecimal() and len(wanted) < 8 else 1
    return max(min(number, shown.frame_count), min(1, shown.frame_count))


def _last_reason(request: SignedInRequest, outcome: Outcome, verdict: str) -> str:
    """Return the reason this person gave last in this run, so that it need not be typed again."""
    run, reason = request.session.get(f"{verdict}-reason", (0, ""))
    return reason if run == outcome.run_id else ""


def _said_of_passing(outcome: Outcome, chosen: Sequence[int], count: int) -> str:
    passed = f"Passed: {in_words(len(chosen))}."
    if outcome.run.transfer.project.two_person_release:
        return f"{passed} What has nobody else's word yet waits for a second person."
    if count < len(chosen):
        return f"{passed} {in_words(len(chosen) - count)} of them stay held for another reason."
    return passed


def _on_to_the_next(request: SignedInRequest, outcome: Outcome) -> HttpResponse:
    """Go to the next picture that waits in the series, or back to the desk."""
    series = images_of_series(outcome, request.user)
    following = next_waiting(series, position_of(series, outcome) or 0)
    return redirect("picture", following.pk) if following else redirect("pixel-desk")
