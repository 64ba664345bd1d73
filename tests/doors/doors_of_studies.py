"""Doors of the quarantine and of transfers."""

from tests.doors.door import (
    ANYBODY,
    ASSIGNERS,
    HOSPITAL,
    MANAGE,
    PATCH,
    PUT,
    REQUEST,
    RESOLVE,
    SEE_IDENTIFIED,
    VIEW,
    Door,
    door,
    get,
    post,
)
from tests.doors.people import LIMITED, MANAGER, OFFICE

MINE = frozenset({MANAGER})
"""The world's upload is the data manager's: nobody else's eyes fall on it."""
MAY_SEE = REQUEST | {OFFICE}
"""A study that was sent to the project's AE title has no site yet: not for who is limited."""
REASON = {"reason": "looked at with care"}
ASKED = {
    "project": "{project}",
    "pseudonym": "{pseudonym}",
    "event": "{event}",
    "sure": "yes",
}
A_DESTINATION = {"name": "Lab", "ae_title": "LAB", "host": "127.0.0.1", "port": 104}

INTAKE = [
    get("attach", ASSIGNERS),
    post("attach", ASSIGNERS, {"files": b"no DICOM"}),
    post("attach-begin", ASSIGNERS),
    get("upload", MINE, pk="upload"),
    post("attach-files", MINE, {"files": b"no DICOM"}, pk="upload"),
    post("attach-close", MINE, pk="upload"),
    get("api-study-list", ANYBODY),
    post("api-study-list", ASSIGNERS, {"files": b"no DICOM"}),
    post("api-study-lookup", ASSIGNERS, {"identifier": "{accession}"}),
    get("api-upload", MINE, pk="upload"),
    get("api-study-detail", MAY_SEE, pk="study"),
]

ASSIGNING = [
    get("assign", ASSIGNERS),
    get("assign", ASSIGNERS, query="show=all"),
    post("assign-look-up", ASSIGNERS, {"text": "{accession}"}),
    get("assign-study", MAY_SEE, study_id="study"),
    post("assign-check", MAY_SEE, ASKED, study_id="study"),
    get("assign-request", ASSIGNERS, study_id="study"),
    post("assign-request", MAY_SEE, ASKED, study_id="study"),
]

TRANSFERS = [
    get("transfer-list", ANYBODY),
    get("transfer-list", VIEW | {LIMITED}, query="project={acronym}"),
    get("held", ANYBODY),
    get("held", VIEW | {LIMITED}, query="project={acronym}"),
    get("held", VIEW, query="transfer={transfer}"),
    get("pixel-desk", ANYBODY),
    get("pixel-desk", VIEW, query="transfer={transfer}"),
    get("picture", SEE_IDENTIFIED, pk="picture"),
    post("picture-seen", SEE_IDENTIFIED, {"frames": "1,2"}, pk="picture"),
    post(
        "picture-decide",
        RESOLVE,
        {"verdict": "reject", "scope": "image", **REASON},
        pk="picture",
    ),
    get("picture-thumbnail", SEE_IDENTIFIED, pk="picture"),
    get("picture-frame", SEE_IDENTIFIED, pk="picture", frame=1),
    get("transfer-detail", VIEW, pk="transfer"),
    get("transfer-plan", VIEW, pk="transfer"),
    post("transfer-plan", VIEW, {"words": "name"}, pk="transfer"),
    get("instance-explained", SEE_IDENTIFIED, pk="transfer", outcome="picture"),
    get("record-part", VIEW, pk="transfer"),
    get("record-page", VIEW, pk="transfer"),
    get("record-text", VIEW, pk="transfer"),
    get("record-outputs", VIEW, pk="transfer"),
    post("transfer-cancel", REQUEST, {"pseudonym": "{pseudonym}"}, pk="transfer"),
    post("transfer-retry", REQUEST, pk="transfer"),
    post("transfer-rerun", REQUEST, pk="transfer"),
    post("transfer-rerun", REQUEST & RESOLVE, {"ask_again": "yes"}, pk="transfer"),
    post("transfer-move", REQUEST, {"pseudonym": "BICAM_0003"}, pk="transfer"),
    get("finding-look", VIEW, pk="finding"),
    post("finding-look", SEE_IDENTIFIED, pk="finding"),
    post("finding-release", RESOLVE, REASON, pk="finding"),
    post("finding-reject", RESOLVE, REASON, pk="finding"),
    post("finding-reject", RESOLVE, {**REASON, "series": "{assigned_series}"}, pk="finding"),
    post("finding-confirm", RESOLVE, pk="finding"),
    post("finding-withdraw", RESOLVE, pk="finding"),
    get("finding-rule", RESOLVE, pk="finding"),
    post("finding-rule", RESOLVE, {"scope": "here", "action": "remove"}, pk="finding"),
    post("reject-all-held", RESOLVE, REASON, pk="transfer"),
    get("transfer-difference", VIEW, pk="transfer"),
    post("rule-withdraw", RESOLVE, REASON, pk="rule"),
    post("run-older-again", RESOLVE, acronym="acronym"),
    post("chore-done", HOSPITAL, pk="chore"),
    get("project-plan", VIEW, acronym="acronym"),
    post("project-plan", MANAGE, {"profile": "research"}, acronym="acronym"),
]

REST = [
    get("api-record", VIEW, pk="transfer"),
    get("api-proof", VIEW, pk="transfer"),
    get("api-outputs", VIEW, pk="transfer"),
    get("api-transfer-list", ANYBODY),
    post(
        "api-transfer-list",
        REQUEST,
        {
            "study": "{study}",
            "project": "{acronym}",
            "participant": "{pseudonym}",
            "event": "{event_name}",
        },
    ),
    get("api-transfer-detail", VIEW, pk="transfer"),
    post("api-transfer-cancel", REQUEST, pk="transfer"),
    get("api-transfer-difference", VIEW, pk="transfer"),
    get("api-transfer-findings", VIEW, pk="transfer"),
    post("api-transfer-move", REQUEST, {"participant": "BICAM_0003"}, pk="transfer"),
    post("api-transfer-reject", RESOLVE, {**REASON, "finding": "{finding}"}, pk="transfer"),
    post("api-transfer-reject", RESOLVE, {**REASON, "series": "{assigned_series}"}, pk="transfer"),
    post("api-transfer-release", RESOLVE, {**REASON, "finding": "{finding}"}, pk="transfer"),
    post("api-transfer-rerun", REQUEST, pk="transfer"),
    post("api-transfer-retry", REQUEST, pk="transfer"),
    post(
        "api-transfer-rule",
        RESOLVE,
        {**REASON, "finding": "{finding}", "element": "(0010,4000)", "action": "remove"},
        pk="transfer",
    ),
    post("api-transfer-second", RESOLVE, {"finding": "{finding}"}, pk="transfer"),
    post("api-transfer-withdraw", RESOLVE, {"finding": "{finding}"}, pk="transfer"),
    get("api-destination-list", ANYBODY),
    post("api-destination-list", HOSPITAL, A_DESTINATION),
    get("api-destination-detail", VIEW | {LIMITED}, pk="destination"),
    door("api-destination-detail", PUT, HOSPITAL, pk="destination", body=A_DESTINATION),
    door("api-destination-detail", PATCH, HOSPITAL, pk="destination", body={"port": 105}),
]

DOORS: list[Door] = [*INTAKE, *ASSIGNING, *TRANSFERS, *REST]
