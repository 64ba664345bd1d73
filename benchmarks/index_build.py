"""Builds an index of invented series in the database of this process, and times it and its pages.

Started by benchmarks.index in a process of its own, whose environment names the database; prints
one line of JSON for each thing measured.
"""

import argparse
import json
import os
import statistics
import time
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rdma.settings")
django.setup()

from uuid import uuid4  # noqa: E402

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from benchmarks.index_copies import multiply  # noqa: E402
from benchmarks.index_rows import Invented, invented  # noqa: E402
from deidentify.inventory_rulings import rulings  # noqa: E402
from projects import keyring  # noqa: E402
from projects.models import Event, Membership, Participant, Project, User  # noqa: E402
from projects.patterns import parse  # noqa: E402
from projects.roles import Role  # noqa: E402
from review.merging import put_series  # noqa: E402
from review.models import (  # noqa: E402
    Element,
    ElementValue,
    Origin,
    ResearchSeries,
    ResearchStudy,
    Value,
)
from review.series_rows import Arrival  # noqa: E402
from transfers.models import Run, TransferRequest  # noqa: E402
from transfers.planning import current_plan, nobodys_plan  # noqa: E402
from transfers.states import State  # noqa: E402

MR_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.4"
LATELY = 200
"""Series whose merging is timed: the last ones, when the sums are largest."""
TIMES = 9


def main() -> None:
    """Build what was asked for and say what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--series", type=int, required=True)
    parser.add_argument("--instances", type=int, required=True)
    parser.add_argument("--participants", type=int, required=True)
    parser.add_argument("--times", type=int, default=1, help="copies of all that was merged")
    options = parser.parse_args()
    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)
    project, owner = _project()
    series = invented(
        options.series + (LATELY if options.times > 1 else 0),
        instances=options.instances,
        participants=options.participants,
    )
    took = _build(project, owner, islice(series, options.series))
    _tell(project, owner, took, options.instances)
    if options.times > 1:
        multiply(project, options.times)
        _analyze()
        took += _build(project, owner, series)
        _tell(project, owner, took, options.instances)


def _tell(project: Project, owner: User, took: list[float], instances: int) -> None:
    """Say what the index holds now, what it took, and how long its pages take."""
    _analyze()
    lately = took[-LATELY:]
    series = ResearchSeries.objects.count()
    _say(
        series=series,
        instances=series * instances,
        seconds=sum(took),
        median_ms=1000 * statistics.median(took),
        last_ms=1000 * statistics.mean(lately),
        values=Value.objects.count(),
        element_values=ElementValue.objects.count(),
        elements=Element.objects.count(),
        size=_size(),
        pages=_pages(project, owner),
    )


def _analyze() -> None:
    """Let PostgreSQL know what it holds, as its autovacuum does within minutes."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def _project() -> tuple[Project, User]:
    owner = User.objects.create(username="owner")
    project = Project.objects.create(
        acronym="BENCH",
        number="P26_01",
        title="Invented",
        approval_number="2019/1234",
        approval_start=timezone.localdate(),
        approval_end=timezone.localdate(),
        participant_pattern="BENCH_{n:05}",
        participant_regex=parse("BENCH_{n:05}").regex,
        wrapped_key=keyring.wrap(keyring.new_key(), keyring.master_key()),
    )
    Membership.objects.create(project=project, user=owner, role=Role.OWNER)
    Event.objects.create(project=project, name="baseline", position=0)
    return project, owner


def _build(project: Project, owner: User, series: Any) -> list[float]:
    """Merge the series study by study, in the order they come; return the seconds of each one."""
    version = current_plan(project)
    plan = nobodys_plan(version)
    took: list[float] = []
    for _, together in groupby(series, key=lambda one: one.study):
        of_study = list(together)
        study = _study(_participant(project, owner, of_study[0]), version)
        began = time.perf_counter()
        arrivals = [
            Arrival(_series(one, version), one.rows, rulings(plan, one.rows, MR_IMAGE_STORAGE))
            for one in of_study
        ]
        put_series(study, arrivals)
        took += [(time.perf_counter() - began) / len(of_study)] * len(of_study)
        if len(took) % 500 == 0:
            _say(merged=len(took), last_ms=1000 * statistics.mean(took[-100:]))
    return took


def _participant(project: Project, owner: User, one: Invented) -> Participant:
    pseudonym = f"BENCH_{one.participant:05}"
    known = project.participants.filter(pseudonym=pseudonym).first()
    return known or Participant.objects.create(
        project=project,
        pseudonym=pseudonym,
        created_by=owner,
        wrapped_secret=keyring.wrap(keyring.new_key(), project.key),
    )


def _study(participant: Participant, version: Any) -> ResearchStudy:
    event = participant.project.events.get()
    transfer = TransferRequest.objects.create(
        project=participant.project, participant=participant, event=event
    )
    run = Run.objects.create(
        transfer=transfer,
        number=1,
        plan_version=version,
        state=State.DELIVERED,
        ended_at=timezone.now(),
    )
    row = ResearchStudy.objects.create(
        transfer=transfer,
        run=run,
        project=participant.project,
        participant=participant,
        event=event,
    )
    study: ResearchStudy = ResearchStudy.objects.claim(row.pk, owner=uuid4())
    return study


def _series(one: Invented, version: Any) -> ResearchSeries:
    said = {row.path: next(iter(row.values)) for row in one.rows if row.path.count("(") == 1}
    origin = Origin(
        modality=said["(0008,0060)"],
        manufacturer=said["(0008,0070)"],
        manufacturer_model_name=said["(0008,1090)"],
        device_serial_number=said["(0018,1000)"],
    )
    return ResearchSeries(
        series_instance_uid=said["(0020,000E)"],
        origin=origin,
        plan_version=version,
        modality=origin.modality,
        manufacturer=origin.manufacturer,
        manufacturer_model_name=origin.manufacturer_model_name,
        sop_class_uid=MR_IMAGE_STORAGE,
        instance_count=one.rows[0].instances,
        content="0" * 64,
    )


def _pages(project: Project, owner: User) -> dict[str, float]:
    """Return the median milliseconds of the three main pages."""
    client = Client()
    client.force_login(owner)
    element = project.elements.order_by("-value_count").first()
    assert element is not None
    value = element.element_values.order_by("-instance_count").first()
    assert value is not None
    pages = {
        "inventory": reverse("review", args=["BENCH"]),
        "element": reverse("review-element", args=["BENCH", element.pk]),
        "value": reverse("review-places", args=["BENCH", element.pk, value.value_id]),
    }
    return {name: _page(client, address) for name, address in pages.items()}


def _page(client: Client, address: str) -> float:
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        response = client.get(address)
        took.append(time.perf_counter() - began)
        if response.status_code != 200:
            raise SystemExit(f"A page answered {response.status_code}.")
    return 1000 * statistics.median(took[1:])


def _size() -> int:
    """Return the bytes that the whole database takes."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return int(cursor.fetchone()[0])
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Path(settings.DATABASES["default"]["NAME"]).stat().st_size


def _say(**facts: Any) -> None:
    print(json.dumps(facts), flush=True)


if __name__ == "__main__":
    main()
