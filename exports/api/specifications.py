"""REST of specifications: /api/v1/specifications/."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.decorators import api_view, renderer_classes
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from exports.actions import specifications as actions
from exports.models import SpecificationSheet, SpecificationVersion
from exports.presets import PRESETS
from exports.previewing import preview
from exports.specification import (
    Specification,
    SpecificationError,
    from_yaml,
    read_specification,
    to_yaml,
)
from exports.specification.text import LONGEST
from projects.access import project_at
from projects.api import signed_in
from projects.lists import OF_PROJECT
from projects.models import Project, User
from projects.roles import Permission
from transfers.api import obey


class VersionSerializer(serializers.ModelSerializer[SpecificationVersion]):
    """One version of a specification: what it says, who saved it, and why."""

    by = serializers.SlugRelatedField[User](slug_field="username", read_only=True)
    content = serializers.DictField(read_only=True, help_text="The specification as data.")
    is_offered = serializers.BooleanField(read_only=True)

    class Meta:
        model = SpecificationVersion
        fields = ("id", "number", "content", "digest", "why", "by", "created_at", "is_offered")


class SheetSerializer(serializers.ModelSerializer[SpecificationSheet]):
    """A specification by its name, with the version that counts now."""

    project = serializers.SlugRelatedField[Project](slug_field="acronym", read_only=True)
    newest = VersionSerializer(read_only=True)

    class Meta:
        model = SpecificationSheet
        fields = ("id", "project", "name", "taken_from", "created_at", "newest")


class SaidSerializer(serializers.Serializer[Any]):
    """A specification, said in one of several ways."""

    content = serializers.DictField(required=False, help_text="The specification as data.")
    yaml = serializers.CharField(required=False, max_length=LONGEST, trim_whitespace=False)
    preset = serializers.ChoiceField(choices=tuple(PRESETS), required=False)
    version = serializers.IntegerField(
        required=False, help_text="The id of a version of this project, or of one that is offered."
    )


class NewSheetSerializer(SaidSerializer):
    """What a specification is made with."""

    project = serializers.CharField(help_text="The project's acronym or its number.")
    name = serializers.CharField(max_length=80)


class NewVersionSerializer(SaidSerializer):
    """What a version is saved with."""

    why = serializers.CharField(max_length=actions.LONGEST_REASON)
    over = serializers.IntegerField(
        required=False, help_text="The number of the version that was changed."
    )


class AskedPreviewSerializer(SaidSerializer):
    """What a preview is asked for with."""

    project = serializers.CharField(help_text="The project's acronym or its number.")
    participants = serializers.ListField(
        child=serializers.CharField(max_length=64), required=False, help_text="Pseudonyms."
    )


class LineSerializer(serializers.Serializer[Any]):
    """A folder of the tree."""

    depth = serializers.IntegerField()
    name = serializers.CharField()
    images = serializers.IntegerField()
    size = serializers.IntegerField()


class TreeSerializer(serializers.Serializer[Any]):
    """What a package would be: counts are exact once `unread` is 0."""

    participants = serializers.IntegerField()
    studies = serializers.IntegerField()
    series = serializers.IntegerField()
    images = serializers.IntegerField()
    size = serializers.IntegerField()
    unread = serializers.IntegerField()
    unshown = serializers.IntegerField()
    file = serializers.CharField()
    lines = LineSerializer(many=True)
    left_out = serializers.DictField(
        child=serializers.ListField(child=serializers.IntegerField()),
        help_text="By reason, how many series and images the specification leaves out.",
    )
    problems = serializers.ListField(child=serializers.CharField())


class YamlRenderer(BaseRenderer):
    """Says that a download is YAML; it is written already."""

    media_type = "application/yaml"
    format = "yaml"
    render_style = "text"


class SheetList(generics.ListAPIView[SpecificationSheet]):
    """Specifications of the projects that one may see."""

    queryset = SpecificationSheet.objects.none()
    serializer_class = SheetSerializer
    filters = (OF_PROJECT,)
    orders = {"name": ("name",), "created_at": ("created_at",)}
    sorted_by = "name"

    def get_queryset(self) -> QuerySet[SpecificationSheet]:
        """Those one may see."""
        return _visible(signed_in(self.request))

    @extend_schema(request=NewSheetSerializer, responses={201: SheetSerializer})
    def post(self, request: Request) -> Response:
        """Make a specification from data, YAML, a ready-made one, or one that others offer."""
        user = signed_in(request)
        asked = _asked(NewSheetSerializer(data=request.data))
        project = project_at(user, asked["project"], Permission.EXPORT)
        version = _version(user, project, asked)
        if version is not None and version.sheet.project_id != project.pk:
            sheet = obey(
                lambda: actions.take_version(
                    by=user, project=project, version=version, name=asked["name"]
                )
            )
        else:
            said = _said(user, project, asked)
            sheet = obey(
                lambda: actions.create_sheet(
                    by=user, project=project, name=asked["name"], specification=said
                )
            )
        return Response(SheetSerializer(sheet).data, status=201)


class SheetDetail(generics.RetrieveAPIView[SpecificationSheet]):
    """One specification."""

    queryset = SpecificationSheet.objects.none()
    serializer_class = SheetSerializer

    def get_queryset(self) -> QuerySet[SpecificationSheet]:
        """Those one may see."""
        return _visible(signed_in(self.request))


class VersionList(generics.ListAPIView[SpecificationVersion]):
    """The versions of a specification, newest first."""

    queryset = SpecificationVersion.objects.none()
    serializer_class = VersionSerializer

    def get_queryset(self) -> QuerySet[SpecificationVersion]:
        """Those of one specification that one may see."""
        sheet = get_object_or_404(_visible(signed_in(self.request)), pk=self.kwargs["pk"])
        return sheet.versions.select_related("by", "offer")

    @extend_schema(request=NewVersionSerializer, responses={201: VersionSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Save what the specification says from now on."""
        user = signed_in(request)
        sheet = get_object_or_404(_visible(user), pk=pk)
        asked = _asked(NewVersionSerializer(data=request.data))
        project_at(user, sheet.project.acronym, Permission.EXPORT)
        said = _said(user, sheet.project, asked)
        version = obey(
            lambda: actions.save_version(
                by=user,
                sheet=sheet,
                specification=said,
                why=asked["why"],
                over=asked.get("over"),
            )
        )
        return Response(VersionSerializer(version).data, status=201)


@extend_schema(responses={(200, "application/yaml"): OpenApiTypes.OBJECT})
@api_view(["GET"])
@renderer_classes([JSONRenderer, YamlRenderer])
def as_yaml(request: Request, pk: int, number: int) -> HttpResponseBase:
    """One version as YAML, for another project or another hospital."""
    sheet = get_object_or_404(_visible(signed_in(request)), pk=pk)
    version = get_object_or_404(sheet.versions, number=number)
    return HttpResponse(to_yaml(version.specification), content_type="application/yaml")


@extend_schema(methods=["POST"], request=None, responses=VersionSerializer)
@extend_schema(methods=["DELETE"], responses={200: VersionSerializer})
@api_view(["POST", "DELETE"])
def offer(request: Request, pk: int, number: int) -> Response:
    """Offer a version to the other projects of the hospital, or to nobody any more."""
    user = signed_in(request)
    sheet = get_object_or_404(_visible(user), pk=pk)
    version = get_object_or_404(sheet.versions.select_related("sheet__project"), number=number)
    act = actions.offer_version if request.method == "POST" else actions.withdraw_version
    obey(lambda: act(by=user, version=version))
    return Response(VersionSerializer(sheet.versions.get(number=number)).data)


@extend_schema(request=AskedPreviewSerializer, responses=TreeSerializer)
@api_view(["POST"])
def look(request: Request) -> Response:
    """What a specification would make of a project's images; nothing is saved or built."""
    user = signed_in(request)
    asked = _asked(AskedPreviewSerializer(data=request.data))
    project = project_at(user, asked["project"], Permission.EXPORT)
    said = _said(user, project, asked)
    names = asked.get("participants")
    chosen = None if names is None else list(project.participants.filter(pseudonym__in=names))
    shown = preview(by=user, project=project, specification=said, participants=chosen)
    return Response(TreeSerializer(shown.tree).data)


def _visible(user: User) -> QuerySet[SpecificationSheet]:
    return SpecificationSheet.objects.visible_to(user).select_related("project")


def _asked(serializer: serializers.Serializer[Any]) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    asked: dict[str, Any] = serializer.validated_data
    said = [name for name in ("content", "yaml", "preset", "version") if name in asked]
    if len(said) != 1:
        raise serializers.ValidationError(
            {"content": ["Say the specification once: as content, yaml, preset or version."]}
        )
    return asked


def _version(user: User, project: Project, asked: dict[str, Any]) -> SpecificationVersion | None:
    """Return the version that was asked for, None for another way of saying it."""
    if "version" not in asked:
        return None
    own = SpecificationVersion.objects.filter(sheet__project=project, pk=asked["version"])
    version = own.first() or actions.offered_to(user, project).filter(pk=asked["version"]).first()
    if version is None:
        raise serializers.ValidationError({"version": ["There is no such version here."]})
    return version


def _said(user: User, project: Project, asked: dict[str, Any]) -> Specification:
    """Return the specification that was asked for; its problems become the answer 400."""
    try:
        if "yaml" in asked:
            return from_yaml(asked["yaml"])
        if "preset" in asked:
            return PRESETS[asked["preset"]].specification
        version = _version(user, project, asked)
        return read_specification(asked["content"] if version is None else version.content)
    except SpecificationError as error:
        raise serializers.ValidationError(
            {"problems": [str(problem) for problem in error.problems]}
        ) from error
