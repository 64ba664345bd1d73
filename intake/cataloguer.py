"""A thread that catalogues what the DICOM node wrote, and finishes batches that are closed."""

import logging
import threading
from collections.abc import Callable

from django.db import close_old_connections, connection

from intake.arrivals import Batch
from intake.catalogue import SLICE, finish, settle
from intake.tasks import recover_arrivals

log = logging.getLogger(__name__)

IDLE_SECONDS = 0.5
AFTER_ERROR_SECONDS = 5.0


class Cataloguer:
    """Settles batches in the background: full slices at once, the rest when it is quiet."""

    def __init__(self) -> None:
        self.guard = threading.Lock()
        self.written: dict[Batch, int] = {}
        self.closed: list[Batch] = []
        self.bell = threading.Event()
        self.is_ending = False
        self.thread = threading.Thread(target=self.run, name="cataloguer", daemon=True)

    def start(self) -> None:
        """Begin with what an earlier process left behind."""
        self.thread.start()

    def wake(self, batch: Batch) -> None:
        """Say that one more file lies in a batch."""
        with self.guard:
            count = self.written[batch] = self.written.get(batch, 0) + 1
        if count >= SLICE:
            self.bell.set()

    def close(self, batch: Batch) -> None:
        """Say that a batch is complete."""
        with self.guard:
            self.written.pop(batch, None)
            self.closed.append(batch)
        self.bell.set()

    def stop(self) -> None:
        """Return when everything is catalogued, or the database cannot be reached."""
        self.is_ending = True
        self.bell.set()
        self.thread.join()

    def run(self) -> None:
        """Work until told to end."""
        try:
            self._try(recover_arrivals)
            while True:
                is_last = self.is_ending
                works = self._round()
                if is_last:
                    return
                self.bell.wait(IDLE_SECONDS if works else AFTER_ERROR_SECONDS)
                self.bell.clear()
        finally:
            connection.close()

    def _round(self) -> bool:
        """Settle what there is; False if something could not be settled and stays where it is."""
        close_old_connections()
        with self.guard:
            written, self.written = self.written, {}
            closed, self.closed = self.closed, []
        works = True
        for batch in written:
            if not self._try(_settle_waiting, batch):
                works = False
                with self.guard:
                    if batch not in self.closed:
                        self.written.setdefault(batch, 1)
        for batch in closed:
            if not self._try(finish, batch):
                works = False
                with self.guard:
                    self.closed.append(batch)
        return works

    def _try(self, work: Callable[..., object], *arguments: object) -> bool:
        try:
            work(*arguments)
        except Exception:  # the database may be away: the files stay, and it is tried again
            log.exception("Cataloguing failed; what was received stays in incoming.")
            return False
        return True


def _settle_waiting(batch: Batch) -> None:
    waiting = batch.waiting()
    for start in range(0, len(waiting), SLICE):
        settle(batch, waiting[start : start + SLICE])
