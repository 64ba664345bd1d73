"""The way through the pipeline, walked inside a scratch installation, and what came of each file.

Everything is done by the portal's own actions and by a real worker: the files are filed into
quarantine, every study is requested, de-identified, verified and delivered, its tags indexed, and
all of it exported in every format.
"""

import json
import os
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection

from intake.folders import import_folder
from intake.models import Rejection, Study
from projects.models import Project, User
from projects.storage import storage
from rdma.demo.people import make_destination, make_people, make_projects
from rdma.demo.processes import Processes, free_port
from rdma.demo.walk import counted, wait, wait_for_index, wait_for_transfers
from rdma.selftest.exporting import export_all
from transfers.actions import request_transfer
from transfers.models import Outcome, Run
from transfers.states import OutcomeState

MOST_WORKERS = 4


def say(sentence: str) -> None:
    """Tell the process that started this one how far it is."""
    print(sentence, flush=True)  # noqa: T201 - standard output is the line to it


def walk(folder: Path) -> None:
    """Take `folder`/in through the pipeline; write what came of it beside it, as JSON.

    Raises TimeoutError when nothing moves any more, and NotStarted if a process does not start.
    """
    call_command("migrate", verbosity=0)
    make_people()
    project = make_projects()[0]
    person = User.objects.get(username="kari")
    with Processes(folder / "logs") as processes:
        start(processes, folder, project)
        bring_through(folder, project, person)
        export_all(folder, project, person, say)
    (folder / "outcomes.json").write_text(json.dumps(what_came(folder)))
    (folder / "tables.json").write_text(json.dumps(every_table()))


def start(processes: Processes, folder: Path, project: Project) -> None:
    """Start a worker, and a stand-in for the research PACS that the project delivers to."""
    port = free_port()
    processes.start(
        "research-pacs",
        *("-m", "rdma.demo.research_pacs", str(port), str(folder / "research-pacs")),
        port=port,
    )
    workers = min(os.cpu_count() or 1, MOST_WORKERS)
    processes.start(
        "worker",
        *("-m", "celery", "-A", "rdma", "worker"),
        *("--concurrency", str(workers), "--loglevel", "INFO"),
    )
    make_destination([project], port)


def bring_through(folder: Path, project: Project, person: User) -> None:
    """File the corpus, request every study, and wait until nothing moves."""
    arrival = import_folder(folder / "in", by=person)
    say(f"{counted(arrival.catalogued_count, 'file')} in quarantine")
    wait(lambda: "" if Study.objects.count() == Study.objects.complete().count() else
         "waiting for the studies to be complete", say, lambda: None)  # fmt: skip
    pseudonyms = json.loads((folder / "patients.json").read_text())
    event = project.events.get(name="baseline")
    for study in Study.objects.select_related("patient"):
        request_transfer(
            by=person,
            study=study,
            project=project,
            pseudonym=pseudonyms[study.patient.patient_id],
            event=event,
        )
    wait_for_transfers(say)
    wait_for_index(say)


def what_came(folder: Path) -> dict[str, Any]:
    """Return what became of every file, by the SOP Instance UID that it had."""
    outcomes = Outcome.objects.select_related("instance").prefetch_related("findings")
    return {
        "files": {
            outcome.instance.sop_instance_uid: _one(folder, outcome)
            for outcome in outcomes
            if outcome.instance is not None
        },
        "turned_away": list(Rejection.objects.values_list("code", flat=True)),
        "failed": [reason for reason in Run.objects.values_list("reason", flat=True) if reason],
    }


def _one(folder: Path, outcome: Outcome) -> dict[str, Any]:
    delivered = folder / "research-pacs" / f"{outcome.sop_instance_uid}.dcm"
    is_there = outcome.state == OutcomeState.DELIVERED and delivered.is_file()
    return {
        "state": outcome.state,
        "reason": outcome.reason,
        "output": str(storage().path(outcome.key)) if outcome.key else "",
        "delivered": str(delivered) if is_there else "",
        "findings": [
            {"kind": one.kind, "path": one.path, "sure": one.sure} for one in outcome.findings.all()
        ],
    }


def every_table() -> dict[str, str]:
    """Return the rows of every table as text, as they stand in the database."""
    tables = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 - no input
            rows = cursor.fetchall()
            tables[table] = "\n".join(" | ".join(map(_as_text, row)) for row in rows)
    return tables


def _as_text(value: object) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("latin-1")
    return str(value)
