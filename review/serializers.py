"""What REST says of the research copy, of its elements, and of what people judged."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from projects.models import Event, Participant, Project, User
from review.decided import what_plan_did
from review.hiding import hides, with_hiding
from review.models import (
    Across,
    Element,
    ElementValue,
    ResearchSeries,
    ResearchStudy,
    SignOff,
    Verdict,
    Within,
)
from review.names import name_of
from review.risk import in_words


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
    risk_because = serializers.SerializerMethodField(
        help_text="The sentences behind the risk, the weightiest first."
    )
    plan_did = serializers.SerializerMethodField(
        help_text="What which plan did and the row that decided, the latest plan first."
    )
    studies = serializers.IntegerField(source="study_count")
    values_to_judge = serializers.IntegerField(source="open_value_count")

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
            "studies",
            "participants",
            "distinct_values",
            "is_exact",
            "across_participants",
            "within_a_participant",
            "risk",
            "risk_because",
            "plan_did",
            "standing",
            "values_to_judge",
            "first_seen_at",
        )

    def get_name(self, element: Element) -> str:
        """Say the element's name."""
        return name_of(element)

    def get_is_exact(self, element: Element) -> bool:
        """Say whether every value is listed."""
        return element.unlisted_count == 0

    def get_risk_because(self, element: Element) -> list[str]:
        """Say why the risk is what it is."""
        return in_words(element.risk_reasons)

    def get_plan_did(self, element: Element) -> list[str]:
        """Say what became of it."""
        return [did.sentence for did in what_plan_did(element)]


class ElementValueSerializer(serializers.ModelSerializer[ElementValue]):
    """One value of an element, and in how much of the data."""

    value = serializers.SerializerMethodField(
        method_name="shown_value", help_text="null while it is hidden; POST shows it."
    )
    is_hidden = serializers.SerializerMethodField(
        help_text="Whether this answer leaves the value out."
    )
    instances = serializers.IntegerField(source="instance_count")
    series = serializers.IntegerField(source="series_count")
    participants = serializers.IntegerField(source="participant_count")
    judged = serializers.CharField(help_text="open, safe, unsafe or unsure; empty: not begun.")

    class Meta:
        model = ElementValue
        fields: tuple[str, ...] = (
            "value",
            "is_hidden",
            "instances",
            "series",
            "participants",
            "judged",
            "first_seen_at",
        )

    def shown_value(self, row: ElementValue) -> str | None:
        """Give the value, unless this answer leaves it out."""
        return None if self.get_is_hidden(row) else row.value.text

    def get_is_hidden(self, row: ElementValue) -> bool:
        """Say whether this answer leaves the value out; what is not known to be shown is hidden."""
        return row.element_id not in self.context.get("shown", ())


class ListedValueSerializer(ElementValueSerializer):
    """The same, with the element whose value it is."""

    element = serializers.IntegerField(source="element_id", help_text="The element's id.")
    path = serializers.CharField(source="element.path")
    keyword = serializers.CharField(source="element.keyword")

    class Meta(ElementValueSerializer.Meta):
        fields = ("element", "path", "keyword", *ElementValueSerializer.Meta.fields)


class WordsSerializer(serializers.Serializer[Any]):
    """Words to search for, and where."""

    NAMES, VALUES = "names", "values"

    words = serializers.CharField(max_length=200)
    place = serializers.ChoiceField(choices=[NAMES, VALUES], default=NAMES)


class AskedValuesSerializer(serializers.Serializer[Any]):
    """Which values are asked for, and whether those that are hidden shall be told."""

    words = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    with_hidden = serializers.BooleanField(
        default=False, help_text="Tell hidden values too; that you asked is recorded."
    )


class _ScreenedSerializer(serializers.ModelSerializer[Any]):
    """What both lists of judgements do: withhold a typed sentence that may name a patient."""

    def screened(self, text: str) -> str:
        """Return what may be told of it."""
        return str(self.context["screen"](text)) if text else ""


class VerdictSerializer(_ScreenedSerializer):
    """One verdict: on an element, on one of its values, or on a pattern of them."""

    path = serializers.CharField(source="known.path")
    keyword = serializers.CharField(source="known.keyword")
    pattern = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField()
    counts = serializers.BooleanField(help_text="False while it waits for a second person.")
    plan_version = serializers.SlugRelatedField[Any](
        slug_field="number", read_only=True, allow_null=True
    )
    given_by = serializers.SlugRelatedField[User](slug_field="username", read_only=True)
    second_by = serializers.SlugRelatedField[User](
        slug_field="username", read_only=True, allow_null=True
    )

    class Meta:
        model = Verdict
        fields = (
            "id",
            "path",
            "keyword",
            "judged",
            "covers",
            "value_digest",
            "pattern",
            "reason",
            "value_count",
            "plan_version",
            "given_by",
            "given_at",
            "counts",
            "second_by",
            "second_at",
        )

    def get_pattern(self, verdict: Verdict) -> str:
        """Tell the pattern, unless it may name a patient."""
        return self.screened(verdict.pattern)

    def get_reason(self, verdict: Verdict) -> str:
        """Tell the reason, unless it may name a patient."""
        return self.screened(verdict.reason)


class SignOffSerializer(_ScreenedSerializer):
    """One record that somebody signed."""

    plan_version = serializers.SlugRelatedField[Any](slug_field="number", read_only=True)
    note = serializers.SerializerMethodField()
    counts = serializers.BooleanField(help_text="False while it waits for a second person.")
    signed_by = serializers.SlugRelatedField[User](slug_field="username", read_only=True)
    second_by = serializers.SlugRelatedField[User](
        slug_field="username", read_only=True, allow_null=True
    )

    class Meta:
        model = SignOff
        fields = (
            "number",
            "plan_version",
            "digest",
            "text",
            "note",
            "counts",
            "signed_by",
            "signed_at",
            "second_by",
            "second_at",
        )

    def get_note(self, signed: SignOff) -> str:
        """Tell what was noted, unless it may name a patient."""
        return self.screened(signed.note)


SERIES_DESCRIPTION, STUDY_DESCRIPTION = "(0008,103E)", "(0008,1030)"


def _is_shown(context: Mapping[str, Any], project: int, path: str) -> bool:
    """Whether an element's values are shown unasked; one that the index lacks is not."""
    known: dict[tuple[int, str], bool] = context.get("shown_paths", {})
    if (project, path) not in known:
        element = with_hiding(Element.objects.filter(project=project, path=path)).first()
        known[project, path] = element is not None and not hides(element)
    return known[project, path]


class ResearchSeriesSerializer(serializers.ModelSerializer[ResearchSeries]):
    """One series of the research copy."""

    series_description = serializers.SerializerMethodField(
        help_text="Null where the review hides descriptions until somebody asks for them."
    )

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

    def get_series_description(self, series: ResearchSeries) -> str | None:
        """Tell the description, unless the review hides such values."""
        is_shown = _is_shown(self.context, series.study.project_id, SERIES_DESCRIPTION)
        return series.series_description if is_shown else None


class ResearchStudySerializer(serializers.ModelSerializer[ResearchStudy]):
    """One study of the research copy, under its participant's pseudonym."""

    project = serializers.SlugRelatedField[Project](slug_field="acronym", read_only=True)
    participant = serializers.SlugRelatedField[Participant](slug_field="pseudonym", read_only=True)
    event = serializers.SlugRelatedField[Event](slug_field="name", read_only=True)
    series = ResearchSeriesSerializer(many=True, read_only=True)
    study_description = serializers.SerializerMethodField(
        help_text="Null where the review hides descriptions until somebody asks for them."
    )

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

    def get_study_description(self, study: ResearchStudy) -> str | None:
        """Tell the description, unless the review hides such values."""
        is_shown = _is_shown(self.context, study.project_id, STUDY_DESCRIPTION)
        return study.study_description if is_shown else None
