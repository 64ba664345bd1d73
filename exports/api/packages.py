"""REST of packages: /api/v1/exports/."""

from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.decorators import api_view, renderer_classes
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from exports.actions import packages as actions
from exports.downloads import send
from exports.models import Package
from exports.models.specifications import SpecificationVersion
from exports.presets import PRESETS
from exports.signing import key_name, public_key_pem
from exports.specification import Specification, SpecificationError, read_specification
from exports.states import Format, State
from projects.access import project_at
from projects.api import signed_in
from projects.describing import PROBLEM
from projects.lists import OF_PROJECT, Filter
from projects.models import Participant, Project, User
from projects.problems import MEDIA_TYPE, problem_response
from projects.roles import Permission
from transfers.api import obey

WAYS = ("specification_version", "preset", "specification", "format")


class PackageSerializer(serializers.ModelSerializer[Package]):
    """A package and how far it is, in images and in bytes that went in.

    `contents` is what its manifest says in sum, with the signature; empty until it is packed.
    """

    project = serializers.SlugRelatedField[Project](slug_field="acronym", read_only=True)
    participants = serializers.SlugRelatedField[Participant](
        slug_field="pseudonym", many=True, read_only=True
    )
    requested_by = serializers.SlugRelatedField[User](slug_field="username", read_only=True)

    class Meta:
        model = Package
        fields = (
            "id",
            "project",
            "format",
            "specification",
            "specification_version",
            "participants",
            "requested_by",
            "state",
            "reason",
            "total_count",
            "done_count",
            "total_bytes",
            "done_bytes",
            "left_out_count",
            "contents",
            "file_name",
            "size",
            "sha256",
            "created_at",
            "ended_at",
            "expires_at",
        )


class NewPackageSerializer(serializers.Serializer[Any]):
    """What a package is asked for with."""

    project = serializers.CharField(help_text="The project's acronym or its number.")
    specification_version = serializers.IntegerField(
        required=False, help_text="The id of a version of one of the project's specifications."
    )
    preset = serializers.ChoiceField(
        choices=tuple(PRESETS),
        required=False,
        help_text="Instead: a specification that is ready-made.",
    )
    specification = serializers.JSONField(
        required=False, help_text="Instead: a whole specification, which is not kept otherwise."
    )
    format = serializers.ChoiceField(
        choices=Format.choices,
        required=False,
        help_text="Instead: a format alone, with everything else as usual.",
    )
    participants = serializers.ListField(
        child=serializers.CharField(max_length=64),
        required=False,
        allow_empty=False,
        help_text="Pseudonyms; without this, everyone who has images that may leave.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what says twice what is wanted."""
        if sum(name in attrs for name in WAYS) > 1:
            raise serializers.ValidationError(f"Give one of {', '.join(WAYS)}.")
        return attrs


class ZipRenderer(BaseRenderer):
    """Says that a download is a zip file; the file itself is never rendered."""

    media_type = "application/zip"
    format = "zip"
    charset = None
    render_style = "binary"


def visible(user: User) -> QuerySet[Package]:
    """Return the packages that a person may see."""
    packages = Package.objects.visible_to(user).select_related("project", "requested_by")
    found: QuerySet[Package] = packages.prefetch_related("participants")
    return found


class PackageList(generics.ListAPIView[Package]):
    """Packages of the projects that one may see, newest first."""

    queryset = Package.objects.none()
    serializer_class = PackageSerializer
    filters = (
        OF_PROJECT,
        Filter("state", "state", words=tuple(State.values), description="How far it is."),
        Filter("format", "format", words=tuple(Format.values), description="What is in it."),
    )
    orders = {"created_at": ("created_at",), "size": ("size",)}
    sorted_by = "-created_at"

    def get_queryset(self) -> QuerySet[Package]:
        """Those one may see."""
        return visible(signed_in(self.request))

    @extend_schema(request=NewPackageSerializer, responses={201: PackageSerializer})
    def post(self, request: Request) -> Response:
        """Ask for a package. It is built in the background: ask for its state."""
        user = signed_in(request)
        asked = NewPackageSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        project = project_at(user, asked.validated_data["project"], Permission.EXPORT)
        chosen = _named(project, asked.validated_data.get("participants"))
        package = obey(
            lambda: actions.request_package(
                by=user,
                project=project,
                specification=_specification(project, asked.validated_data),
                participants=chosen,
            )
        )
        return Response(PackageSerializer(package).data, status=201)


def _specification(
    project: Project, asked: dict[str, Any]
) -> Specification | SpecificationVersion | str:
    """Return what is asked for in one of four ways; DICOM as usual if in none."""
    if "specification_version" in asked:
        versions = SpecificationVersion.objects.filter(sheet__project=project)
        return get_object_or_404(versions, pk=asked["specification_version"])
    if "preset" in asked:
        return str(asked["preset"])
    kind = Format(asked.get("format", Format.DICOM)).name.lower()
    try:
        return read_specification(asked.get("specification", {"format": kind}))
    except SpecificationError as error:
        problems = [f"{one.place}: {one.sentence}" for one in error.problems]
        raise serializers.ValidationError({"specification": problems}) from error


def _named(project: Project, pseudonyms: list[str] | None) -> list[Participant] | None:
    """Return the participants of these names; None stands for everyone."""
    if pseudonyms is None:
        return None
    found = list(project.participants.filter(pseudonym__in=pseudonyms))
    if len(found) < len(set(pseudonyms)):
        raise serializers.ValidationError(
            {"participants": [f"{project.acronym} has no participant of one of these names."]}
        )
    return found


class PackageDetail(generics.RetrieveAPIView[Package]):
    """One package."""

    queryset = Package.objects.none()
    serializer_class = PackageSerializer

    def get_queryset(self) -> QuerySet[Package]:
        """Those one may see."""
        return visible(signed_in(self.request))


@extend_schema(request=None, responses=PackageSerializer)
@api_view(["POST"])
def cancel(request: Request, pk: int) -> Response:
    """Stop a package that is being built."""
    user = signed_in(request)
    package = get_object_or_404(visible(user), pk=pk)
    obey(lambda: actions.cancel_package(by=user, package=package))
    return Response(PackageSerializer(visible(user).get(pk=pk)).data)


@extend_schema(
    responses={
        (200, "application/zip"): OpenApiTypes.BINARY,
        (206, "application/zip"): OpenApiTypes.BINARY,
        (416, MEDIA_TYPE): PROBLEM,
    },
    parameters=[
        OpenApiParameter(
            "Range", str, OpenApiParameter.HEADER, description="Such as `bytes=1000-`, to go on."
        )
    ],
)
@api_view(["GET", "HEAD"])
@renderer_classes([JSONRenderer, ZipRenderer])
def download(request: Request, pk: int) -> HttpResponseBase:
    """The file of a package that is ready, whole or from a byte on."""
    user = signed_in(request)
    package = get_object_or_404(visible(user), pk=pk)
    project_at(user, package.project.acronym, Permission.EXPORT)
    if package.state != State.READY:
        raise Http404("This package has no file to download.")
    answer = obey(lambda: send(request._request, by=user, package=package))
    if answer.status_code != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        return answer
    problem = problem_response(answer.status_code, detail="The file has no such bytes.")
    problem["Content-Range"] = answer["Content-Range"]
    return problem


class SigningKeySerializer(serializers.Serializer[Any]):
    """The key that packages are signed with; its name stands in every manifest."""

    name = serializers.CharField()
    pem = serializers.CharField(help_text="The public key (Ed25519), as openssl reads it.")


@extend_schema(responses=SigningKeySerializer)
@api_view(["GET"])
def signing_key(request: Request) -> Response:
    """The public key of this installation: with it anybody can verify a package's signature."""
    pem = public_key_pem()
    return Response({"name": key_name(pem), "pem": pem})
