"""The files of a study in quarantine that stand for the others."""

from collections.abc import Iterator

from django.db.models import Min

from intake.models import Instance, Study
from projects.storage import storage


def first_of_each_series(study: Study) -> Iterator[Instance]:
    """Yield one instance of each series whose file is still there."""
    firsts = (
        Instance.objects.filter(series__study=study)
        .values("series")
        .annotate(first=Min("pk"))
        .order_by()
    )
    for instance in Instance.objects.filter(pk__in=[row["first"] for row in firsts]):
        if storage().exists(instance.key):
            yield instance
