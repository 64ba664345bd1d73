"""A token in an address: refused, said, and revoked.

Addresses are kept in logs, histories and proxies, so whoever reads those has the token.
"""

from collections.abc import Callable
from urllib.parse import unquote

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from projects.models import Token
from projects.problems import problem_response
from projects.tokens import secrets
from projects.tokens.making import revoke_leaked

SENTENCE = (
    "A token stands in the address, where logs keep it. Nothing was done, and the token is revoked "
    "if it was one of ours. Make another one, and send it in the header Authorization alone."
)


class NoTokenInAddress:
    """Middleware: looks at every address before anything else does."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, unless a token stands in the address."""
        query = request.META.get("QUERY_STRING", "")
        found = secrets.found_in(f"{request.path_info} {unquote(query)}")
        return self._refuse(request, found) if found else self.get_response(request)

    def _refuse(self, request: HttpRequest, secret: str) -> HttpResponse:
        token = Token.objects.filter(digest=secrets.digest_of(secret)).first()
        if token is not None:
            revoke_leaked(token=token)
        if request.path_info.startswith("/api/"):
            return problem_response(400, detail=SENTENCE)
        return render(request, "accounts/token_leaked.html", {"sentence": SENTENCE}, status=400)
