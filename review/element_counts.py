"""How many elements of a project are what: all that a page counts, in one pass over them."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q

from projects.models import Project
from review.states import JUDGED, Standing


@dataclass
class ElementCounts:
    """Counts of a project's elements; `vrs` are theirs, `since` is when the first was reopened."""

    elements: int = 0
    judged: int = 0
    new: int = 0
    unsure: int = 0
    unsafe: int = 0
    private: int = 0
    sequence: int = 0
    since: datetime | None = None
    vrs: frozenset[str] = frozenset()

    @property
    def to_judge(self) -> int:
        """How many elements a person must still look at."""
        return self.elements - self.judged

    @classmethod
    def of(cls, project: Project) -> "ElementCounts":
        """Count a project's elements, by one query."""
        rows: Any = (
            project.elements.order_by()
            .values("vr")
            .annotate(
                elements=Count("pk"),
                judged=Count("pk", Q(standing__in=JUDGED)),
                new=Count("pk", Q(standing=Standing.NEW)),
                unsure=Count("pk", Q(standing=Standing.UNSURE)),
                unsafe=Count("pk", Q(standing=Standing.UNSAFE)),
                private=Count("pk", Q(is_private=True)),
                sequence=Count("pk", Q(is_nested=True)),
                since=Min("reopened_at"),
            )
        )
        counts = cls()
        for row in rows:
            for name in NUMBERS:
                setattr(counts, name, getattr(counts, name) + row[name])
            if row["since"] and (counts.since is None or row["since"] < counts.since):
                counts.since = row["since"]
            # one that differs by series is "SS or US" there
            counts.vrs |= frozenset(row["vr"].split(" or "))
        return counts


NUMBERS = [field.name for field in fields(ElementCounts) if field.name not in ("since", "vrs")]
