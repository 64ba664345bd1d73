"""REST of what people judged: the verdicts, one by one, and the sign-offs of the whole."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics

from projects.access import project_at
from projects.lists import Filter
from projects.models import Project
from projects.roles import Permission
from review.api.parameters import ACRONYM, signed_in
from review.models import SignOff, Verdict
from review.serializers import SignOffSerializer, VerdictSerializer
from review.states import Judgement
from transfers.screening import screen_for_project


class _Judged(generics.ListAPIView):
    """What both lists do: find the project, and screen what people typed."""

    def project(self) -> Project:
        """Return the project, if this person reviews it."""
        return project_at(signed_in(self.request), self.kwargs["acronym"], Permission.REVIEW)

    def get_serializer_context(self) -> dict[str, object]:
        """Add what lets a typed sentence pass."""
        context: dict[str, object] = dict(super().get_serializer_context())
        if "acronym" in self.kwargs:
            context["screen"] = screen_for_project(self.project())
        return context


@extend_schema_view(get=extend_schema(operation_id="projects_verdicts_list", parameters=[ACRONYM]))
class VerdictList(_Judged):
    """Everything that was judged in a project, the newest first; values by their digest alone."""

    queryset = Verdict.objects.none()
    serializer_class = VerdictSerializer
    filters = (
        Filter("judged", "judged", words=tuple(Judgement.values), description="What was said."),
    )

    def get_queryset(self) -> QuerySet[Verdict]:
        """Those of the project."""
        verdicts = self.project().verdicts.order_by("-pk")
        return verdicts.select_related("known", "given_by", "second_by", "plan_version")


@extend_schema_view(get=extend_schema(operation_id="projects_sign_offs_list", parameters=[ACRONYM]))
class SignOffList(_Judged):
    """The records that people signed, the newest first, each with what it says."""

    queryset = SignOff.objects.none()
    serializer_class = SignOffSerializer

    def get_queryset(self) -> QuerySet[SignOff]:
        """Those of the project."""
        signed = self.project().sign_offs.order_by("-number")
        return signed.select_related("plan_version", "signed_by", "second_by")
