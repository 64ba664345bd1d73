"""What each series and each participant add to a project's sums.

The rows of a series are the reference counts: when it goes, exactly what it added is taken away
(review/sums.py), and a value that nothing refers to any more goes with it.
"""

from django.db import models

from projects.models import Participant
from review.models.elements import Element, Value
from review.models.origins import ElementDecision
from review.models.studies import ResearchSeries, ResearchStudy


class SeriesElement(models.Model):
    """One element of one series."""

    pk = models.CompositePrimaryKey("series_id", "element_id")
    series = models.ForeignKey(ResearchSeries, models.PROTECT, related_name="+", db_index=False)
    element = models.ForeignKey(Element, models.PROTECT, related_name="+")
    decision = models.ForeignKey(
        ElementDecision, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    vr = models.CharField(max_length=2)
    instance_count = models.PositiveIntegerField()
    distinct_count = models.PositiveIntegerField()
    unlisted_count = models.PositiveIntegerField(
        help_text="How many of the distinct values have no row of their own."
    )

    def __str__(self) -> str:
        return f"element {self.element_id} in series {self.series_id}"


class SeriesValue(models.Model):
    """One value of one element in one series."""

    pk = models.CompositePrimaryKey("series_id", "element_id", "value_id")
    series = models.ForeignKey(ResearchSeries, models.PROTECT, related_name="+", db_index=False)
    element = models.ForeignKey(Element, models.PROTECT, related_name="+", db_index=False)
    value = models.ForeignKey(Value, models.PROTECT, related_name="+", db_index=False)
    instance_count = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["value", "element"])]

    def __str__(self) -> str:
        return f"value {self.value_id} in series {self.series_id}"


class StudyElement(models.Model):
    """One element of one research study: what its number of studies is counted by."""

    pk = models.CompositePrimaryKey("study_id", "element_id")
    study = models.ForeignKey(ResearchStudy, models.PROTECT, related_name="+", db_index=False)
    element = models.ForeignKey(Element, models.PROTECT, related_name="+")
    series_count = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"element {self.element_id} of study {self.study_id}"


class ParticipantElement(models.Model):
    """One element of one participant."""

    pk = models.CompositePrimaryKey("participant_id", "element_id")
    participant = models.ForeignKey(Participant, models.PROTECT, related_name="+", db_index=False)
    element = models.ForeignKey(Element, models.PROTECT, related_name="+")
    instance_count = models.PositiveBigIntegerField()
    series_count = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"element {self.element_id} of participant {self.participant_id}"


class ParticipantValue(models.Model):
    """One value of one element of one participant."""

    pk = models.CompositePrimaryKey("participant_id", "element_id", "value_id")
    participant = models.ForeignKey(Participant, models.PROTECT, related_name="+", db_index=False)
    element = models.ForeignKey(Element, models.PROTECT, related_name="+", db_index=False)
    value = models.ForeignKey(Value, models.PROTECT, related_name="+", db_index=False)
    instance_count = models.PositiveBigIntegerField()
    series_count = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["value", "element"])]

    def __str__(self) -> str:
        return f"value {self.value_id} of participant {self.participant_id}"
