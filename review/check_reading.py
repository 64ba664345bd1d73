"""Results of a check as its page reads them: decrypted, in words, with or without the values."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from review import risk
from review.check_rows import CODE_OF_NAMED, NAMED
from review.models import Across, CheckElement, CheckFinding, Within

SENTENCE_OF_NAMED = "{n} of its values hold what the headers call a patient."
ONE_NAMED = "One of its values holds what the headers call a patient."
WEIGHTS = {3: ("fail", "Look now"), 2: ("held", "Look"), 1: ("wait", "Perhaps")}


@dataclass(frozen=True)
class ShownElement:
    """One element as a row of the page; `values` are there only where somebody asked."""

    pk: int
    kind: str
    risk: int
    file_count: int
    value_count: int
    facts: dict[str, Any]

    @property
    def reasons(self) -> list[str]:
        """Why it is to be looked at, in sentences."""
        said = []
        for code, number in self.facts["reasons"]:
            if code == CODE_OF_NAMED:
                said.append(ONE_NAMED if number == 1 else SENTENCE_OF_NAMED.format(n=number))
            else:
                said += risk.in_words([(code, number)])
        return said

    @property
    def across(self) -> str:
        """How values compare across patients, in words."""
        return Across(self.facts["across"]).label if self.facts["across"] else ""

    @property
    def within(self) -> str:
        """How values compare within a patient, in words."""
        return Within(self.facts["within"]).label if self.facts["within"] else ""

    @property
    def values(self) -> list[dict[str, Any]]:
        """The values with their counts and what they look like."""
        return [
            {
                "text": text,
                "files": files,
                "patients": patients,
                "looks": looks_in_words(looks),
                "place": place,
            }
            for text, files, patients, looks, place in self.facts["values"]
        ]


@dataclass(frozen=True)
class ShownFinding:
    """One finding as the page lists it."""

    pk: int
    pill: str
    word: str
    count: int
    facts: dict[str, Any]
    code: str

    @property
    def has_values(self) -> bool:
        """Whether there is something to show behind it."""
        return bool(self.facts["values"] or self.facts["places"] or self.facts["paths"])


def shown_elements(rows: Iterable[CheckElement]) -> list[ShownElement]:
    """Decrypt the rows of one page."""
    return [
        ShownElement(
            pk=row.pk,
            kind=row.kind,
            risk=row.risk,
            file_count=row.file_count,
            value_count=row.value_count,
            facts=json.loads(row.facts),
        )
        for row in rows
    ]


def shown_findings(rows: Iterable[CheckFinding]) -> list[ShownFinding]:
    """Decrypt findings."""
    return [
        ShownFinding(
            pk=row.pk,
            pill=WEIGHTS[row.weight][0],
            word=WEIGHTS[row.weight][1],
            count=row.count,
            facts=json.loads(row.facts),
            code=row.code,
        )
        for row in rows
    ]


def looks_in_words(letters: str) -> str:
    """Say what a value looks like."""
    said = [risk.LOOKS[letter] for letter in letters if letter in risk.LOOKS]
    if NAMED in letters:
        said.insert(0, "what the headers call a patient")
    return ", ".join(said)
