"""Doors of the review."""

from tests.doors.door import (
    ANYBODY,
    JUDGE,
    MANAGE,
    RESOLVE,
    REVIEW,
    REVIEWERS,
    SIGN_OFF,
    VIEW,
    Door,
    get,
    post,
)
from tests.doors.people import OWNER

OF = {"acronym": "acronym"}
MINE = frozenset({OWNER})
"""The world's checks are the owner's: nobody else's eyes fall on them."""
UNSURE = {"judged": "unsure", "reason": "somebody else should look", "covers": "listed"}
MADE = {"decision": "make"}
DECLINED = {"decision": "decline", "reason": "no need"}
RULERS = RESOLVE | MANAGE

PAGES = [
    get("review", REVIEW, **OF),
    post("review", REVIEW, {"words": "MR", "place": "values"}, **OF),
    get("review-sign-off", REVIEW, **OF),
    post("review-sign-off", SIGN_OFF, {"reason": "all looked at"}, **OF),
    post("review-sign-off-confirm", SIGN_OFF, **OF, number="sign_off"),
    get("review-sign-off-record", REVIEW, **OF, number="sign_off"),
    get("review-sign-off-page", REVIEW, **OF, number="sign_off"),
    post("review-judge-many", JUDGE, {"element": "{element}", **UNSURE}, **OF),
    post("review-judge", JUDGE, UNSURE, **OF, pk="element"),
    post("review-judge", JUDGE, {**UNSURE, "value": "{value}"}, **OF, pk="element"),
    post("review-judge-preview", JUDGE, {"pattern": "M.*"}, **OF, pk="element"),
    get("review-verdicts", REVIEW, **OF),
    post("review-confirm", JUDGE, **OF, pk="verdict"),
    get("review-packages", REVIEW, **OF),
    get("review-package-element", REVIEW, **OF, digest="package_element"),
    post("review-package-element", REVIEW, {"show": "yes"}, **OF, digest="package_element"),
    get("review-download", REVIEW, **OF, what="inventory", form="csv"),
    post("review-download", REVIEW, {"with_hidden": "yes"}, **OF, what="values", form="csv"),
    post("review-views", REVIEW, {"name": "Mine"}, **OF),
    post("review-view", MANAGE, {"name": "Ours", "is_shared": "on"}, **OF, pk="view"),
    post("review-view-delete", MANAGE, **OF, pk="view"),
    get("review-element", REVIEW, **OF, pk="element"),
    post("review-element", REVIEW, {"show": "{element}"}, **OF, pk="element"),
    get("review-rule", REVIEW, **OF, pk="element"),
    post("review-rule", REVIEW, {"action": "remove"}, **OF, pk="element"),
    post(
        "review-rule",
        REVIEW,  # the page says what stands in the way; making and proposing are asked for rights
        {"action": "remove", "step": "make", "reason": "it names the ward"},
        **OF,
        pk="element",
    ),
    get("review-changes", VIEW, **OF),
    get("review-change", VIEW, **OF, number="plan"),
    post("review-change", MANAGE, {"reason": "it was better"}, **OF, number="plan"),
    post("review-proposal", RULERS, {"decision": "make"}, **OF, pk="proposal"),
    post(
        "review-proposal", RULERS, {"decision": "decline", "reason": "no need"}, **OF, pk="proposal"
    ),
    get("review-examples", REVIEW, **OF, pk="element"),
    post("review-examples", REVIEW, {"show": "{element}"}, **OF, pk="element"),
    get("review-places", REVIEW, **OF, pk="element", value_id="value"),
    post("review-places", REVIEW, {"show": "{element}"}, **OF, pk="element", value_id="value"),
    get("review-study-list", REVIEW, **OF),
    post("review-study-list", REVIEW, {"words": "0002"}, **OF),
    get("review-study", REVIEW, **OF, pk="research_study"),
    post("review-study", REVIEW, {"show": "{element}"}, **OF, pk="research_study"),
    get("review-compare", REVIEW, **OF),
    post("review-compare", REVIEW, {"show": "{element}"}, **OF),
    get("review-picture", REVIEW, **OF, pk="research_series"),
]

CHECKS = [
    get("review-check", REVIEWERS),
    post("review-check", REVIEWERS, {"profile": "basic", "files": b"{}"}),
    post("review-check-begin", REVIEWERS, {"profile": "basic"}),
    get("review-checked", MINE, token="checked"),
    post("review-check-files", MINE, {"files": b"{}", "names": "scan.json"}, token="check"),
    post("review-check-close", MINE, token="check"),
    post("review-check-values", MINE, {"element": "{check_element}"}, token="checked"),
    post("review-check-delete", MINE, token="checked"),
]

REST = [
    get("api-tag-list", REVIEW, **OF),
    post("api-tag-search", REVIEW, {"words": "MR", "place": "values"}, **OF),
    get("api-value-list", REVIEW, **OF),
    post("api-value-list", REVIEW, {"with_hidden": True}, **OF),
    get("api-tag-values", REVIEW, **OF, pk="element"),
    post("api-tag-values", REVIEW, {"with_hidden": True, "words": "MR"}, **OF, pk="element"),
    get("api-verdict-list", REVIEW, **OF),
    get("api-sign-off-list", REVIEW, **OF),
    get("api-research-study-list", ANYBODY),
]

DOORS: list[Door] = [*PAGES, *CHECKS, *REST]
