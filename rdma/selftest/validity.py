"""What breaks the standard in an output and did not in its source, by the conformance check.

The check is asked about every file that was written, whether it leaves or is held.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from deidentify.conformance import ConformanceCheck
from deidentify.leaks.finding import Finding
from rdma.selftest.scoring import Verdict, new_uids


def note_errors(verdicts: Sequence[Verdict]) -> None:
    """Fill in the new errors of every verdict, patient by patient."""
    of_patient: dict[int, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        if verdict.output is not None and not verdict.unread:
            of_patient[verdict.sheet.person.number].append(verdict)
    for study in of_patient.values():
        outputs = {old.encode(): [new.encode()] for old, new in new_uids(study).items()}
        check = ConformanceCheck(outputs=outputs)
        for verdict in study:
            if verdict.output is not None:
                verdict.new_errors = _said(check.examine(verdict.sheet.path, verdict.output))
        for verdict in study if check.agreement.is_broken else ():
            if verdict.output is not None:
                verdict.new_errors += _said(check.compare(verdict.sheet.path, verdict.output))


def _said(findings: Iterable[Finding]) -> list[str]:
    return [f"{finding.path} {finding.sentence}" for finding in findings]
