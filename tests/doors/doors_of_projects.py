"""Doors of the house itself, and of projects: people, settings, audit."""

from tests.doors.door import (
    ALL,
    ANYBODY,
    AUDIT,
    HOSPITAL,
    MANAGE,
    MANAGE_PEOPLE,
    READERS_OF_AUDIT,
    REQUEST,
    VIEW,
    Door,
    get,
    post,
)
from tests.doors.people import AUDITOR, LIMITED, MANAGER, OFFICE

OF = {"acronym": "acronym"}
HOSPITAL_READERS = frozenset({OFFICE, AUDITOR})
A_PROJECT = {
    "acronym": "LUNGS",
    "title": "Lungs",
    "approval_number": "2019/1234",
    "approval_start": "2026-01-01",
    "approval_end": "2030-01-01",
    "participant_pattern": "LUNGS_{{n:04}}",
    "end_action": "delete",
    "hold_policy": "rest",
    "owner": "nobody",
}

PAGES = [
    get("home", ANYBODY),
    get("home", ANYBODY, query="project={acronym}"),
    get("sign-in", ALL),
    post("sign-in", ALL, {"username": "kari", "password": "wrong"}),
    post("sign-out", ALL),
    get("password-change", ANYBODY),
    post("password-change", ANYBODY, {"old_password": "wrong"}),
    post("find", ANYBODY, {"typed": "{pseudonym}"}),
    get("audit", READERS_OF_AUDIT),
    post("audit-verify", HOSPITAL_READERS),
    get("audit-export", READERS_OF_AUDIT, form="csv"),
    get("audit-export", READERS_OF_AUDIT, form="jsonl"),
    post("audit-address", READERS_OF_AUDIT, {"typed": "127.0.0.1"}),
    get("audit-event", AUDIT, pk="audit_event"),
    post("audit-event", AUDIT, pk="audit_event"),
    get("healthz", ALL),
    get("readyz", ALL),
    get("self-test", ANYBODY),
    get("api-schema", ANYBODY),
    get("api-docs", ANYBODY),
    get("project-list", ANYBODY),
    get("project-new", HOSPITAL),
    post("project-new", HOSPITAL, A_PROJECT),
    get("project-detail", VIEW | {LIMITED}, **OF),
    get("project-settings", MANAGE, **OF),
    post("project-settings", MANAGE, {"title": "Another"}, **OF),
    post("project-add-site", MANAGE, {"code": "7", "name": "Odda"}, **OF),
    post("project-add-event", MANAGE, {"name": "12month"}, **OF),
    get("project-people", VIEW | {LIMITED}, **OF),
    post("project-add-member", MANAGE_PEOPLE, {"user": "x", "role": "researcher"}, **OF),
    post("project-set-role", MANAGE_PEOPLE, {"role": "controller"}, **OF, pk="member"),
    post("project-remove-member", MANAGE_PEOPLE, **OF, pk="member"),
    get("project-access", MANAGE_PEOPLE | AUDIT, **OF),
    get("project-access-review", MANAGE_PEOPLE, **OF),
    post("project-access-review", MANAGE_PEOPLE, {"answer-0": "keep"}, **OF),
    post("project-access-review-start", MANAGE_PEOPLE, **OF),
    get("access", HOSPITAL_READERS),
    get("access-csv", HOSPITAL_READERS),
    get("access-person", HOSPITAL_READERS, pk="person"),
    get("hospital-access-review", HOSPITAL_READERS),
    post("hospital-access-review", HOSPITAL_READERS, {"answer-0": "keep"}),
    post("hospital-access-review-start", HOSPITAL_READERS),
    post("pseudonym-check", REQUEST | {LIMITED}, {"pseudonym": "{pseudonym}"}, **OF),
]

A_TOKEN = {"name": "script", "scopes": "read"}
TOKENS = [
    get("account-tokens", ANYBODY),
    post("account-tokens", ANYBODY, A_TOKEN),
    post("account-token-revoke", frozenset({MANAGER}), pk="token_row"),
    get("project-tokens", MANAGE_PEOPLE, **OF),
    post("project-token-revoke", MANAGE_PEOPLE, **OF, pk="token_row"),
    post("project-service-add", MANAGE_PEOPLE, {"name": "redcap", "role": "researcher"}, **OF),
    get("project-service-token", MANAGE_PEOPLE, **OF, pk="service"),
    post("project-service-token", MANAGE_PEOPLE, A_TOKEN, **OF, pk="service"),
    post("project-service-end", MANAGE_PEOPLE, **OF, pk="service"),
]

DIRECTORY = [
    get("directory", HOSPITAL),
    post("directory-add", HOSPITAL, {"dn": "cn=a,dc=b", "role": "researcher"}),
    post("directory-remove", HOSPITAL, pk="group_role"),
    post("directory-renew", HOSPITAL),
]

ADMIN = [
    get("admin-sign-in", frozenset()),  # it only leads to the one door for signing in
    post("admin-sign-out", ALL),
    get("admin-password", ANYBODY),
    post("admin-password", ANYBODY, {"old_password": "wrong"}),
]

REST = [
    get("api-project-list", ANYBODY),
    post("api-project-list", HOSPITAL, A_PROJECT),
    get("api-project-detail", VIEW | {LIMITED}, **OF),
    get("api-participant-list", VIEW | {LIMITED}, **OF),
    # limited to one site, somebody makes participants of that site
    post("api-participant-list", REQUEST | {LIMITED}, {"pseudonym": "BICAM_0009"}, **OF),
    get("api-event-list", VIEW | {LIMITED}, **OF),
    post("api-event-list", MANAGE, {"name": "12month"}, **OF),
    get("api-audit-list", READERS_OF_AUDIT),
]

DOORS: list[Door] = [*PAGES, *TOKENS, *DIRECTORY, *ADMIN, *REST]
