"""REST of the quarantine: studies that one may see, finding one, and uploading.

Names, identifiers and birth dates of patients are never given out here; what the assign page shows
to tell studies apart is (accession number, date, description).
"""

from typing import Any

from django.core.exceptions import ValidationError as Refused
from django.db.models import Exists, OuterRef, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from intake.looks import note_list, note_study
from intake.lookups import look_up
from intake.models import Arrival, Door, Series, Study
from intake.uploads import add_to_upload, begin_upload, close_upload
from projects.api import signed_in
from projects.lists import Filter, whole_number


class QuarantineSeriesSerializer(serializers.ModelSerializer[Series]):
    """One series of a study in quarantine."""

    class Meta:
        model = Series
        fields = (
            "id",
            "series_number",
            "series_description",
            "modality",
            "manufacturer",
            "manufacturer_model_name",
            "body_part_examined",
            "image_type",
            "sop_class_uid",
            "instance_count",
            "byte_count",
        )
        read_only_fields = fields

    series_description = serializers.CharField(read_only=True)
    manufacturer = serializers.CharField(read_only=True)
    manufacturer_model_name = serializers.CharField(read_only=True)
    body_part_examined = serializers.CharField(read_only=True)
    image_type = serializers.CharField(read_only=True)


class QuarantineStudySerializer(serializers.ModelSerializer[Study]):
    """A study in quarantine, as somebody who may assign it needs to see it."""

    accession_number = serializers.CharField(read_only=True)
    study_date = serializers.CharField(read_only=True, help_text="YYYYMMDD, as it was sent.")
    study_description = serializers.CharField(read_only=True)
    modalities = serializers.ListField(child=serializers.CharField(), read_only=True)
    is_complete = serializers.BooleanField(
        read_only=True, help_text="Whether nothing was added for the configured silence."
    )

    class Meta:
        model = Study
        fields: tuple[str, ...] = (
            "id",
            "accession_number",
            "study_date",
            "study_description",
            "modalities",
            "series_count",
            "instance_count",
            "byte_count",
            "door",
            "calling_ae_title",
            "called_ae_title",
            "first_received_at",
            "last_received_at",
            "is_complete",
            "has_conflicts",
        )
        read_only_fields = fields


class QuarantineStudyDetailSerializer(QuarantineStudySerializer):
    """A study in quarantine with its series."""

    series = QuarantineSeriesSerializer(many=True, read_only=True)

    class Meta(QuarantineStudySerializer.Meta):
        fields = (*QuarantineStudySerializer.Meta.fields, "series")
        read_only_fields = fields


class LookupSerializer(serializers.Serializer[Any]):
    """What to look up."""

    identifier = serializers.CharField(
        max_length=64, help_text="An exact accession number or patient identifier."
    )


class UploadSerializer(serializers.ModelSerializer[Arrival]):
    """How far an upload is: received = catalogued + duplicates + rejected when it has ended."""

    class Meta:
        model = Arrival
        fields = (
            "id",
            "started_at",
            "closed_at",
            "ended_at",
            "received_count",
            "catalogued_count",
            "duplicate_count",
            "rejected_count",
            "studies",
        )
        read_only_fields = fields


class UploadFilesSerializer(serializers.Serializer[Any]):
    """DICOM files and zip archives of them."""

    files = serializers.ListField(child=serializers.FileField(allow_empty_file=True))


class StudyList(generics.ListAPIView[Study]):
    """The studies in quarantine that one may see."""

    serializer_class = QuarantineStudySerializer
    queryset = Study.objects.none()
    parser_classes = (MultiPartParser,)
    filters = (
        Filter("door", "door", words=tuple(Door.values), description="How it arrived."),
        Filter(
            "modality",
            lambda rows, word: rows.filter(
                Exists(Series.objects.filter(study=OuterRef("pk"), modality=word))
            ),
            description="A modality of one of its series, such as `MR`.",
        ),
    )
    orders = {"last_received_at": ("last_received_at",)}
    sorted_by = "-last_received_at"

    def get_queryset(self) -> QuerySet[Study]:
        """Those that one may see, the latest first."""
        return Study.objects.visible_to(signed_in(self.request)).prefetch_related("series")

    @extend_schema(
        request={"multipart/form-data": UploadFilesSerializer}, responses={202: UploadSerializer}
    )
    def post(self, request: Request) -> Response:
        """Upload files or zip archives; they are catalogued in the background."""
        user = signed_in(request)
        upload = begin_upload(by=user)
        files = request.FILES.getlist("files")
        try:
            add_to_upload(by=user, upload=upload, files=files)
        except Refused as error:
            raise ValidationError({"files": error.messages}) from error
        finally:
            close_upload(by=user, upload=upload)
        upload.refresh_from_db()
        return Response(UploadSerializer(upload).data, status=202)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answer with a page of them, which is written down: they are identified data."""
        answer = super().list(request, *args, **kwargs)
        page = whole_number("page", request.query_params.get("page", "1"))
        note_list(by=signed_in(request), shown=len(answer.data["results"]), page=page)
        return answer


class StudyDetail(generics.RetrieveAPIView[Study]):
    """One study in quarantine with its series."""

    serializer_class = QuarantineStudyDetailSerializer
    queryset = Study.objects.none()

    def get_queryset(self) -> QuerySet[Study]:
        """Those that one may see; others are not there."""
        return Study.objects.visible_to(signed_in(self.request)).prefetch_related("series")

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answer with one of them, which is written down."""
        study = self.get_object()
        note_study(by=signed_in(request), study=study)
        return Response(self.get_serializer(study).data)


class StudyLookup(generics.GenericAPIView[Study]):
    """Finding a study by what one knows of it; it goes by POST, so that no log keeps it."""

    serializer_class = QuarantineStudySerializer
    queryset = Study.objects.none()

    @extend_schema(request=LookupSerializer, responses=QuarantineStudySerializer(many=True))
    def post(self, request: Request) -> Response:
        """Return the studies with exactly this identifier. Every look-up is audited."""
        user = signed_in(request)
        asked = LookupSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        found = look_up(by=user, text=asked.validated_data["identifier"])
        page = self.paginate_queryset(self.filter_queryset(found.prefetch_related("series")))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class UploadDetail(generics.GenericAPIView[Arrival]):
    """One of one's own uploads."""

    serializer_class = UploadSerializer
    queryset = Arrival.objects.none()

    def get(self, request: Request, pk: int) -> Response:
        """Return how far it is."""
        mine = Arrival.objects.filter(door=Door.UPLOAD, brought_by=signed_in(request))
        return Response(UploadSerializer(get_object_or_404(mine, pk=pk)).data)
