"""Which scopes open which REST address: one table. An address that is not in it takes no token.

Whoever adds a REST route adds its line; a test walks the addresses. The names are those of the
rooms' `urls.py`: data, so that the lowest room needs nothing of those above it.
"""

from typing import NamedTuple

from projects.tokens.scopes import Scope

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

NOBODY: frozenset[Scope] = frozenset()
ANY = frozenset(Scope)
READ = frozenset({Scope.READ})
TRANSFER = frozenset({Scope.TRANSFER})
EXPORT = frozenset({Scope.EXPORT})


class Opens(NamedTuple):
    """The scopes of which one suffices: to look, and to change something by it."""

    looking: frozenset[Scope]
    changing: frozenset[Scope] = NOBODY


ROUTES: dict[str, Opens] = {
    "api-schema": Opens(ANY),
    # projects: what governs them is changed by people who are signed in
    "api-project-list": Opens(ANY),
    "api-project-detail": Opens(ANY),
    "api-participant-list": Opens(ANY, TRANSFER),
    "api-event-list": Opens(ANY),
    "api-audit-list": Opens(READ),
    # quarantine
    "api-study-list": Opens(TRANSFER, TRANSFER),
    "api-study-detail": Opens(TRANSFER),
    "api-study-lookup": Opens(TRANSFER, TRANSFER),
    "api-upload": Opens(TRANSFER),
    # transfers: neither a second person's part nor a rule of the project is a script's
    "api-transfer-list": Opens(READ | TRANSFER, TRANSFER),
    "api-transfer-detail": Opens(READ | TRANSFER),
    "api-transfer-findings": Opens(READ | TRANSFER),
    "api-transfer-difference": Opens(READ | TRANSFER),
    "api-record": Opens(READ | TRANSFER),
    "api-proof": Opens(READ | TRANSFER),
    "api-outputs": Opens(READ | TRANSFER),
    "api-transfer-cancel": Opens(TRANSFER, TRANSFER),
    "api-transfer-retry": Opens(TRANSFER, TRANSFER),
    "api-transfer-rerun": Opens(TRANSFER, TRANSFER),
    "api-transfer-move": Opens(TRANSFER, TRANSFER),
    "api-transfer-release": Opens(TRANSFER, TRANSFER),
    "api-transfer-reject": Opens(TRANSFER, TRANSFER),
    "api-transfer-withdraw": Opens(TRANSFER, TRANSFER),
    "api-transfer-second": Opens(NOBODY),
    "api-transfer-rule": Opens(NOBODY),
    "api-destination-list": Opens(ANY),
    "api-destination-detail": Opens(ANY),
    # review: the POSTs keep words out of addresses and make nothing
    "api-research-study-list": Opens(READ | EXPORT),
    "api-tag-list": Opens(READ),
    "api-tag-search": Opens(READ, READ),
    "api-value-list": Opens(READ, READ),
    "api-tag-values": Opens(READ, READ),
    "api-verdict-list": Opens(READ),
    "api-sign-off-list": Opens(READ),
    # exports: what is held at the door is a person's to decide
    "api-specifications": Opens(READ | EXPORT, EXPORT),
    "api-specification-preview": Opens(EXPORT, EXPORT),
    "api-specification": Opens(READ | EXPORT),
    "api-specification-versions": Opens(READ | EXPORT, EXPORT),
    "api-specification-yaml": Opens(READ | EXPORT),
    "api-specification-offer": Opens(EXPORT, EXPORT),
    "api-exports": Opens(READ | EXPORT, EXPORT),
    "api-signing-key": Opens(ANY),
    "api-export": Opens(READ | EXPORT),
    "api-export-findings": Opens(READ | EXPORT),
    "api-export-release": Opens(NOBODY),
    "api-export-confirm": Opens(NOBODY),
    "api-export-reject": Opens(NOBODY),
    "api-export-cancel": Opens(EXPORT, EXPORT),
    "api-export-download": Opens(EXPORT),
    "api-export-links": Opens(EXPORT, EXPORT),
    "api-export-link-revoke": Opens(EXPORT, EXPORT),
    "api-export-link-code": Opens(EXPORT, EXPORT),
    "api-export-password": Opens(EXPORT, EXPORT),
    "api-export-deliveries": Opens(EXPORT, EXPORT),
    "api-export-delivery-cancel": Opens(EXPORT, EXPORT),
    "api-export-holders": Opens(READ | EXPORT),
    "api-export-revoke": Opens(EXPORT, EXPORT),
}

# POSTs that only tell something; what they tell (identifiers, values, secrets) is not kept.
MAKES_NOTHING = frozenset(
    {
        "api-study-lookup",
        "api-tag-search",
        "api-value-list",
        "api-tag-values",
        "api-specification-preview",
        "api-export-link-code",
        "api-export-password",
    }
)

# POSTs whose answer holds what is told once.
TELLS_A_SECRET = frozenset({"api-export-links"})


def scopes_for(route: str, method: str) -> frozenset[Scope]:
    """Return the scopes of which one suffices for a method of a route; none for an unknown one."""
    opens = ROUTES.get(route)
    if opens is None:
        return NOBODY
    return opens.looking if method in SAFE_METHODS else opens.changing
