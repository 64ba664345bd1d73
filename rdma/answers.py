"""Middleware: a script is answered as a script, whatever goes wrong before or after a view.

Django's own answers (no such address, a host that is not ours, a body too large, an account that
is locked, the pages of a debugger) are pages for people. Under /api/ each becomes the problem
document that REST's own errors are.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from projects.problems import MEDIA_TYPE, NOT_HERE, problem_response

REST = "/api/"
FOR_PEOPLE = "/api/docs/"
SENTENCES = {
    400: "The request cannot be read as it stands.",
    403: "You may not do this.",
    404: NOT_HERE,
    413: "The body is larger than this address takes.",
}


def is_rest(request: HttpRequest) -> bool:
    """Tell whether an address is one that scripts use."""
    return request.path_info.startswith(REST) and request.path_info != FOR_PEOPLE


class InTheirWords:
    """Middleware: refuse what no database can hold, and turn pages into problems under /api/.

    A NUL character in an address is refused everywhere: PostgreSQL has no text with it, so that a
    look-up by it would be an error of the server.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, in the words that whoever asks can read."""
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return problem_response(400, detail="An address cannot hold a NUL character.")
        response = self.get_response(request)
        if not is_rest(request):
            return response
        if response.status_code >= 400 and not _is_for_scripts(response):
            return _in_place_of(response)
        if _loses_the_body(request, response):
            return problem_response(404, detail="The addresses of REST end with a slash.")
        return response


def _in_place_of(page: HttpResponseBase) -> HttpResponse:
    """Return a problem with the status and the headers of a page."""
    problem = problem_response(page.status_code, detail=SENTENCES.get(page.status_code, ""))
    for name, value in page.headers.items():
        if not name.startswith("Content-"):
            problem[name] = value
    problem.cookies = page.cookies
    return problem


def _loses_the_body(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Tell whether a request that changes something is sent on to the address with its slash."""
    sent_on = response.headers.get("Location", "").partition("?")[0]
    return request.method not in {"GET", "HEAD"} and sent_on.endswith(f"{request.path}/")


def _is_for_scripts(response: HttpResponseBase) -> bool:
    return response.headers.get("Content-Type", "").startswith(MEDIA_TYPE)
