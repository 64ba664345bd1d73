"""What REST says and takes about transfers and destinations."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from transfers.models import Delivery, Destination, Finding, Run, TransferRequest


class DeliverySerializer(serializers.ModelSerializer):
    """One destination's part of a run."""

    destination = serializers.CharField(source="destination.name", read_only=True)

    class Meta:
        model = Delivery
        fields = ["id", "destination", "state", "reason", "confirmed_count", "ended_at"]
        read_only_fields = fields


class FindingSerializer(serializers.ModelSerializer):
    """Where something was found and of what kind; never its value."""

    class Meta:
        model = Finding
        fields = ["id", "kind", "path", "sure", "sentence", "verdict", "verdict_reason"]
        read_only_fields = fields


class RunSerializer(serializers.ModelSerializer):
    """One execution of one plan, with what became of every instance."""

    plan_version = serializers.IntegerField(source="plan_version.number", read_only=True)
    counts = serializers.SerializerMethodField()
    deliveries = DeliverySerializer(many=True, read_only=True)

    class Meta:
        model = Run
        fields = [
            "id",
            "number",
            "plan_version",
            "state",
            "reason",
            "received_count",
            "counts",
            "deliveries",
            "created_at",
            "deidentified_at",
            "verified_at",
            "delivered_at",
            "ended_at",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.DictField(child=serializers.IntegerField()))
    def get_counts(self, run: Run) -> dict[str, int]:
        """Return instances by outcome; they add up to received_count."""
        return run.counts()


class TransferSerializer(serializers.ModelSerializer):
    """The wish, and how it stands."""

    project = serializers.CharField(source="project.acronym", read_only=True)
    participant = serializers.CharField(source="participant.pseudonym", read_only=True)
    event = serializers.CharField(source="event.name", read_only=True)
    run = RunSerializer(source="latest_run", read_only=True, allow_null=True)

    class Meta:
        model = TransferRequest
        fields = [
            "id",
            "study",
            "project",
            "participant",
            "event",
            "requested_at",
            "ended_at",
            "replaced_by",
            "run",
        ]
        read_only_fields = fields


class TransferCreateSerializer(serializers.Serializer):
    """Ask for a study to be brought into a project under a pseudonym."""

    study = serializers.IntegerField(help_text="The study's id in quarantine.")
    project = serializers.CharField(help_text="Acronym or number.")
    participant = serializers.CharField(max_length=64, help_text="The pseudonym.")
    event = serializers.CharField(max_length=40)
    left_out = serializers.ListField(
        child=serializers.IntegerField(), required=False, help_text="Ids of series to leave out."
    )


class VerdictSerializer(serializers.Serializer):
    """Decide about one finding and those identical to it, or about all open ones of the run."""

    finding = serializers.IntegerField(required=False, allow_null=True)
    reason = serializers.CharField(min_length=5, max_length=250)


class VerdictResultSerializer(serializers.Serializer):
    """How many instances a verdict changed."""

    instances = serializers.IntegerField()


class MoveSerializer(serializers.Serializer):
    """The right participant of a study that was assigned wrongly."""

    participant = serializers.CharField(max_length=64)


class DestinationSerializer(serializers.ModelSerializer):
    """A remote Storage SCP."""

    class Meta:
        model = Destination
        fields = [
            "id",
            "name",
            "ae_title",
            "host",
            "port",
            "replaces",
            "web_dialect",
            "web_url",
            "is_active",
        ]
