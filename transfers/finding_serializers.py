"""What REST says and takes about findings: verdicts, second persons, rules, and what changed."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from deidentify.difference import ADDED, CHANGED, EMPTIED, REMOVED
from deidentify.ruling import TAKING
from transfers.models import Difference, Finding


class FindingSerializer(serializers.ModelSerializer):
    """Where something was found and of what kind; never its value.

    Give `screen` in the context: what a reason passes through before somebody reads it who may
    not see identified data, because people type names into reasons.
    """

    verdict_reason = serializers.SerializerMethodField()
    verdict_by = serializers.CharField(
        source="verdict_by.username", read_only=True, default=None, allow_null=True
    )
    second_by = serializers.CharField(
        source="second_by.username", read_only=True, default=None, allow_null=True
    )

    class Meta:
        model = Finding
        fields = [
            "id",
            "kind",
            "path",
            "start",
            "end",
            "sure",
            "sentence",
            "verdict",
            "verdict_reason",
            "verdict_by",
            "verdict_at",
            "second_by",
            "second_at",
        ]
        read_only_fields = fields

    def get_verdict_reason(self, finding: Finding) -> str:
        """Return the reason, or that it is withheld."""
        screened: str = self.context["screen"](finding.verdict_reason)
        return screened


class VerdictSerializer(serializers.Serializer):
    """Decide about one finding and those identical to it, or about all open ones of the run."""

    finding = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    reason = serializers.CharField(min_length=5, max_length=250)


class RejectionSerializer(VerdictSerializer):
    """Reject one finding's images, a whole series, or everything that the run holds."""

    series = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, help_text="Id of a series to reject whole."
    )


class SecondSerializer(serializers.Serializer):
    """Confirm one release and those identical to it, or all that wait in the run."""

    finding = serializers.IntegerField(required=False, allow_null=True, min_value=1)


class RuleSerializer(serializers.Serializer):
    """A rule of the project, made because of a finding."""

    finding = serializers.IntegerField(min_value=1)
    element = serializers.CharField(
        max_length=400,
        help_text='(gggg,eeee), (gggg,"CREATOR",ee), xx for a whole private block, or a way.',
    )
    action = serializers.ChoiceField(TAKING)
    reason = serializers.CharField(min_length=5, max_length=250)


class ElementChangeSerializer(serializers.Serializer):
    """One element that came out differently."""

    path = serializers.CharField()
    keyword = serializers.CharField()
    what = serializers.ChoiceField([REMOVED, EMPTIED, CHANGED, ADDED])
    instances = serializers.IntegerField()


class DifferenceSerializer(serializers.ModelSerializer):
    """What a run changed against the one before it: counts of instances by element, no values."""

    run = serializers.IntegerField(source="run.number", read_only=True)
    earlier = serializers.IntegerField(source="earlier.number", read_only=True)
    elements = serializers.SerializerMethodField()

    class Meta:
        model = Difference
        fields = ["run", "earlier", "compared_count", "changed_count", "elements"]
        read_only_fields = fields

    @extend_schema_field(ElementChangeSerializer(many=True))
    def get_elements(self, difference: Difference) -> list[dict[str, Any]]:
        """Return one row for each element that is different, and in what way."""
        names = ("path", "keyword", "what", "instances")
        return [dict(zip(names, row, strict=True)) for row in difference.elements]


class VerdictResultSerializer(serializers.Serializer):
    """How many instances a verdict changed."""

    instances = serializers.IntegerField()
