"""What a run over a folder does to every file, and what became of each."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deidentify.errors import Refused
from deidentify.identity import Identity
from deidentify.plan import Plan, compile_plan
from deidentify.rewrite import Written
from deidentify.rules import Rule


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


@dataclass(frozen=True)
class Result:
    """What became of one file: `written`, `held`, `rejected` or `duplicate`."""

    source: Path
    outcome: str
    code: str = ""
    sentence: str = ""
    target: str = ""
    written: Written | None = None
    uids: Mapping[str, str] = field(default_factory=dict, repr=False)
    findings: tuple[Mapping[str, object], ...] = ()
    is_apart: bool = False
    patient: tuple[str, str] = field(default=("", ""), repr=False)  # Patient ID, pseudonym


def refused_as(source: Path, refused: Refused) -> Result:
    """The result for a file that cannot be processed."""
    return Result(source, "rejected", refused.code, refused.sentence)


def counts(results: Iterable[Result]) -> dict[str, int]:
    """How many files had which outcome; their sum is what was found."""
    counter = Counter(result.outcome for result in results)
    return {name: counter[name] for name in ("written", "held", "rejected", "duplicate")}
