"""REST: /api/v1/transfers/7/record/ and what proves it."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from projects.api import signed_in
from projects.models import AuditEvent
from transfers.models import TransferRecord, TransferRequest
from transfers.proving import newest_record, proof_of


class SealSerializer(serializers.Serializer[object]):
    """The link of the audit's chain that covers a record."""

    number = serializers.IntegerField()
    digest = serializers.CharField()
    sealed_at = serializers.DateTimeField()


class ProofSerializer(serializers.Serializer[object]):
    """What vouches for a record: its audit event, and the seal over that once there is one."""

    digest = serializers.CharField(help_text="SHA-256 of the record's bytes.")
    event = serializers.IntegerField(help_text="The audit event that carries the digest.")
    seal = SealSerializer(allow_null=True)


class RecordView(APIView):
    """The newest record of a transfer, to the byte."""

    @extend_schema(
        operation_id="transfers_record_retrieve",
        responses={
            (200, "application/json"): OpenApiResponse(
                OpenApiTypes.OBJECT, description="Its SHA-256 is the record's digest."
            )
        },
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        """Return the text whose SHA-256 the audit carries: what was done, and what left."""
        return HttpResponse(_taken(request, pk, "json").text, content_type="application/json")


class RecordProofView(APIView):
    """What vouches for the newest record."""

    @extend_schema(operation_id="transfers_record_proof_retrieve", responses=ProofSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Return the record's digest, its audit event, and its seal; null while it waits."""
        return Response(ProofSerializer(proof_of(_newest(request, pk))).data)


class RecordOutputsView(APIView):
    """The checksums of everything that the recorded run made."""

    @extend_schema(
        operation_id="transfers_record_outputs_retrieve",
        responses={(200, "text/plain"): OpenApiTypes.STR},
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        """Return lines as `sha256sum --check` reads them; the record has the digest of them."""
        text = _taken(request, pk, "sha256").outputs.text
        return HttpResponse(text, content_type="text/plain; charset=utf-8")


def _taken(request: Request, pk: int, form: str) -> TransferRecord:
    """Return the newest record, and write down that somebody takes it along."""
    record = _newest(request, pk)
    AuditEvent.record(
        signed_in(request),
        "downloaded_record",
        record.run.transfer,
        form=form,
        number=record.number,
    )
    return record


def _newest(request: Request, pk: int) -> TransferRecord:
    transfers = TransferRequest.objects.visible_to(request.user)  # type: ignore[arg-type]
    record = newest_record(get_object_or_404(transfers, pk=pk))
    if record is None:
        raise NotFound("There is no record yet: it is made when the run has come to a stand.")
    return record
