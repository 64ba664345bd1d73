"""How a project's series are named in BIDS: numbered versions, of which none is ever changed."""

from datetime import datetime
from typing import Self

from django.db import models

from exports.bids.mapping import Mapping
from exports.bids.rows import read_rows
from projects.models import Project, User


class BidsMappingQuerySet(models.QuerySet["BidsMapping"]):
    """Mappings by when they held."""

    def at(self, project: Project, moment: datetime | None = None) -> "BidsMapping | None":
        """Return the version that holds now, or that held at a moment; None before the first."""
        versions = self.filter(project=project)
        if moment is not None:
            versions = versions.filter(created_at__lte=moment)
        return versions.order_by("-number").first()

    def of(self, project: Project) -> Self:
        """Return the versions of a project, the newest first."""
        return self.filter(project=project).select_related("created_by").order_by("-number")


class BidsMapping(models.Model):
    """One version of a project's mapping; `rows` is what exports.bids.rows.read_rows reads.

    A guard in the database refuses changes. A whole version can be deleted: a description in it
    may turn out to tell of a person. A package is built by the version that held when it was asked
    for.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="bids_mappings")
    number = models.PositiveIntegerField()
    rows = models.JSONField(default=list)
    digest = models.CharField(max_length=64)
    reason = models.CharField(max_length=250)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = BidsMappingQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "number"], name="one_bids_mapping_per_number_and_project"
            ),
        ]

    def __str__(self) -> str:
        return f"v{self.number}"

    def mapping(self, *, unmapped: str) -> Mapping:
        """Return it as it is used; `unmapped` is a key of exports.bids.rows.ASIDE."""
        return Mapping.of(read_rows(self.rows), number=self.number, unmapped=unmapped)
