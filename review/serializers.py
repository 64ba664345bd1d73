"""What REST says of the research copy and of its elements."""

from rest_framework import serializers

from projects.models import Event, Participant, Project
from review.models import Across, Element, ElementValue, ResearchSeries, ResearchStudy, Within
from review.names import name_of


class ElementSerializer(serializers.ModelSerializer[Element]):
    """One element left in a project's data."""

    name = serializers.SerializerMethodField(help_text="As PS3.6 calls it.")
    private_creator = serializers.CharField(source="creator")
    instances = serializers.IntegerField(source="instance_count")
    series = serializers.IntegerField(source="series_count")
    participants = serializers.IntegerField(source="participant_count")
    distinct_values = serializers.IntegerField(source="distinct_count")
    is_exact = serializers.SerializerMethodField(
        help_text="Whether distinct_values is exact, or an upper bound."
    )
    across_participants = serializers.ChoiceField(source="across", choices=Across.choices)
    within_a_participant = serializers.ChoiceField(source="within", choices=Within.choices)

    class Meta:
        model = Element
        fields = (
            "id",
            "path",
            "tag",
            "keyword",
            "name",
            "vr",
            "private_creator",
            "instances",
            "series",
            "participants",
            "distinct_values",
            "is_exact",
            "across_participants",
            "within_a_participant",
        )

    def get_name(self, element: Element) -> str:
        """Say the element's name."""
        return name_of(element)

    def get_is_exact(self, element: Element) -> bool:
        """Say whether every value is listed."""
        return element.unlisted_count == 0


class ElementValueSerializer(serializers.ModelSerializer[ElementValue]):
    """One value of an element, and in how much of the data."""

    value = serializers.CharField(source="value.text")
    instances = serializers.IntegerField(source="instance_count")
    series = serializers.IntegerField(source="series_count")
    participants = serializers.IntegerField(source="participant_count")

    class Meta:
        model = ElementValue
        fields = ("value", "instances", "series", "participants")


class ResearchSeriesSerializer(serializers.ModelSerializer[ResearchSeries]):
    """One series of the research copy."""

    class Meta:
        model = ResearchSeries
        fields = (
            "series_instance_uid",
            "modality",
            "series_number",
            "series_description",
            "manufacturer",
            "manufacturer_model_name",
            "instance_count",
        )


class ResearchStudySerializer(serializers.ModelSerializer[ResearchStudy]):
    """One study of the research copy, under its participant's pseudonym."""

    project = serializers.SlugRelatedField[Project](slug_field="acronym", read_only=True)
    participant = serializers.SlugRelatedField[Participant](slug_field="pseudonym", read_only=True)
    event = serializers.SlugRelatedField[Event](slug_field="name", read_only=True)
    series = ResearchSeriesSerializer(many=True, read_only=True)

    class Meta:
        model = ResearchStudy
        fields = (
            "id",
            "project",
            "participant",
            "event",
            "transfer",
            "run",
            "study_instance_uid",
            "study_date",
            "study_description",
            "series_count",
            "instance_count",
            "state",
            "indexed_at",
            "series",
        )
