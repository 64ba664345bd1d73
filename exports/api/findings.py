"""REST of what was found at the door: /api/v1/exports/<pk>/findings/."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics, serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from exports.actions.findings import confirm_package, reject_package, release_package
from exports.api.packages import PackageSerializer, visible
from exports.models import Package, PackageFinding
from projects.access import project_at
from projects.api import signed_in
from projects.lists import Filter, Kind
from projects.roles import Permission
from transfers.api import obey
from transfers.screening import screen_for_project


class PackageFindingSerializer(serializers.ModelSerializer[PackageFinding]):
    """What was found, in words; never the value, nor the name of the member that it is in."""

    verdict_reason = serializers.SerializerMethodField()
    verdict_by = serializers.CharField(
        source="verdict_by.username", read_only=True, default=None, allow_null=True
    )
    second_by = serializers.CharField(
        source="second_by.username", read_only=True, default=None, allow_null=True
    )

    class Meta:
        model = PackageFinding
        fields = (
            "id",
            "kind",
            "place",
            "sure",
            "sentence",
            "member_count",
            "is_holding",
            "verdict",
            "verdict_reason",
            "verdict_by",
            "verdict_at",
            "second_by",
            "second_at",
        )
        read_only_fields = fields

    def get_verdict_reason(self, finding: PackageFinding) -> str:
        """Return the reason, or that it is withheld."""
        screened: str = self.context["screen"](finding.verdict_reason)
        return screened


class DoorReasonSerializer(serializers.Serializer[Any]):
    """Why a package is released or rejected."""

    reason = serializers.CharField(min_length=5, max_length=250)


@extend_schema_view(get=extend_schema(operation_id="exports_findings_list"))
class FindingList(generics.ListAPIView[PackageFinding]):
    """What the leak check at the door found in a package."""

    queryset = PackageFinding.objects.none()
    serializer_class = PackageFindingSerializer
    filters = (Filter("holding", "is_holding", Kind.FLAG, description="Whether it holds it."),)

    def package(self) -> Package:
        """Return the package, if this person may see it."""
        return get_object_or_404(visible(signed_in(self.request)), pk=self.kwargs["pk"])

    def get_serializer_context(self) -> dict[str, Any]:
        """Add what lets a typed reason pass."""
        context = dict(super().get_serializer_context())
        if "pk" in self.kwargs:
            context["screen"] = screen_for_project(self.package().project)
        return context

    def get_queryset(self) -> QuerySet[PackageFinding]:
        """Those of the package."""
        return self.package().findings.select_related("verdict_by", "second_by")


@extend_schema(request=DoorReasonSerializer, responses=PackageSerializer)
@api_view(["POST"])
def release(request: Request, pk: int) -> Response:
    """Let a package go that is held at the door, with what was found in it."""
    reason = _reason(request)
    return _decide(request, pk, lambda **who: release_package(**who, reason=reason))


@extend_schema(request=DoorReasonSerializer, responses=PackageSerializer)
@api_view(["POST"])
def reject(request: Request, pk: int) -> Response:
    """Keep a package that is held at the door from leaving; its file is deleted."""
    reason = _reason(request)
    return _decide(request, pk, lambda **who: reject_package(**who, reason=reason))


@extend_schema(request=None, responses=PackageSerializer)
@api_view(["POST"])
def confirm(request: Request, pk: int) -> Response:
    """Confirm a release as the second person."""
    return _decide(request, pk, confirm_package)


def _reason(request: Request) -> str:
    asked = DoorReasonSerializer(data=request.data)
    asked.is_valid(raise_exception=True)
    reason: str = asked.validated_data["reason"]
    return reason


def _decide(request: Request, pk: int, deed: Callable[..., Any]) -> Response:
    user = signed_in(request)
    package = get_object_or_404(visible(user), pk=pk)
    project_at(user, package.project.acronym, Permission.RESOLVE_FINDINGS)
    obey(lambda: deed(by=user, package=package))
    return Response(PackageSerializer(visible(user).get(pk=pk)).data)
