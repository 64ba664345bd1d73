"""REST of projects: what they are, who takes part in them, what was done."""

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects import actions
from projects.access import project_at
from projects.auditing import verbs as auditing
from projects.auditing.search import Asked, narrowed, readable_by
from projects.auditing.sentences import DOORS
from projects.auditing.verbs import KINDS
from projects.lists import OF_PROJECT, Filter, Kind
from projects.models import AuditEvent, Event, Participant, Project, Site, User
from projects.roles import Permission

ACRONYM = OpenApiParameter(
    "acronym", str, OpenApiParameter.PATH, description="The project's acronym or its number."
)


class EventSerializer(serializers.ModelSerializer[Event]):
    """A time point."""

    class Meta:
        model = Event
        fields = ("id", "name", "position")
        read_only_fields = ("position",)


class SiteSerializer(serializers.ModelSerializer[Site]):
    """A place where participants are included."""

    class Meta:
        model = Site
        fields = ("code", "name")


class ProjectSerializer(serializers.ModelSerializer[Project]):
    """A project as everybody in it may see it."""

    events = EventSerializer(many=True, read_only=True)
    sites = SiteSerializer(many=True, read_only=True)
    is_approved = serializers.BooleanField(
        read_only=True, help_text="Whether the ethics approval covers today."
    )

    class Meta:
        model = Project
        fields = (
            "acronym",
            "number",
            "title",
            "approval_number",
            "approval_start",
            "approval_end",
            "is_approved",
            "participant_pattern",
            "ae_title",
            "end_action",
            "hold_policy",
            "two_person_release",
            "two_person_review",
            "sign_off_for_exports",
            "events",
            "sites",
        )


class NewProjectSerializer(serializers.ModelSerializer[Project]):
    """What a project starts with."""

    events = serializers.ListField(
        child=serializers.CharField(max_length=40),
        required=False,
        help_text="Time points in their order; baseline if none is named.",
    )
    owner = serializers.SlugRelatedField(
        slug_field="username",
        queryset=User.objects.filter(is_active=True),
        help_text="The principal investigator's user name.",
    )

    class Meta:
        model = Project
        fields = (
            "acronym",
            "title",
            "approval_number",
            "approval_start",
            "approval_end",
            "participant_pattern",
            "ae_title",
            "end_action",
            "hold_policy",
            "two_person_release",
            "two_person_review",
            "sign_off_for_exports",
            "events",
            "owner",
        )


class ParticipantSerializer(serializers.ModelSerializer[Participant]):
    """Somebody in a project, by pseudonym."""

    site = serializers.SlugRelatedField[Site](slug_field="code", read_only=True, allow_null=True)

    class Meta:
        model = Participant
        fields = ("id", "pseudonym", "site", "created_at")
        read_only_fields = ("created_at",)


class AuditEventSerializer(serializers.ModelSerializer[AuditEvent]):
    """What was done, by whom, to what."""

    actor = serializers.SlugRelatedField[User](
        slug_field="username", read_only=True, allow_null=True
    )
    project = serializers.SlugRelatedField[Project](
        slug_field="acronym", read_only=True, allow_null=True
    )
    address = serializers.CharField(
        read_only=True,
        allow_null=True,
        help_text="A keyed digest of the address it came from: equal addresses, equal digests.",
    )
    facts = serializers.DictField(
        read_only=True, help_text="Numbers and closed words; never a patient's values."
    )

    class Meta:
        model = AuditEvent
        fields = (
            "id",
            "at",
            "actor",
            "verb",
            "object_type",
            "object_id",
            "project",
            "facts",
            "through",
            "token_id",
            "address",
        )


def signed_in(request: Request) -> User:
    """Return who asks. REST's permission classes let nobody else come this far."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def approved_today(rows: QuerySet[Project], is_approved: bool) -> QuerySet[Project]:
    """Leave the projects whose approval covers today, or those whose approval does not."""
    today = timezone.localdate()
    covers = {"approval_start__lte": today, "approval_end__gte": today}
    return rows.filter(**covers) if is_approved else rows.exclude(**covers)


class ProjectList(generics.ListAPIView[Project]):
    """The projects that one may see; the data office makes new ones."""

    queryset = Project.objects.none()
    serializer_class = ProjectSerializer
    filters = (Filter("approved", approved_today, Kind.FLAG, description="Approved for today."),)
    orders = {
        "acronym": ("acronym",),
        "number": ("number",),
        "approval_end": ("approval_end",),
    }
    sorted_by = "acronym"

    def get_queryset(self) -> QuerySet[Project]:
        """Those that one may see."""
        visible = Project.objects.visible_to(signed_in(self.request))
        return visible.prefetch_related("events", "sites")

    @extend_schema(request=NewProjectSerializer, responses={201: ProjectSerializer})
    def post(self, request: Request) -> Response:
        """Make a project. Its number is given out; its key is drawn."""
        user = signed_in(request)
        if not user.may(Permission.CREATE_PROJECT):
            raise PermissionDenied
        asked = NewProjectSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        project = actions.create_project(by=user, **asked.validated_data)
        return Response(ProjectSerializer(project).data, status=201)


@extend_schema_view(get=extend_schema(parameters=[ACRONYM]))
class ProjectDetail(generics.RetrieveAPIView[Project]):
    """One project."""

    queryset = Project.objects.none()
    serializer_class = ProjectSerializer
    lookup_field = "acronym"

    def get_object(self) -> Project:
        """Find it by acronym or number."""
        return project_at(signed_in(self.request), self.kwargs["acronym"])


@extend_schema_view(get=extend_schema(parameters=[ACRONYM]))
class ParticipantList(generics.ListAPIView[Participant]):
    """A project's participants."""

    queryset = Participant.objects.none()
    serializer_class = ParticipantSerializer
    filters = (Filter("site", "site__code", Kind.NUMBER, description="A site's number."),)
    orders = {"pseudonym": ("pseudonym",), "created_at": ("created_at",)}
    sorted_by = "pseudonym"

    def get_queryset(self) -> QuerySet[Participant]:
        """Those of the project, and of the sites that one is limited to."""
        user = signed_in(self.request)
        project = project_at(user, self.kwargs["acronym"])
        return project.participants.visible_to(user).select_related("site")

    @extend_schema(parameters=[ACRONYM], responses={201: ParticipantSerializer})
    def post(self, request: Request, acronym: str) -> Response:
        """Name a participant; one that is known already is given back as it is."""
        project = project_at(signed_in(request), acronym, Permission.REQUEST_TRANSFER, partly=True)
        asked = ParticipantSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        participant = actions.ensure_participant(
            by=signed_in(request), project=project, pseudonym=asked.validated_data["pseudonym"]
        )
        return Response(ParticipantSerializer(participant).data, status=201)


@extend_schema_view(get=extend_schema(parameters=[ACRONYM]))
class EventList(generics.ListAPIView[Event]):
    """A project's time points."""

    queryset = Event.objects.none()
    serializer_class = EventSerializer

    def get_queryset(self) -> QuerySet[Event]:
        """Those of the project, in their order."""
        project = project_at(signed_in(self.request), self.kwargs["acronym"])
        return project.events.all()

    @extend_schema(parameters=[ACRONYM], responses={201: EventSerializer})
    def post(self, request: Request, acronym: str) -> Response:
        """Add a time point at the end."""
        project = project_at(signed_in(request), acronym, Permission.MANAGE_PROJECT)
        asked = EventSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        event = actions.add_event(
            by=signed_in(request), project=project, name=asked.validated_data["name"]
        )
        return Response(EventSerializer(event).data, status=201)


def _of_kind(events: QuerySet[AuditEvent], word: str) -> QuerySet[AuditEvent]:
    return narrowed(events, Asked(kind=auditing.Kind(word)))


def _by_door(events: QuerySet[AuditEvent], word: str) -> QuerySet[AuditEvent]:
    return narrowed(events, Asked(door=word))


class AuditList(generics.ListAPIView[AuditEvent]):
    """What was done, newest first, in the projects whose audit one may read."""

    queryset = AuditEvent.objects.none()
    serializer_class = AuditEventSerializer
    filters = (
        OF_PROJECT,
        Filter("person", "actor", Kind.NUMBER, description="Who did it: the account's number."),
        Filter(
            "kind",
            _of_kind,
            words=tuple(KINDS),
            description="What kind of doing: looks, changes, downloads, rights, signing in.",
        ),
        Filter("verb", "verb", description="What was done, such as `requested`."),
        Filter("object_type", "object_type", description="Such as `transfers.run`."),
        Filter("object_id", "object_id", Kind.NUMBER, description="The row's id."),
        Filter("door", _by_door, words=tuple(DOORS), description="How it was asked for."),
        Filter("token", "token_id", Kind.NUMBER, description="The token's number."),
        Filter("address", "address", description="The digest of an address, as events give it."),
        Filter("since", "at__gte", Kind.MOMENT, description="From this moment on."),
        Filter("until", "at__lt", Kind.MOMENT, description="Before this moment."),
    )

    def get_queryset(self) -> QuerySet[AuditEvent]:
        """Those one may read."""
        events = readable_by(signed_in(self.request))
        return events.select_related("actor", "project").order_by("-at", "-pk")
