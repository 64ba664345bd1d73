"""Runs the DICOM node until it is told to stop."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from intake.receiver import Receiver


class Command(BaseCommand):
    help = "Receive studies by C-STORE into quarantine, and answer C-ECHO."
    requires_system_checks = []  # the node starts without the portal's pages

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=settings.DICOM_PORT)
        parser.add_argument("--host", default=settings.DICOM_HOST)
        parser.add_argument("--ae-title", default=settings.DICOM_AE_TITLE)

    def handle(self, *args: Any, port: int, host: str, ae_title: str, **options: Any) -> None:
        told_to_stop = threading.Event()
        for order in (signal.SIGTERM, signal.SIGINT):
            signal.signal(order, lambda *_: told_to_stop.set())
        receiver = Receiver(host=host, port=port, ae_title=ae_title)
        try:
            receiver.start()
        except OSError as error:
            raise CommandError(f"Port {port} cannot be listened on: {error.strerror}.") from error
        self.stdout.write(f"{ae_title} receives on {host}:{port}.")
        told_to_stop.wait()
        receiver.stop()
        self.stdout.write("Stopped; everything received is catalogued.")
