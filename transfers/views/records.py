"""/transfers/7/record.pdf and its like: the newest record of a run, to be kept elsewhere."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from projects.models import AuditEvent
from projects.requests import SignedInRequest
from transfers.models import TransferRecord, TransferRequest
from transfers.proving import newest_record, proof_of, record_context, records_of


@require_GET
def record_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """The record as one page for the project's file."""
    from transfers.record_pdf import draw_record  # fonts and all: nobody else should wait for it

    record = _asked(request, pk, "pdf")
    return _file(
        draw_record(record, proof_of(record).seal), "application/pdf", _name(record, "pdf")
    )


@require_GET
def record_text(request: SignedInRequest, pk: int) -> HttpResponse:
    """The record itself, to the byte: its SHA-256 is what the seal covers."""
    record = _asked(request, pk, "json")
    return _file(record.text.encode(), "application/json", _name(record, "json"))


@require_GET
def record_outputs(request: SignedInRequest, pk: int) -> HttpResponse:
    """The checksums of everything that was made, as `sha256sum --check` reads them."""
    record = _asked(request, pk, "sha256")
    return _file(
        record.outputs.text.encode(), "text/plain; charset=utf-8", _name(record, "sha256.txt")
    )


@require_GET
def record_part(request: SignedInRequest, pk: int) -> HttpResponse:
    """The part of a transfer's page that waits for its record."""
    transfer = get_object_or_404(TransferRequest.objects.visible_to(request.user), pk=pk)
    return render(request, "transfers/parts/record.html", record_context(transfer))


def _asked(request: SignedInRequest, pk: int, form: str) -> TransferRecord:
    """Return the newest record, or the earlier edition that the address names by its digest.

    That somebody takes it along is written down.
    """
    transfer = get_object_or_404(TransferRequest.objects.visible_to(request.user), pk=pk)
    if digest := request.GET.get("digest", ""):
        record = get_object_or_404(records_of(transfer), digest=digest)
    elif (newest := newest_record(transfer)) is not None:
        record = newest
    else:
        raise Http404("There is no record yet: it is made when the run has come to a stand.")
    AuditEvent.record(request.user, "downloaded_record", transfer, form=form, number=record.number)
    return record


def _name(record: TransferRecord, ending: str) -> str:
    return f"transfer-{record.run.transfer_id}-run-{record.run.number}-{record.number}.{ending}"


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
