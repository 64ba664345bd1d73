"""REST of the research copy: its studies and series."""

from django.db.models import QuerySet
from rest_framework import generics

from projects.lists import OF_PROJECT, Filter, Kind
from review.api.parameters import signed_in
from review.models import ResearchStudy
from review.serializers import ResearchStudySerializer


class ResearchStudyList(generics.ListAPIView[ResearchStudy]):
    """The research copy: studies of the projects that one may see, with their series."""

    queryset = ResearchStudy.objects.none()
    serializer_class = ResearchStudySerializer
    filters = (
        OF_PROJECT,
        Filter("participant", "participant_id", Kind.NUMBER, description="A participant's id."),
        Filter("event", "event_id", Kind.NUMBER, description="An event's id."),
    )

    def get_serializer_context(self) -> dict[str, object]:
        """Add a place to remember which descriptions are shown in which project."""
        return {**super().get_serializer_context(), "shown_paths": {}}

    def get_queryset(self) -> QuerySet[ResearchStudy]:
        """Those one may see."""
        studies = ResearchStudy.objects.visible_to(signed_in(self.request))
        related = studies.select_related("project", "participant", "event")
        return related.prefetch_related("series").order_by("pk")
