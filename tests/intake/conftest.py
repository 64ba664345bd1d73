"""What the tests of arriving studies share: an exact account of what is where."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Sum

from intake.models import Arrival, Instance, Rejection, Series, Study
from projects.storage import storage


@pytest.fixture
def account() -> Callable[[], dict[str, Any]]:
    """Count the catalogue, and prove that rows, counters and files say the same."""

    def count() -> dict[str, Any]:
        keys = set(Instance.objects.values_list("key", flat=True))
        kept_aside = set(Rejection.objects.exclude(key="").values_list("key", flat=True))
        assert keys == set(storage().list("quarantine"))
        assert kept_aside == set(storage().list("rejected"))
        for level in (Study, Series):
            total = level.objects.aggregate(n=Sum("instance_count"))["n"] or 0
            assert total == len(keys)
        for arrival in Arrival.objects.exclude(ended_at=None):
            assert arrival.received_count == arrival.settled_count
        return {
            "catalogued": len(keys),
            "rejected": Rejection.objects.count(),
            "duplicates": Arrival.objects.aggregate(n=Sum("duplicate_count"))["n"] or 0,
            "waiting": len(waiting_files()),
        }

    return count


def waiting_files() -> list[Path]:
    """Return the files of all batches, whole or not."""
    folder = storage().root / "incoming"
    return [path for path in folder.rglob("*") if path.suffix in {".dcm", ".part", ".zip"}]
