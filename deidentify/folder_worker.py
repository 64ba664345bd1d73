"""Rewriting and verifying the files of a folder, one by one.

Which patient a file is about is known only when its header has been read. The reading is the
rewriting: a file is taken for the same patient's as the one before, and when its header says
otherwise, nothing is written and it is taken again.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from deidentify.errors import Refused
from deidentify.header import Header, read_header
from deidentify.identity import Identity
from deidentify.known import Known
from deidentify.learning import SERIES_INSTANCE_UID, SOP_INSTANCE_UID, STUDY_INSTANCE_UID
from deidentify.outcomes import Result, Settings, refused_as
from deidentify.plan import Plan
from deidentify.rewrite import rewrite_into
from deidentify.survey import Job
from deidentify.vocabulary import Term

if TYPE_CHECKING:
    from deidentify.folder_proof import Proof

WAITING = ".waiting"
CLASH = "clash"  # no outcome: such a file is taken again, apart


class OtherPatient(Exception):
    """Raise when a file is about somebody else than it was taken for; holds no value."""

    def __init__(self, header: Header) -> None:
        self.header = header
        super().__init__()


class PlaceTaken(Exception):
    """Raise when another file of the run has gone where this one would go."""


class Done(NamedTuple):
    """One file that was taken.

    Args:
        result: what became of it.
        header: what it says of itself, None if it could not be read.
        knew: what was known of the patient when it was rewritten.
    """

    result: Result
    header: Header | None = None
    knew: frozenset[Term] = frozenset()

    def __repr__(self) -> str:
        return f"<Done {self.result!r}>"


class Worker:
    """Rewrites and verifies files; one per process, so that plans and terms are compiled once.

    Args:
        settings: profile and identities.
        target: the folder to write into.
        known: Patient ID -> what is known; grows.
    """

    def __init__(self, settings: Settings, target: Path, known: dict[str, Known]) -> None:
        self.settings = settings
        self.target = os.fspath(target)
        self.known = known
        self.sources: Mapping[str, list[Path]] = {}
        self.outputs: Mapping[str, Mapping[bytes, set[bytes]]] = {}
        self._patient_id: str | None = None
        self._plans: dict[Identity, Plan] = {}
        self._folders: dict[tuple[str, bytes, bytes], str] = {}
        self._places: set[str] = set()
        self._proofs: dict[str, Proof] = {}

    def take(self, source: Path, apart: str = "") -> Done:
        """Rewrite one file; whatever goes wrong with it is its own result."""
        try:
            if self._patient_id is None:
                self._patient_id = read_header(source).patient_id
            try:
                return self._rewritten(source, self._patient_id, apart)
            except OtherPatient as other:
                self._patient_id = other.header.patient_id
                return self._rewritten(source, self._patient_id, apart)
        except Refused as refused:
            return Done(refused_as(source, refused))
        except OSError as error:
            sentence = f"The file could not be read or written: {error.strerror}."
            return Done(Result(source, "rejected", "unreadable", sentence))
        except RecursionError:
            return Done(refused_as(source, Refused("too-deep")))
        except Exception:  # noqa: BLE001 - one file must never end the run
            return Done(refused_as(source, Refused("unforeseen")))

    def take_apart(self, job: Job) -> Done:
        """Rewrite one of several files that share a UID."""
        return self.take(job.source, job.apart)

    def _rewritten(self, source: Path, patient_id: str, apart: str) -> Done:
        identity = self.settings.identity(patient_id)
        plan = self._plan(identity or next(iter(self.settings.identities.values())))
        known = self.known[patient_id]
        place = ""
        headers: list[Header] = []

        def placed(header: Header, new: Mapping[int, bytes]) -> str:
            nonlocal place
            if header.patient_id != patient_id:
                raise OtherPatient(header)
            if identity is None:
                raise Refused("unknown-patient")
            headers.append(header)
            known.update(header.identifying)
            place = self._place(plan, new)
            if place in self._places:
                raise PlaceTaken
            self._places.add(place)
            return place + WAITING if self.settings.verify else place

        try:
            written = rewrite_into(source, placed, plan, known=known, apart=apart, digest=False)
        except PlaceTaken:
            # The folder sorts it out when all have been read.
            return Done(Result(source, CLASH), headers[-1])
        except BaseException:
            self._places.discard(place)
            raise
        # All files of a patient come to share one set, which matters between processes.
        knew = known.identifying
        header = headers[-1]._replace(identifying=knew)
        uids = {
            header.study_instance_uid: written.study_instance_uid,
            header.series_instance_uid: written.series_instance_uid,
            header.sop_instance_uid: written.sop_instance_uid,
        }
        return Done(
            Result(
                source,
                "written",
                target=place[len(self.target) + 1 :],
                written=written,
                uids=uids,
                is_apart=bool(apart),
                patient=(patient_id, plan.identity.pseudonym),
            ),
            header,
            knew,
        )

    def _plan(self, identity: Identity) -> Plan:
        plan = self._plans.get(identity)
        if plan is None:
            plan = self._plans[identity] = self.settings.plan(identity)
        return plan

    def _place(self, plan: Plan, new: Mapping[int, bytes]) -> str:
        """Where a file goes: by its new UIDs alone, nothing of the source's names goes along."""
        key = (plan.identity.pseudonym, new[STUDY_INSTANCE_UID], new[SERIES_INSTANCE_UID])
        folder = self._folders.get(key)
        if folder is None:
            parts = [as_folder(key[0]), *(as_folder(uid.decode()[-24:]) for uid in key[1:])]
            folder = self._folders[key] = "/".join((self.target, *parts))
            Path(folder).mkdir(parents=True, exist_ok=True)
        return f"{folder}/{as_folder(new[SOP_INSTANCE_UID].decode())}.dcm"

    def forget(self, done: Done) -> None:
        """Take back what was written for a file, so that it can be taken again."""
        if done.result.outcome == "written":
            place = f"{self.target}/{done.result.target}"
            for path in (place, place + WAITING):
                Path(path).unlink(missing_ok=True)
            self._places.discard(place)

    # -- verifying ---------------------------------------------------------------------------

    def verify(self, result: Result) -> Result:
        """Search an output that waits for its place; give it the place, or hold it."""
        place = Path(self.target, result.target)
        waiting = place.with_name(place.name + WAITING)
        try:
            proven = self._proof(result).prove(result, waiting)
        except Exception as error:  # noqa: BLE001 - what could not be searched is not handed out
            waiting.unlink(missing_ok=True)
            refused = error if isinstance(error, Refused) else Refused("unforeseen")
            return refused_as(result.source, refused)
        if proven.outcome == "written":
            waiting.replace(place)
        else:
            waiting.unlink()
        return proven

    def _proof(self, result: Result) -> "Proof":
        # Imported late: the search automaton is heavy, and a run may go without it.
        from deidentify.folder_proof import Proof

        patient_id = result.patient[0]
        proof = self._proofs.get(patient_id)
        if proof is None:
            identity = self.settings.identity(patient_id)
            plan = self._plan(identity or next(iter(self.settings.identities.values())))
            sources = self.sources.get(patient_id, [result.source])
            proof = Proof(plan, sources, self.outputs.get(patient_id, {}))
            self._proofs[patient_id] = proof
        return proof


def as_folder(text: str) -> str:
    """Text as the name of a file or folder: nothing that leads elsewhere."""
    if text.isascii() and text.replace(".", "0").isdigit():
        return text.lstrip(".") or "_"
    safe = "".join(c if c.isalnum() or c in "_-." else "_" for c in text)
    return safe.lstrip(".") or "_"
