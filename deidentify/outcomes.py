"""What a run over a folder does to every file, and what became of each."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from deidentify.errors import Refused
from deidentify.identity import Identity
from deidentify.plan import Plan, compile_plan
from deidentify.rewrite import Written
from deidentify.rules import Rule

if TYPE_CHECKING:
    from deidentify.conformance.agreement import Statement

NO_UIDS: Mapping[str, str] = {}


@dataclass(frozen=True)
class Settings:
    """What a run does to every file; everything a worker process needs.

    `identities` is patient ID -> Identity; the one under "" is for everybody.
    """

    profile: str
    options: tuple[str, ...]
    rules: tuple[Rule, ...]
    identities: Mapping[str, Identity] = field(repr=False)
    verify: bool = True

    def identity(self, patient_id: str) -> Identity | None:
        return self.identities.get(patient_id) or self.identities.get("")

    def plan(self, identity: Identity) -> Plan:
        return compile_plan(self.profile, identity=identity, options=self.options, rules=self.rules)


class Result(NamedTuple):
    """What became of one file: `written`, `held`, `rejected` or `duplicate`."""

    source: Path
    outcome: str
    code: str = ""
    sentence: str = ""
    target: str = ""
    written: Written | None = None
    uids: Mapping[str, str] = NO_UIDS
    findings: tuple[Mapping[str, object], ...] = ()
    is_apart: bool = False
    patient: tuple[str, str] = ("", "")  # Patient ID, pseudonym
    told: "Statement | None" = None  # what it shares with others; for the comparison of all

    def __repr__(self) -> str:
        return f"<Result {self.outcome} {self.code}>"


def refused_as(source: Path, refused: Refused) -> Result:
    """The result for a file that cannot be processed."""
    return Result(source, "rejected", refused.code, refused.sentence)


def counts(results: Iterable[Result]) -> dict[str, int]:
    """How many files had which outcome; their sum is what was found."""
    counter = Counter(result.outcome for result in results)
    return {name: counter[name] for name in ("written", "held", "rejected", "duplicate")}
