"""Coming by a token in a test.

client.get("/api/v1/projects/", headers=bearer(kari, Scope.READ))
"""

from datetime import timedelta

from django.utils import timezone

from projects.models import Project, Token, User
from projects.tokens import secrets
from projects.tokens.scopes import Scope, written


def token_for(
    user: User, *scopes: Scope, project: Project | None = None, days: int = 30
) -> tuple[Token, str]:
    """Make a token as a row, with every scope if none is named; return it and its secret."""
    secret = secrets.draw()
    now = timezone.now()
    token = Token.objects.create(
        user=user,
        name="a script",
        digest=secrets.digest_of(secret),
        ending=secret[-4:],
        scope=written(frozenset(scopes or Scope)),
        project=project,
        created_by=user,
        created_at=min(now, now + timedelta(days=days - 1)),
        expires_at=now + timedelta(days=days),
    )
    return token, secret


def bearer(user: User, *scopes: Scope, project: Project | None = None) -> dict[str, str]:
    """Return the header of a new token."""
    return as_header(token_for(user, *scopes, project=project)[1])


def as_header(secret: str) -> dict[str, str]:
    """Return the header that brings a secret."""
    return {"Authorization": f"Bearer {secret}"}
