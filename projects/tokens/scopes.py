"""What a token is for, and the permissions that follow: a table, and what is not in it is refused.

Scopes only ever take away. Somebody who comes by a token may do what they may do themselves, what a
scope of the token covers, and nothing of it outside the token's project. A service account has no
judgement: it can neither release what is held nor be anybody's second person.
"""

from typing import NamedTuple

from django.db import models

from projects.roles import Permission


class Scope(models.TextChoices):
    """What a token may be used for; one token may have several."""

    READ = "read", "Read: projects, transfers, review and audit"
    TRANSFER = "transfer", "Transfer: find, upload and bring in studies"
    EXPORT = "export", "Export: build, download and hand out packages"


# Governance (members, settings, destinations, verdicts, sign-offs) and the sight of identified
# data are in no scope: they are for people who are signed in.
COVERED: dict[Scope, frozenset[Permission]] = {
    Scope.READ: frozenset(
        {
            Permission.VIEW_PROJECT,
            Permission.VIEW_WHOLE,
            Permission.REVIEW,
            Permission.VIEW_AUDIT,
        }
    ),
    Scope.TRANSFER: frozenset(
        {
            Permission.VIEW_PROJECT,
            Permission.VIEW_WHOLE,
            Permission.REQUEST_TRANSFER,
            Permission.CANCEL_TRANSFER,
            Permission.RESOLVE_FINDINGS,
            Permission.SEE_QUARANTINE,
        }
    ),
    Scope.EXPORT: frozenset(
        {
            Permission.VIEW_PROJECT,
            Permission.VIEW_WHOLE,
            Permission.REVIEW,
            Permission.EXPORT,
            Permission.WITHDRAW_PACKAGES,
        }
    ),
}

SERVICE_COVERED = frozenset(
    {
        Permission.VIEW_PROJECT,
        Permission.VIEW_WHOLE,
        Permission.REQUEST_TRANSFER,
        Permission.CANCEL_TRANSFER,
        Permission.REVIEW,
        Permission.EXPORT,
        Permission.WITHDRAW_PACKAGES,
    }
)


class Bounds(NamedTuple):
    """What somebody's rights are narrowed to; `project` is an id, None where it is any."""

    permissions: frozenset[Permission]
    project: int | None

    def allow(self, permission: Permission, project: int | None) -> bool:
        """Tell whether a right lies within; a right everywhere is more than one project's."""
        return permission in self.permissions and self.project in (None, project)


def bounds_of(scopes: frozenset[Scope], project: int | None) -> Bounds:
    """Return what a token's scopes and project leave of anybody's rights."""
    covered = frozenset[Permission]().union(*(COVERED[scope] for scope in scopes))
    return Bounds(covered, project)


def parsed(text: str) -> frozenset[Scope]:
    """Read scopes as a row holds them. Raises ValueError for a word that is none."""
    return frozenset(Scope(word) for word in text.split())


def written(scopes: frozenset[Scope]) -> str:
    """Write scopes as a row holds them: in the table's order, parted by spaces."""
    return " ".join(scope.value for scope in Scope if scope in scopes)


def every_choice() -> list[str]:
    """Return every text that `written` can give for at least one scope."""
    choices = [frozenset[Scope]()]
    for scope in Scope:
        choices += [choice | {scope} for choice in choices]
    return [written(choice) for choice in choices if choice]
