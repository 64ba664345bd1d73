"""Who gets as far as a REST view: somebody known, with a scope that the address asks for."""

from typing import TYPE_CHECKING

from rest_framework.exceptions import ParseError, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from projects.models import Token
from projects.tokens import once, secrets
from projects.tokens.limits import count_known, count_unknown
from projects.tokens.routes import scopes_for
from projects.tokens.scopes import Scope

if TYPE_CHECKING:  # it reads this module while it is imported
    from rest_framework.views import APIView

IN_BODY = (
    "A token stands in the body. Nothing was done. Send it in the header Authorization alone, and "
    "revoke it if the body was kept anywhere."
)


class Access(BasePermission):
    """Known, with the right scope, and not the same request once more.

    Every REST view has this permission; what a person may do there is asked by the view itself.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Tell whether a request goes on. Raises PermissionDenied with a sentence."""
        if not request.user.is_authenticated:
            count_unknown(request)
            return False
        # before all that costs something: also what is refused, or was answered before, is counted
        count_known(request)
        match = request.resolver_match
        route = match.view_name if match else ""
        if isinstance(request.auth, Token):
            _check_scope(request.auth, route, str(request.method))
        _check_body(request)
        once.claim(request, route)
        return True


def _check_scope(token: Token, route: str, method: str) -> None:
    wanted = scopes_for(route, method)
    if not wanted:
        raise PermissionDenied("No token is taken here: somebody who is signed in does this.")
    if not wanted & token.scopes:
        words = " or ".join(scope.value for scope in Scope if scope in wanted)
        raise PermissionDenied(f"This token lacks the scope that is needed here: {words}.")


def _check_body(request: Request) -> None:
    """Refuse JSON in which a token stands: it would be kept wherever such texts are."""
    if not str(request.content_type).startswith("application/json"):
        return
    if secrets.found_in(request._request.body.decode("latin-1")):
        raise ParseError(IN_BODY)
