"""The proof of a folder's outputs: what may identify the patient, or breaks the standard anew.

Each process proves the outputs it is given. Whether the instances of a study agree is known when
all of them have been read, so every process hands over what its instances say, each thing once.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from deidentify.conformance import Agreement, ConformanceCheck
from deidentify.conformance.agreement import Statement
from deidentify.conformance.waivers import waiver_of
from deidentify.leaks import Finding, LeakCheck, SearchTerms
from deidentify.outcomes import Result
from deidentify.plan import Plan

BREAKS = frozenset({"conformance", "reference", "agreement"})
LEFT = "Something that may identify the patient is left; the file was not written."
BROKEN = "It would break the standard where its original does not; the file was not written."

Outputs = Mapping[bytes, Iterable[bytes]]


class Proof:
    """The checks of one patient's outputs in one process.

    Args:
        plan: of the patient.
        sources: every file of the patient; they say what to search for.
        outputs: what became of which UID; see conformance.ConformanceCheck.
    """

    def __init__(self, plan: Plan, sources: Sequence[Path], outputs: Outputs) -> None:
        terms = SearchTerms(
            kept_tags=plan.kept_tags, written=plan.written_values, written_at=plan.written_at
        )
        for source in sources:
            terms.read(source)
        self._leaks = LeakCheck(terms)
        self._conformance = ConformanceCheck(outputs=outputs, waives=waiver_of(plan.profile.name))
        self._told: set[Statement] = set()

    def prove(self, result: Result, output: Path) -> Result:
        """Return the result with what its instance says, or held with what was found."""
        findings = self._leaks.examine(result.source, output)
        findings += self._conformance.examine(result.source, output)
        if findings:
            return held(result, findings)
        statement = self._conformance.last_statement
        if statement is None or statement in self._told:
            return result
        self._told.add(statement)
        return result._replace(told=statement)


def held(result: Result, findings: Sequence[Finding]) -> Result:
    """Return the result of a file that was not written because of what was found in it."""
    is_leak = any(finding.kind not in BREAKS for finding in findings)
    listed = tuple(
        {
            "kind": finding.kind,
            "path": finding.path,
            "sure": finding.sure,
            "sentence": finding.sentence,
            "source_path": finding.source_path,
            "fingerprint": finding.fingerprint,
        }
        for finding in findings
    )
    code, sentence = ("leak", LEFT) if is_leak else ("conformance", BROKEN)
    return Result(result.source, "held", code, sentence, findings=listed)


def outputs_of(results: Iterable[Result]) -> dict[str, dict[bytes, set[bytes]]]:
    """Return Patient ID -> original UID -> the UIDs that stand for it."""
    outputs: dict[str, dict[bytes, set[bytes]]] = defaultdict(lambda: defaultdict(set))
    for result in results:
        for old, new in result.uids.items():
            outputs[result.patient[0]][old.encode()].add(new.encode())
    return {patient_id: dict(uids) for patient_id, uids in outputs.items()}


def compared(results: Sequence[Result], target: Path) -> list[Result]:
    """Return the results, those held whose instances do not agree with others of their study.

    How many instances said what is not known here, so nobody is taken to be right.
    """
    agreements: dict[str, Agreement] = defaultdict(Agreement)
    for result in results:
        if result.told is not None:
            agreements[result.patient[0]].add(result.told)
    broken = {
        patient_id: ConformanceCheck(outputs={}, agreement=agreement)
        for patient_id, agreement in agreements.items()
        if agreement.is_broken
    }
    return [_compared(result, broken.get(result.patient[0]), target) for result in results]


def _compared(result: Result, check: ConformanceCheck | None, target: Path) -> Result:
    if check is None or result.outcome != "written":
        return result
    place = target / result.target
    findings = check.compare(result.source, place, spare_most=False)
    if not findings:
        return result
    place.unlink()
    return held(result, findings)
