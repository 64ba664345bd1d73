"""Who comes by a token: `Authorization: Bearer rdma_…` on a REST request, and on nothing else.

Pages and Django admin know sessions alone, so no token opens them. Rights are asked of the person
at every request; the token only narrows them. The look-up is by digest: whoever measures its time
learns something of a digest, and from that nothing of a secret.

Source: RFC 6750 section 2.1 (the header; its other two ways, form and address, are refused).
"""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from rest_framework.authentication import (
    BaseAuthentication,
    BasicAuthentication,
    get_authorization_header,
)
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from projects.addresses import client_address
from projects.auditing.signing import note_password_use
from projects.models import Token, User
from projects.models.people import Kind
from projects.models.places import address_digest
from projects.origin import come_by_token
from projects.roles import Permission, Phase
from projects.tokens import secrets
from projects.tokens.limits import count_unknown
from projects.tokens.scopes import bounds_of

USE_WRITTEN_EVERY = timedelta(minutes=1)
UNKNOWN = "This token is not known here. Look at your tokens in the portal, and make another one."


class TokenAuthentication(BaseAuthentication):
    """Lets a request in by its token, narrowed to the token's scopes and project."""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        """Return the person and the token; None for a request that brings none."""
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"bearer":
            return None
        token = _token_of(words[1].decode("latin-1")) if len(words) == 2 else None
        if token is None:
            count_unknown(request)
            raise AuthenticationFailed(UNKNOWN)
        if sentence := why_shut(token):
            count_unknown(request)
            raise AuthenticationFailed(sentence)
        user = token.user
        user.token_bounds = bounds_of(token.scopes, token.project_id)
        come_by_token(token.pk)
        _write_use(token, client_address(request._request))
        return user, token

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge that makes an answer to nobody a 401."""
        return 'Bearer realm="rDMA"'


class LocalPassword(BasicAuthentication):
    """User name and password on each request, where the installation permits it.

    For one person on one machine. Where people sign in with the hospital's password it is off: a
    script must not know that.
    """

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        """Return the person; None where passwords are not taken, or none was sent."""
        if not settings.BASIC_AUTHENTICATION:
            return None
        found: tuple[User, None] | None = super().authenticate(request)
        if found is not None and found[0].kind != Kind.PERSON:
            raise AuthenticationFailed(UNKNOWN)
        if found is not None:
            note_password_use(found[0])
        return found


def why_shut(token: Token) -> str:
    """Return why a token opens nothing now; empty if it does."""
    user = token.user
    if token.revoked_at is not None:
        return "This token was revoked."
    if not token.is_live:
        return "This token has expired. Make another one in the portal."
    if not user.is_active:
        return "This token's account was ended."
    if user.service_of is not None and user.service_of.phase == Phase.ENDED:
        return "This token's project has ended, and its service accounts with it."
    if token.project is not None and not user.may(Permission.VIEW_PROJECT, token.project):
        return "This token's person is not in its project any more."
    return ""


def _token_of(secret: str) -> Token | None:
    if not secrets.is_whole(secret):
        return None
    rows = Token.objects.select_related("user__service_of", "project")
    return rows.filter(digest=secrets.digest_of(secret)).first()


def _write_use(token: Token, address: str) -> None:
    """Write when and from where it was used last, at most once a minute."""
    now = timezone.now()
    is_old = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_WRITTEN_EVERY)
    if token.last_used_at is None or token.last_used_at < now - USE_WRITTEN_EVERY:
        Token.objects.filter(is_old, pk=token.pk).update(
            last_used_at=now, last_used_from=address_digest(address)
        )
