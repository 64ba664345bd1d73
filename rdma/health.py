"""Whether this process answers, and whether the house can do its work.

Anybody may ask, so that a load balancer can; nothing but yes or no leaves here. What is wrong goes
into the log, by name.
"""

import logging
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection, models
from django.db.migrations.executor import MigrationExecutor
from django.db.models import F, Q
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from projects.keyring import key_in_force
from projects.leases import Leased, LeasedQuerySet

log = logging.getLogger(__name__)

# Longer than a lease, and than the clock needs to ring again for what was not heard.
PATIENCE = timedelta(minutes=3)


@login_not_required
@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer: the process does."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 if the house can do its work, 503 if not; the log says which part cannot."""
    for name, is_well in CHECKS.items():
        try:
            well = is_well()
        except Exception as error:  # noqa: BLE001 - whatever fails, the house is not ready
            log.warning("not ready: %s (%s)", name, type(error).__name__)
            well = False
        else:
            if not well:
                log.warning("not ready: %s", name)
        if not well:
            return HttpResponse("not ready\n", content_type="text/plain", status=503)
    return HttpResponse("ready\n", content_type="text/plain")


def database_answers() -> bool:
    """Tell whether the database can be asked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def storage_is_writable() -> bool:
    """Tell whether a file can be written where studies are kept."""
    with tempfile.TemporaryFile(dir=Path(settings.RDMA_DATA_DIR)) as file:
        return file.write(b"ready") == 5


def keys_open() -> bool:
    """Tell whether the master key is this database's; what is remembered does not count."""
    return bool(key_in_force())


def migrations_are_applied() -> bool:
    """Tell whether the database has the tables that this program knows."""
    try:
        _find_nothing_to_apply(connection.settings_dict["NAME"])
    except LookupError:
        return False
    return True


@lru_cache(maxsize=1)
def _find_nothing_to_apply(database: str) -> None:
    """Raise LookupError if something is left; what was found complete once is not asked again."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise LookupError


def work_is_taken() -> bool:
    """Tell whether somebody takes the work that is due.

    It is not taken when rows have been due for a while, and in all that time no worker has claimed
    any row or holds one.
    """
    rows = list(_leased())
    is_alive = any(
        model._default_manager.filter(
            Q(claimed_at__gt=Now() - PATIENCE) | Q(lease_until__gt=Now())
        ).exists()
        for model in rows
    )
    return is_alive or not any(_has_waited(model) for model in rows)


def _leased() -> Iterator[type[Leased]]:
    """Yield every kind of row that workers take."""
    return (model for model in apps.get_models() if issubclass(model, Leased))


def _has_waited(model: type[Leased]) -> bool:
    """Tell whether a row of this kind has been due for longer than one has patience for."""
    names = {field.name for field in model._meta.get_fields() if isinstance(field, models.Field)}
    since = "created_at" if "created_at" in names else "rung_at"
    long_ago = Now() - PATIENCE
    return (
        LeasedQuerySet(model)
        .due()
        .annotate(due_since=F(since))
        .filter(due_since__lt=long_ago)
        .filter(Q(not_before=None) | Q(not_before__lt=long_ago))
        .filter(Q(lease_until=None) | Q(lease_until__lt=long_ago))
        .exists()
    )


CHECKS: dict[str, Callable[[], bool]] = {
    "database": database_answers,
    "storage": storage_is_writable,
    "migrations": migrations_are_applied,
    "keys": keys_open,
    "work": work_is_taken,
}
