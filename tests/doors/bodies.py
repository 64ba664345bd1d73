"""What is sent with ids of another project in it: `other_` before a name stands for OTHER's row."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.doors.door import Door, get, post
from tests.doors.people import ADMINISTRATOR, MANAGER, OWNER

# What only people of OTHER may read.
ASIDE = ("Lungs of invented people", "ACCESSIONOTHER", "Odd", "Research PACS of OTHER")
NOT_HERE = frozenset({400, 403, 404, 422})
SAID = NOT_HERE | {302}
"""Pages say what is wrong beside the field, or go back with a sentence."""
REASON = {"reason": "looked at with care"}


@dataclass(frozen=True)
class Sending:
    """Who sends what where, and how that may be answered."""

    door: Door
    by: str
    gives: frozenset[int]

    def __str__(self) -> str:
        foreign = [name for name, value in self.door.body.items() if "other_" in str(value)] or [
            self.door.query
        ]
        return f"{self.door.route} {' '.join(foreign)}"


def rest(route: str, by: str, body: Mapping[str, Any], **at: Any) -> Sending:
    """Say what REST is sent."""
    return Sending(post(route, frozenset({by}), body, **at), by, NOT_HERE)


def page(route: str, by: str, body: Mapping[str, Any], **at: Any) -> Sending:
    """Say what a form sends."""
    return Sending(post(route, frozenset({by}), body, **at), by, SAID)


def look(route: str, by: str, query: str, **at: Any) -> Sending:
    """Say what an address asks for; a page that finds nothing is a page."""
    return Sending(get(route, frozenset({by}), query=query, **at), by, NOT_HERE | {200})


WISH = {
    "study": "{study}",
    "project": "{acronym}",
    "participant": "{pseudonym}",
    "event": "{event_name}",
}
ASKED = {"project": "{project}", "pseudonym": "{pseudonym}", "event": "{event}", "sure": "yes"}
HERE = {"acronym": "acronym"}
A_RULE = {**REASON, "element": "(0010,4000)", "action": "remove"}
UNSURE = {"judged": "unsure", "reason": "somebody else should look", "covers": "listed"}

TRANSFERS = [
    rest("api-transfer-list", MANAGER, WISH | {"study": "{other_study}"}),
    rest("api-transfer-list", MANAGER, WISH | {"project": "{other_acronym}"}),
    rest("api-transfer-list", MANAGER, WISH | {"left_out": ["{other_series}"]}),
    *(
        rest(
            f"api-transfer-{what}", MANAGER, {**REASON, "finding": "{other_finding}"}, pk="transfer"
        )
        for what in ("release", "reject", "second", "withdraw")
    ),
    rest(
        "api-transfer-reject",
        MANAGER,
        REASON | {"series": "{other_assigned_series}"},
        pk="transfer",
    ),
    rest("api-transfer-rule", MANAGER, A_RULE | {"finding": "{other_finding}"}, pk="transfer"),
    page("assign-request", MANAGER, ASKED | {"project": "{other_project}"}, study_id="study"),
    page("assign-request", MANAGER, ASKED | {"event": "{other_event}"}, study_id="study"),
    page("assign-request", MANAGER, ASKED | {"left_out": "{other_series}"}, study_id="study"),
    page("finding-reject", MANAGER, REASON | {"series": "{other_assigned_series}"}, pk="finding"),
    look("transfer-list", MANAGER, "project={other_acronym}"),
    look("held", MANAGER, "transfer={other_transfer}"),
    look("pixel-desk", MANAGER, "transfer={other_transfer}"),
    look("api-transfer-list", MANAGER, "project={other_acronym}"),
    look("home", MANAGER, "project={other_acronym}"),
]

REVIEW = [
    page("review-judge", MANAGER, UNSURE | {"value": "{other_value}"}, **HERE, pk="element"),
    page("review-judge-many", MANAGER, UNSURE | {"element": "{other_element}"}, **HERE),
    page("review-check-values", OWNER, {"element": "{other_check_element}"}, token="checked"),
    look("review-compare", MANAGER, "a=study-{other_research_study}", **HERE),
    look("review-study-list", MANAGER, "against=study-{other_research_study}", **HERE),
    look("api-research-study-list", MANAGER, "project={other_acronym}"),
]

WANTED = {"project": "{acronym}"}
READY = {**HERE, "pk": "ready"}
EXPORTS = [
    rest("api-exports", MANAGER, WANTED | {"specification_version": "{other_newest}"}),
    rest("api-exports", MANAGER, WANTED | {"participants": ["{other_pseudonym}"]}),
    rest("api-exports", MANAGER, {"project": "{other_acronym}", "preset": "dicom"}),
    rest("api-specifications", MANAGER, WANTED | {"version": "{other_newest}", "name": "New"}),
    rest(
        "api-specifications",
        MANAGER,
        {"project": "{other_acronym}", "preset": "dicom", "name": "N"},
    ),
    rest("api-specification-preview", MANAGER, WANTED | {"version": "{other_newest}"}),
    rest(
        "api-specification-versions", MANAGER, {"version": "{other_newest}", "why": "x"}, pk="sheet"
    ),
    rest(
        "api-export-deliveries", MANAGER, {"destination": "{other_package_place_name}"}, pk="ready"
    ),
    page("exports", MANAGER, {"specification": "version:{other_newest}", "everyone": "on"}, **HERE),
    page(
        "exports",
        MANAGER,
        {"specification": "preset:dicom", "participants": "{other_participant}"},
        **HERE,
    ),
    page("export-deliver", MANAGER, {"destination": "{other_package_place}"}, **READY),
    page(
        "export-specifications", MANAGER, {"name": "N", "start": "version:{other_newest}"}, **HERE
    ),
    look("api-exports", MANAGER, "project={other_acronym}"),
    look("api-specifications", MANAGER, "project={other_acronym}"),
    look("exports", ADMINISTRATOR, "specification=version:{other_newest}", **HERE),
]

AUDIT = [
    look("audit", OWNER, "project={other_acronym}"),
    look("api-audit-list", OWNER, "project={other_acronym}"),
]

BODIES: list[Sending] = [*TRANSFERS, *REVIEW, *EXPORTS, *AUDIT]
