"""What REST says and takes about transfers and destinations."""

from dataclasses import asdict
from typing import Any

from django.core.exceptions import ValidationError as RuleBroken
from django.forms import model_to_dict
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from transfers.models import Delivery, Destination, Run, TransferRequest
from transfers.reconciling import Tally, reconcile


class DeliverySerializer(serializers.ModelSerializer):
    """One destination's part of a run."""

    destination = serializers.CharField(source="destination.name", read_only=True)

    class Meta:
        model = Delivery
        fields = ["id", "destination", "state", "reason", "confirmed_count", "proof", "ended_at"]
        read_only_fields = fields


class RunSerializer(serializers.ModelSerializer):
    """One execution of one plan, with what became of every instance."""

    plan_version = serializers.IntegerField(source="plan_version.number", read_only=True)
    made_over_run = serializers.IntegerField(
        source="over.number",
        read_only=True,
        default=None,
        allow_null=True,
        help_text="Of a run over the research copy: the run of this transfer whose files it read.",
    )
    counts = serializers.SerializerMethodField()
    deliveries = DeliverySerializer(many=True, read_only=True)

    class Meta:
        model = Run
        fields = [
            "id",
            "number",
            "plan_version",
            "source",
            "made_over_run",
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


class TallySerializer(serializers.Serializer):
    """How many instances are to be at a destination, and how far each has got.

    to_send = confirmed + missing + refused + under_way.
    """

    to_send = serializers.IntegerField()
    accepted = serializers.IntegerField(help_text="C-STORE was answered 0000 or Bxxx.")
    remarks = serializers.IntegerField(help_text="Of these, answered Bxxx.")
    counted = serializers.IntegerField(help_text="Found by C-FIND or QIDO-RS afterwards.")
    committed = serializers.IntegerField(help_text="Promised by storage commitment.")
    confirmed = serializers.IntegerField(help_text="By the strongest means it has.")
    missing = serializers.IntegerField()
    refused = serializers.IntegerField()
    under_way = serializers.IntegerField()


class DestinationSumsSerializer(TallySerializer):
    """One destination's part of a run in numbers."""

    destination = serializers.CharField()


class SeriesSumsSerializer(serializers.Serializer):
    """One series: what became of each instance, and what is at each destination."""

    number = serializers.IntegerField(allow_null=True, help_text="Series Number, while known.")
    modality = serializers.CharField()
    series_instance_uid = serializers.CharField(help_text="The pseudonymous one.")
    received = serializers.IntegerField()
    counts = serializers.DictField(child=serializers.IntegerField())
    destinations = DestinationSumsSerializer(many=True)


class ReconciliationSerializer(serializers.Serializer):
    """Every instance has one outcome; they add up by series and in sum."""

    received = serializers.IntegerField()
    adds_up = serializers.BooleanField()
    counts = serializers.DictField(child=serializers.IntegerField())
    series = SeriesSumsSerializer(many=True)
    destinations = DestinationSumsSerializer(many=True)


class TransferDetailSerializer(TransferSerializer):
    """The wish, how it stands, and where every instance of its latest run is."""

    reconciliation = serializers.SerializerMethodField()

    class Meta(TransferSerializer.Meta):
        fields = [*TransferSerializer.Meta.fields, "reconciliation"]
        read_only_fields = fields

    @extend_schema_field(ReconciliationSerializer(allow_null=True))
    def get_reconciliation(self, transfer: TransferRequest) -> dict[str, Any] | None:
        """Return the sums of the latest run."""
        run = transfer.latest_run
        return None if run is None else reconciliation_of(run)


def reconciliation_of(run: Run) -> dict[str, Any]:
    """Put a run's sums into the form that REST gives them."""
    sums = reconcile(run)
    names = {one.delivery.pk: one.delivery.destination.name for one in sums.deliveries}

    def at(tallies: dict[int, Tally]) -> list[dict[str, Any]]:
        return [
            {"destination": names[pk], **asdict(tally), "under_way": tally.under_way}
            for pk, tally in tallies.items()
        ]

    return {
        "received": sums.received,
        "adds_up": sums.adds_up,
        "counts": sums.counts,
        "series": [
            {
                "number": series.number,
                "modality": series.modality,
                "series_instance_uid": series.series_instance_uid,
                "received": series.received,
                "counts": dict(series.counts),
                "destinations": at(series.tallies),
            }
            for series in sums.series
        ],
        "destinations": at({one.delivery.pk: one.tally for one in sums.deliveries}),
    }


class TransferCreateSerializer(serializers.Serializer):
    """Ask for a study to be brought into a project under a pseudonym."""

    study = serializers.IntegerField(help_text="The study's id in quarantine.")
    project = serializers.CharField(help_text="Acronym or number.")
    participant = serializers.CharField(max_length=64, help_text="The pseudonym.")
    event = serializers.CharField(max_length=40)
    left_out = serializers.ListField(
        child=serializers.IntegerField(), required=False, help_text="Ids of series to leave out."
    )


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
            "asked_by",
            "qido_url",
            "patience_seconds",
            "commits",
            "offers_find",
            "offers_commitment",
            "is_active",
        ]
        read_only_fields = ["offers_find", "offers_commitment"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Check what is declared as a whole, also where only a part of it changes."""
        kept = {} if self.instance is None else model_to_dict(self.instance, fields=self.fields)
        try:
            Destination(**{**kept, **attrs}).clean()
        except RuleBroken as error:
            raise serializers.ValidationError(error.message_dict) from error
        return attrs
