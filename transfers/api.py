"""REST: /api/v1/transfers/ and /api/v1/destinations/."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.core.exceptions import ValidationError as RuleBroken
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, permissions, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from intake.models import Series, Study
from projects.lists import OF_PROJECT, Filter, Kind
from projects.models import AuditEvent, Project
from projects.roles import Permission
from projects.tokens.access import Access
from transfers import actions
from transfers.finding_serializers import (
    DifferenceSerializer,
    FindingSerializer,
    RejectionSerializer,
    RuleSerializer,
    SecondSerializer,
    VerdictResultSerializer,
    VerdictSerializer,
)
from transfers.models import Destination, Difference, Finding, Run, TransferRequest
from transfers.serializers import (
    DestinationSerializer,
    MoveSerializer,
    TransferCreateSerializer,
    TransferDetailSerializer,
    TransferSerializer,
)
from transfers.states import FindingVerdict, State
from transfers.telling import screen_for

T = TypeVar("T")
OF_FINDINGS = (
    Filter("verdict", "verdict", words=tuple(FindingVerdict.values), description="What was said."),
)


def of_state(rows: QuerySet[TransferRequest], state: str) -> QuerySet[TransferRequest]:
    """Leave the transfers whose latest run is in a state."""
    newer = Run.objects.filter(transfer=OuterRef("transfer"), number__gt=OuterRef("number"))
    latest = Run.objects.filter(~Exists(newer), transfer=OuterRef("pk"), state=state)
    return rows.filter(Exists(latest))


def has_ended(rows: QuerySet[TransferRequest], yes: bool) -> QuerySet[TransferRequest]:
    """Leave the transfers that were cancelled or replaced, or those that were not."""
    return rows.exclude(ended_at=None) if yes else rows.filter(ended_at=None)


class TransferViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Transfer requests of the projects that you may see."""

    serializer_class = TransferSerializer
    queryset = TransferRequest.objects.all()
    lookup_value_converter = "int"
    filters = (
        OF_PROJECT,
        Filter("state", of_state, words=tuple(State.values), description="Of the latest run."),
        Filter("study", "study_id", Kind.NUMBER, description="A study's id in quarantine."),
        Filter("participant", "participant_id", Kind.NUMBER, description="A participant's id."),
        Filter("ended", narrows=has_ended, kind=Kind.FLAG, description="Cancelled or replaced."),
    )
    orders = {"requested_at": ("requested_at",)}
    sorted_by = "-requested_at"

    def get_queryset(self) -> QuerySet[TransferRequest]:
        """Return those that this person may see, newest first."""
        newest = Run.objects.select_related("plan_version", "over").prefetch_related(
            "deliveries__destination"
        )
        transfers = TransferRequest.objects.visible_to(self.request.user)  # type: ignore[arg-type]
        return transfers.select_related("project", "participant", "event").prefetch_related(
            Prefetch("runs", newest)
        )

    def get_serializer_class(self) -> type[TransferSerializer]:
        """Return the sums of a run with one transfer, not with each of a list."""
        return TransferDetailSerializer if self.action == "retrieve" else TransferSerializer

    @extend_schema(request=TransferCreateSerializer, responses={201: TransferSerializer})
    def create(self, request: Request) -> Response:
        """Ask for a study to be brought into a project under a pseudonym."""
        asked = TransferCreateSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        user: Any = request.user
        data = asked.validated_data
        project = get_object_or_404(Project.objects.visible_to(user).named(data["project"]))
        study = get_object_or_404(Study.objects.visible_to(user), pk=data["study"])
        event = project.events.filter(name=data["event"]).first()
        if event is None:
            raise ValidationError({"event": [f"{project.acronym} has no event of this name."]})
        wanted = set(data.get("left_out", []))
        left_out = Series.objects.filter(study=study, pk__in=wanted)
        if left_out.count() < len(wanted):  # what was to stay behind would come along
            raise ValidationError({"left_out": ["This study has no series of one of these ids."]})
        transfer = obey(
            lambda: actions.request_transfer(
                by=user,
                study=study,
                project=project,
                pseudonym=data["participant"].strip(),
                event=event,
                left_out=left_out,
            ),
            called={"pseudonym": "participant"},
        )
        return self._told(transfer, status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=TransferSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: int) -> Response:
        """Stop a transfer; what was sent already is taken back."""
        transfer = self.get_object()
        obey(lambda: actions.cancel_transfer(by=request.user, transfer=transfer))  # type: ignore[arg-type]
        return self._told(transfer)

    @extend_schema(request=None, responses=TransferSerializer)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: int) -> Response:
        """Try the failed steps of the latest run once more."""
        transfer = self.get_object()
        obey(lambda: actions.retry_transfer(by=request.user, transfer=transfer))  # type: ignore[arg-type]
        return self._told(transfer)

    @extend_schema(request=None, responses=TransferSerializer)
    @action(detail=True, methods=["post"])
    def rerun(self, request: Request, pk: int) -> Response:
        """Run anew under the project's current plan version.

        From quarantine while the originals are there, else over the research copy: `source` of the
        answer's run says which. Dates and UIDs stay as they are either way.
        """
        transfer = self.get_object()
        obey(lambda: actions.rerun_transfer(by=request.user, transfer=transfer))  # type: ignore[arg-type]
        return self._told(transfer)

    @extend_schema(request=MoveSerializer, responses={201: TransferSerializer})
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: int) -> Response:
        """Move to the right participant: new UIDs, and the old copy is taken back."""
        asked = MoveSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        transfer = self.get_object()
        moved = obey(
            lambda: actions.move_transfer(
                by=request.user,  # type: ignore[arg-type]
                transfer=transfer,
                pseudonym=asked.validated_data["participant"].strip(),
            ),
            called={"pseudonym": "participant"},
        )
        return self._told(moved, status.HTTP_201_CREATED)

    @extend_schema(responses=FindingSerializer(many=True))
    @action(detail=True, methods=["get"], filters=OF_FINDINGS, orders={})
    def findings(self, request: Request, pk: int) -> Response:
        """List what the latest run's verification found."""
        run = self._run(get_object_or_404(self.get_queryset(), pk=pk))
        found = run.findings.select_related("verdict_by", "second_by")
        page = self.paginate_queryset(self.filter_queryset(found))
        user: Any = request.user
        may_see = run.transfer.allows(user, Permission.SEE_IDENTIFIED)
        screen = str if may_see else screen_for(run)
        told = FindingSerializer(page, many=True, context={"screen": screen})
        return self.get_paginated_response(told.data)

    @extend_schema(request=VerdictSerializer, responses=VerdictResultSerializer)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: int) -> Response:
        """Let what is held leave, with a reason; where two people must, the first of them."""
        asked, about = self._asked(request, VerdictSerializer)
        return self._done(lambda: actions.release(**about, reason=asked["reason"]))

    @extend_schema(request=RejectionSerializer, responses=VerdictResultSerializer)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: int) -> Response:
        """Keep what is held from leaving, with a reason."""
        asked, about = self._asked(request, RejectionSerializer)
        reason = asked["reason"]
        if number := asked.get("series"):
            by, run = about["by"], about["run"]
            series = get_object_or_404(Series, study=run.transfer.study_id, pk=number)
            return self._done(
                lambda: actions.reject_series(by=by, run=run, series=series, reason=reason)
            )
        return self._done(lambda: actions.reject(**about, reason=reason))

    @extend_schema(request=SecondSerializer, responses=VerdictResultSerializer)
    @action(detail=True, methods=["post"])
    def second(self, request: Request, pk: int) -> Response:
        """Confirm somebody else's release as the second person."""
        _, about = self._asked(request, SecondSerializer)
        return self._done(lambda: actions.confirm_release(**about))

    @extend_schema(request=SecondSerializer, responses=VerdictResultSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: int) -> Response:
        """Take your own release back while it waits for a second person."""
        _, about = self._asked(request, SecondSerializer)
        return self._done(lambda: actions.withdraw_release(**about))

    @extend_schema(request=RuleSerializer, responses={201: TransferSerializer})
    @action(detail=True, methods=["post"])
    def rule(self, request: Request, pk: int) -> Response:
        """Make a rule of the project because of a finding, and run the transfer again under it."""
        asked, about = self._asked(request, RuleSerializer)
        obey(
            lambda: actions.make_rule(
                by=about["by"],
                finding=about["finding"],
                element=asked["element"],
                action=asked["action"],
                reason=asked["reason"],
            )
        )
        return self._told(about["run"].transfer, status.HTTP_201_CREATED)

    @extend_schema(responses=DifferenceSerializer)
    @action(detail=True, methods=["get"])
    def difference(self, request: Request, pk: int) -> Response:
        """Tell what the newest compared run changed against the one before it."""
        rows = Difference.objects.filter(run__transfer=self.get_object())
        found = rows.select_related("run", "earlier").order_by("-run__number").first()
        if found is None:
            raise NotFound("This transfer has no two runs that were compared.")
        return Response(DifferenceSerializer(found).data)

    def _asked(
        self, request: Request, serializer: type[Serializer]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what was sent, and who it is by, about which run and which finding."""
        asked = serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        run = self._run(self.get_object())
        finding = None
        if number := asked.validated_data.get("finding"):
            findings = Finding.objects.select_related("run__transfer__project", "run__plan_version")
            finding = get_object_or_404(findings, run=run, pk=number)
        return asked.validated_data, {"by": request.user, "run": run, "finding": finding}

    def _done(self, verdict: Callable[[], int]) -> Response:
        return Response({"instances": obey(verdict)})

    def _run(self, transfer: TransferRequest) -> Run:
        return get_object_or_404(
            Run.objects.select_related("transfer__project").order_by("-number"),
            pk=transfer.latest_run.pk if transfer.latest_run else None,
        )

    def _told(self, transfer: TransferRequest, code: int = status.HTTP_200_OK) -> Response:
        fresh = self.get_queryset().get(pk=transfer.pk)
        return Response(TransferSerializer(fresh).data, status=code)


class MayManageDestinations(permissions.BasePermission):
    """Who is in a project may read where its studies go; changing that needs the right."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Tell whether this person may do this."""
        user: Any = request.user
        if not user.is_authenticated:
            return False
        return request.method in permissions.SAFE_METHODS or user.may(
            Permission.MANAGE_DESTINATIONS
        )


class DestinationViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    mixins.UpdateModelMixin,
    viewsets.GenericViewSet,
):
    """Where de-identified studies go."""

    serializer_class = DestinationSerializer
    permission_classes = [Access, MayManageDestinations]
    queryset = Destination.objects.all()
    lookup_value_converter = "int"
    filters = (Filter("is_active", "is_active", Kind.FLAG),)

    def get_queryset(self) -> QuerySet[Destination]:
        """Those of the projects that one may see; all for those who manage them."""
        user: Any = self.request.user
        if user.may(Permission.MANAGE_DESTINATIONS):
            return Destination.objects.all()
        visible = Project.objects.visible_to(user)
        return Destination.objects.filter(projects__project__in=visible).distinct()

    def perform_create(self, serializer: Any) -> None:
        """Save and audit."""
        AuditEvent.record(self.request.user, "created", serializer.save())  # type: ignore[arg-type]

    def perform_update(self, serializer: Any) -> None:
        """Save and audit."""
        AuditEvent.record(self.request.user, "changed", serializer.save())  # type: ignore[arg-type]


def obey(action: Callable[[], T], *, called: Mapping[str, str] | None = None) -> T:
    """Do an action; a broken rule becomes the answer 400 with its sentences.

    `called` maps names of columns to what the request calls them.
    """
    try:
        return action()
    except RuleBroken as error:
        if not hasattr(error, "error_dict"):
            raise ValidationError(error.messages) from error
        names = called or {}
        said = {names.get(name, name): told for name, told in error.message_dict.items()}
        raise ValidationError(said) from error
