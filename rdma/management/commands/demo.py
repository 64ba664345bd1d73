"""manage.py demo: the main job on one machine, without a service of any kind."""

import socket
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from exports.choosing import choices
from exports.models import Package
from intake.folders import import_folder
from intake.models import Arrival, Study
from projects.models import Project, User
from projects.storage import scratch, storage
from rdma.demo.account import lines, take_account
from rdma.demo.people import PEOPLE, make_destination, make_people, make_projects
from rdma.demo.processes import NotStarted, Processes, free_port
from rdma.demo.sending import all_settled, send
from rdma.demo.studies import write_late_study, write_studies
from rdma.demo.walk import (
    Walk,
    build_packages,
    counted,
    request_all,
    wait,
    wait_for_index,
    wait_for_transfers,
)
from transfers.models import TransferRequest

PORTAL_PORT = 8000


class Command(BaseCommand):
    """Walk the whole way once, and show it."""

    help = "Walk the whole way once on this machine: receive, de-identify, deliver, review, export."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take --once, --data and --port."""
        parser.add_argument("--once", action="store_true", help="exit after the walk")
        parser.add_argument("--data", type=Path, help="a folder of one's own, instead of invented")
        parser.add_argument("--port", type=int, default=PORTAL_PORT, help="of the portal")

    def handle(self, *args: Any, once: bool, data: Path | None, port: int, **options: Any) -> None:
        """Set up, walk, tell what happened; then serve the portal unless `once`."""
        if data is not None and not data.is_dir():
            raise CommandError("DATA is not a folder. Give the path of a folder with DICOM files.")
        if not once:
            self._refuse_if_taken(port)
        self._say("Making the database, people and projects")
        call_command("migrate", verbosity=0)
        passwords = make_people()
        projects = make_projects()
        home = Path(settings.RDMA_DATA_DIR)
        with Processes(home / "logs") as processes:
            try:
                self._walk(processes, projects, data)
            except (NotStarted, TimeoutError) as error:
                raise CommandError(str(error)) from error
            if not once:
                self._send_one_more()
                self._serve(processes, passwords, port)

    def _walk(self, processes: Processes, projects: list[Project], data: Path | None) -> None:
        home = Path(settings.RDMA_DATA_DIR)
        pacs_port, node_port = free_port(11113), free_port(settings.DICOM_PORT)
        self.node_port = node_port
        self._say("Starting a node, a worker and a stand-in for the research PACS")
        processes.start(
            "research-pacs",
            *("-m", "rdma.demo.research_pacs", str(pacs_port), str(home / "research-pacs")),
            port=pacs_port,
        )
        processes.start(
            "node",
            "manage.py",
            "receive",
            "--port",
            str(node_port),
            "--host",
            "127.0.0.1",
            port=node_port,
        )
        processes.start(
            "worker",
            "-m",
            "celery",
            "-A",
            "rdma",
            "worker",
            "--concurrency",
            "2",
            "--loglevel",
            "INFO",
            "--beat",
            "--schedule",
            str(home / "clock"),
        )
        make_destination(projects, pacs_port)
        if data is None:
            self._receive_invented(node_port)
        else:
            self._receive_folder(data)
        packages = self._bring_through(projects, is_own=data is not None)
        self._account(packages)

    def _receive_invented(self, node_port: int) -> None:
        before = Arrival.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        with scratch() as folder:
            for ae_title, files in write_studies(folder):
                sent = send(files, port=node_port, called_ae_title=ae_title)
                self._say(
                    f"Sent {sent} of {counted(len(files), 'image')} by C-STORE to AE {ae_title}"
                )
        wait(
            lambda: "" if all_settled(before) else "cataloguing what arrived",
            self._detail,
            lambda: None,
        )

    def _send_one_more(self) -> None:
        with scratch() as folder:
            ae_title, files = write_late_study(folder)
            send(files, port=self.node_port, called_ae_title=ae_title)
        self._say("One more study was sent, and waits for you at /assign/")

    def _receive_folder(self, data: Path) -> None:
        self._say("Reading the folder into quarantine")
        arrival = import_folder(data, by=User.objects.get(username="kari"))
        if not arrival.received_count:
            self._detail("there is no file in it")
            return
        self._detail(
            f"{counted(arrival.received_count, 'file')}, {arrival.rejected_count} kept aside"
        )

    def _bring_through(self, projects: list[Project], *, is_own: bool) -> list[Package]:
        self._say("Waiting until the studies are complete")
        wait(self._still_arriving, self._detail, lambda: None)
        kari = User.objects.get(username="kari")
        live = TransferRequest.objects.live().exclude(study=None).values("study")
        for project in projects:
            studies = Study.objects.visible_to(kari).exclude(pk__in=live)
            if is_own:
                chosen = list(studies) if project == projects[0] else []
            else:
                chosen = list(studies.filter(called_ae_title=project.ae_title))
            walk = Walk(project, self._detail)
            transfers = request_all(walk, kari, chosen)
            if transfers:
                self._say(f"Requested {counted(len(transfers), 'transfer')} into {project.acronym}")
            for sentence in walk.refused:
                self._detail(sentence)
        wait_for_transfers(self._detail)
        self._say("Indexing every tag that is left")
        wait_for_index(self._detail)
        if not choices(projects[0]):
            self._say(f"{projects[0].acronym} has no image to build a package of")
            return []
        self._say("Building a zip and a NIfTI package")
        return build_packages(kari, projects[0], self._detail)

    @staticmethod
    def _still_arriving() -> str:
        left = Study.objects.count() - Study.objects.complete().count()
        if not left:
            return ""
        studies = counted(left, "study", "studies")
        return f"{studies} arrived less than {settings.STUDY_SILENCE_SECONDS} s ago"

    def _account(self, packages: list[Package]) -> None:
        account = take_account(packages)
        self.stdout.write("\n" + "\n".join(lines(account)))
        for package in packages:
            if package.is_ready:
                self.stdout.write(f"    {package.format}: {storage().path(package.key)}")
        if not account.adds_up:
            raise CommandError("Something fell short: see above, and the logs in the data folder.")

    def _refuse_if_taken(self, port: int) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise CommandError(
                    f"Port {port} is taken. Choose another, such as `make demo PORT={port + 1}`, "
                    "or run `make demo ONCE=1`, which does not serve the portal."
                ) from error

    def _serve(self, processes: Processes, passwords: dict[str, str], port: int) -> None:
        processes.start(
            "portal",
            *("-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--threads", "8"),
            "rdma.wsgi",
            port=port,
        )
        self.stdout.write(f"\nThe portal is at http://127.0.0.1:{port}. Who can sign in:\n")
        for username, (_, _, what) in PEOPLE.items():
            self.stdout.write(f"  {username:<12}{passwords[username]:<16}{what}")
        self.stdout.write("\nCtrl-C ends it; what was made stays in the data folder.")
        self.stdout.flush()  # whoever sends this into a file or a pipe waits for the passwords
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            self.stdout.write("\nEnding.")

    def _say(self, sentence: str) -> None:
        self.stdout.write(f"{sentence}.")
        self.stdout.flush()

    def _detail(self, sentence: str) -> None:
        self.stdout.write(f"  {sentence}")
        self.stdout.flush()
