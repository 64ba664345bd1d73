"""/transfers/7/plan/: what de-identification did in a transfer, and why, element by element."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, Min
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from deidentify.decisions import ACTIONS
from deidentify.errors import DeidentifyError
from deidentify.explain import Explainer, Line
from deidentify.listing import BY_TYPE, MEANING_BY_TYPE, Row
from projects.access import require
from projects.errors import KeyUnavailable
from projects.models import AuditEvent
from projects.requests import SignedInRequest
from projects.roles import Permission
from transfers.models import Outcome, Run, StoredPlan, TransferRequest
from transfers.pipeline.copies import made_from
from transfers.pipeline.deidentifying import collect_known, kept_apart
from transfers.planning import compile_for

MEANINGS = {**ACTIONS, BY_TYPE: MEANING_BY_TYPE}
MOST_SERIES = 50


@require_http_methods(["GET", "POST"])
def transfer_plan(request: SignedInRequest, pk: int) -> HttpResponse:
    """The plan of the latest run: profile, options, counts, and every decision with its row.

    Words to search for are posted, so that what somebody pastes stays out of the address.
    """
    transfer, run = _visible(request, pk)
    stored = StoredPlan.objects.filter(digest=run.plan_digest).first()
    rows = [Row(*row) for row in stored.data["rows"]] if stored else []
    letter = request.GET.get("action", "")
    letter = letter if letter in MEANINGS else ""
    words = request.POST.get("words", "").strip()[:200]
    shown = [row for row in rows if _fits(row, letter, words)]
    may_explain = transfer.allows(request.user, Permission.SEE_IDENTIFIED)
    context = {
        "transfer": transfer,
        "project": transfer.project,
        "run": run,
        "plan": stored.data if stored else None,
        "options": ", ".join(stored.data["options"]).replace("-", " ") if stored else "",
        "changes": _counted(run),
        "rows": shown,
        "words": words,
        "letter": letter,
        "letters": [(letter, MEANINGS[letter]) for letter in _letters(rows)],
        "may_explain": may_explain,
        "series": _series(run) if may_explain else [],
    }
    template = "transfers/plan.html" + ("#rows" if request.htmx else "")
    return render(request, template, context)


@require_http_methods(["GET"])
def instance_explained(request: SignedInRequest, pk: int, outcome: int) -> HttpResponse:
    """One image's header, element by element: kind of value, what it becomes, and why.

    Values are not shown; looking is audited all the same, since it is identified data.
    """
    transfer, run = _visible(request, pk)
    require(request.user, Permission.SEE_IDENTIFIED, transfer.project, transfer.participant)
    one = get_object_or_404(
        run.outcomes.select_related("instance", "series", "made_of"), pk=outcome
    )
    AuditEvent.record(request.user, "explained", transfer, image=one.pk)
    lines, sentence = _explained(run, one)
    context = {
        "transfer": transfer,
        "project": transfer.project,
        "run": run,
        "series": one.series,
        "lines": lines,
        "sentence": sentence,
    }
    return render(request, "transfers/explained.html", context)


def _visible(request: SignedInRequest, pk: int) -> tuple[TransferRequest, Run]:
    transfers = TransferRequest.objects.visible_to(request.user).select_related(
        "project", "participant", "event", "study"
    )
    transfer = get_object_or_404(transfers, pk=pk)
    run = transfer.latest_run
    if run is None:
        raise Http404
    return transfer, run


def _fits(row: Row, letter: str, words: str) -> bool:
    if letter and row.action != letter:
        return False
    text = " ".join((row.element, row.name, row.meaning, row.because)).casefold()
    return all(word in text for word in words.casefold().split())


def _letters(rows: list[Row]) -> list[str]:
    present = {row.action for row in rows}
    return [letter for letter in MEANINGS if letter in present]


def _counted(run: Run) -> list[tuple[str, int]]:
    """What was done to how many elements, most first."""
    counts = sorted(run.changes.items(), key=lambda pair: -pair[1])
    return [(MEANINGS.get(letter, letter), number) for letter, number in counts]


def _series(run: Run) -> Sequence[Mapping[str, Any]]:
    """One image of each series, to be explained for the others."""
    return list(
        run.outcomes.exclude(series=None)
        .values("series__series_number", "series__modality")
        .annotate(first=Min("pk"), images=Count("pk"))
        .order_by("series__series_number", "first")[:MOST_SERIES]
    )


def _explained(run: Run, outcome: Outcome) -> tuple[list[Line], str]:
    """The lines of an image, or why there are none."""
    try:
        plan = compile_for(run)
    except KeyUnavailable:
        return [], "The participant's key was destroyed: nothing can be told of the original."
    explainer = Explainer(plan if outcome.made_of else plan.of_originals)
    instance = None if outcome.made_of else outcome.instance
    apart = kept_apart([instance]).get(instance.pk, "") if instance else ""
    try:
        with made_from(outcome) as source:
            if source is None:
                gone = "The earlier run's file" if outcome.made_of else "The original"
                where = "been replaced" if outcome.made_of else "left quarantine"
                return [], f"{gone} has {where}, so nothing can be told of it any more."
            known = collect_known(run.transfer.study)
            return explainer.explain(source, known=known, apart=apart), ""
    except DeidentifyError as error:
        return list(explainer.heard), f"{error} Nothing is written for this image."
