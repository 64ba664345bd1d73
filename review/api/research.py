"""REST of the research copy: its studies and series."""

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import generics

from projects.models import Project
from review.api.parameters import signed_in
from review.models import ResearchStudy
from review.serializers import ResearchStudySerializer


@extend_schema_view(
    get=extend_schema(
        parameters=[OpenApiParameter("project", str, description="An acronym or a number.")]
    )
)
class ResearchStudyList(generics.ListAPIView[ResearchStudy]):
    """The research copy: studies of the projects that one may see, with their series."""

    queryset = ResearchStudy.objects.none()
    serializer_class = ResearchStudySerializer

    def get_serializer_context(self) -> dict[str, object]:
        """Add a place to remember which descriptions are shown in which project."""
        return {**super().get_serializer_context(), "shown_paths": {}}

    def get_queryset(self) -> QuerySet[ResearchStudy]:
        """Those one may see."""
        studies = ResearchStudy.objects.visible_to(signed_in(self.request))
        if name := self.request.query_params.get("project"):
            studies = studies.filter(project__in=Project.objects.named(name))
        related = studies.select_related("project", "participant", "event")
        return related.prefetch_related("series").order_by("pk")
