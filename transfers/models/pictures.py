"""Which pictures somebody opened on the picture desk, and which of their frames were shown."""

from typing import Self

from django.db import models
from django.db.models import Count, F, Q

from projects.models import User
from transfers.models.runs import Outcome


class PictureQuerySet(models.QuerySet["Picture"]):
    """Pictures by who has seen them."""

    def seen_by(self, user: User) -> Self:
        """Those of which every frame was shown to a person."""
        shown = Count("looks", filter=Q(looks__user=user))
        return self.annotate(shown=shown).filter(frame_count__gt=0, shown__gte=F("frame_count"))


class Picture(models.Model):
    """The picture in one instance of a run, from when somebody opens it first."""

    outcome = models.OneToOneField(Outcome, models.CASCADE, related_name="picture")
    frame_count = models.PositiveIntegerField(help_text="0 if nothing of it can be shown.")
    obstacle = models.CharField(max_length=200, blank=True, default="")

    objects = PictureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(frame_count=0) & ~Q(obstacle="") | Q(frame_count__gt=0, obstacle=""),
                name="a_picture_has_frames_or_an_obstacle",
            )
        ]

    def __str__(self) -> str:
        return f"picture {self.pk}"


class FrameLook(models.Model):
    """One frame was shown to one person; frames are counted from 1."""

    picture = models.ForeignKey(Picture, models.CASCADE, related_name="looks")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    frame = models.PositiveIntegerField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["picture", "user", "frame"], name="a_frame_is_seen_once_by_each"
            )
        ]

    def __str__(self) -> str:
        return f"frame look {self.pk}"
