"""The elements of a check as rows: numbers to sort by, and everything in words encrypted."""

import json
from dataclasses import replace

from review import risk
from review.check_profile import Would
from review.check_sums import ElementSum
from review.models import Check, CheckElement
from review.names import steps
from review.tallies import PathTally, beyond_facts, looks_counted

MOST_SHOWN = 200
"""Values of one element that are kept with the results: those that look like something first."""
NAMED = "*"
"""Stands beside the letters of review/risk.py: the headers' own names or numbers are in it."""
CODE_OF_NAMED, POINTS_OF_NAMED, MOST_RISK = "named_in_headers", 300, 4


def dicom_row(check: Check, path: str, element: ElementSum, would: Would | None) -> CheckElement:
    """Return the row of an element of DICOM headers."""
    lone = sum(len(value.patients) == 1 for value in element.values.values())
    weighed = _weighed(
        risk.Facts(
            path=path,
            vr=element.vr,
            participant_count=len(element.by_patient),
            value_count=len(element.values),
            unlisted_count=element.unlisted,
            participant_value_count=sum(map(len, element.by_patient.values())),
            lone_value_count=lone,
            is_empty=not any(element.values) and not element.unlisted,
        ),
        [value.looks for value in element.values.values()],
    )
    named = steps(path)
    values = sorted(element.values.items(), key=lambda one: (not one[1].looks, -one[1].files))
    facts = {
        "path": path,
        "tag": element.tag,
        "name": " › ".join(step.name for step in named),
        "vr": element.vr,
        "across": element.across,
        "within": element.within,
        "studies": len(element.studies),
        "patients": len(element.by_patient),
        "reasons": weighed.reasons,
        "would": [would.words, would.row] if would else [],
        "unlisted": element.unlisted + max(len(values) - MOST_SHOWN, 0),
        "values": [
            [text, value.files, len(value.patients), value.looks, ""]
            for text, value in values[:MOST_SHOWN]
        ],
    }
    return CheckElement(
        check_of=check,
        kind="dicom",
        risk=weighed.level,
        risk_score=weighed.score,
        file_count=element.files,
        value_count=len(element.values) + element.unlisted,
        is_acted_on=would is not None,
        facts=json.dumps(facts),
    )


def beyond_row(check: Check, path: str, one: PathTally) -> CheckElement:
    """Return the row of a path beyond DICOM headers."""
    weighed = _weighed(
        beyond_facts(path, len(one.values), {}), [seen.looks for seen in one.values.values()]
    )
    values = sorted(one.values.items(), key=lambda item: (not item[1].looks, -item[1].files))
    kind, _, way = path.partition(":")
    facts = {
        "path": path,
        "tag": kind,
        "name": way,
        "vr": "",
        "across": "",
        "within": "",
        "studies": 0,
        "patients": 0,
        "reasons": weighed.reasons,
        "would": [],
        "unlisted": len(one.unlisted) + max(len(values) - MOST_SHOWN, 0),
        "values": [
            [text, seen.files, 0, seen.looks, seen.example] for text, seen in values[:MOST_SHOWN]
        ],
    }
    return CheckElement(
        check_of=check,
        kind=kind[:12],
        risk=weighed.level,
        risk_score=weighed.score,
        file_count=one.files,
        value_count=len(one.values) + len(one.unlisted),
        facts=json.dumps(facts),
    )


def _weighed(facts: risk.Facts, looks: list[str]) -> risk.Risk:
    """Weigh an element; one that holds what the headers call a patient is to be looked at first."""
    named = sum(NAMED in letters for letters in looks)
    found = risk.scored(
        replace(facts, looks=looks_counted(letters.replace(NAMED, "") for letters in looks))
    )
    if not named:
        return found
    return risk.Risk(
        MOST_RISK, found.score + POINTS_OF_NAMED, [(CODE_OF_NAMED, named), *found.reasons]
    )
