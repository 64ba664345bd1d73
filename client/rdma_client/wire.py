"""One request to the portal, sent again while that may help.

What is sent again is harmless twice: a POST carries an Idempotency-Key, drawn once for all its
attempts, by which the portal knows the second as the first. Redirections are not followed, so
that the token goes to the portal and to nobody else.
"""

import http.client
import json
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from rdma_client.errors import Refused, Unreachable

ATTEMPTS = 6
LONGEST_PAUSE = 60.0
AGAIN = {429, 502, 503, 504}
LONGEST_PROBLEM = 1024 * 1024

Body = Callable[[], Iterable[bytes]]


@dataclass(frozen=True)
class Parcel:
    """What goes along with a request, and can be produced anew for every attempt."""

    make: Body
    content_type: str
    length: int


def as_json(said: Any) -> Parcel:
    """Return data as a body of JSON."""
    encoded = json.dumps(said).encode()
    return Parcel(lambda: [encoded], "application/json", len(encoded))


@dataclass
class Wire:
    """The way to one portal.

    `pause` is called with seconds between two attempts; `timeout` is of one read or write.
    """

    address: str
    token: str = field(repr=False)
    attempts: int = ATTEMPTS
    timeout: float = 60.0
    tls: ssl.SSLContext | None = None
    pause: Callable[[float], None] = time.sleep

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        parcel: Parcel | None = None,
    ) -> Any:
        """Return the portal's answer, read as JSON. Raises Refused and Unreachable."""
        with self.opened(method, path, query=query, parcel=parcel) as answer:
            try:
                return json.loads(answer.read() or b"null")
            except (http.client.HTTPException, OSError, ValueError) as error:
                raise Unreachable("The portal's answer broke off.") from error

    @contextmanager
    def opened(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        parcel: Parcel | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[http.client.HTTPResponse]:
        """Give a good answer for reading, and close it. Raises Refused and Unreachable."""
        parts = urlsplit(self.address)
        target = parts.path + path
        if query:
            target += "?" + urlencode({name: _word(said) for name, said in query.items()})
        sent = {
            "Accept": "application/json, application/problem+json, application/zip;q=0.9",
            "Authorization": f"Bearer {self.token}",
            "User-Agent": "rdma-client/0.1",
            **(headers or {}),
        }
        if method == "POST":
            sent["Idempotency-Key"] = str(uuid4())
            sent["Content-Length"] = str(parcel.length if parcel else 0)
        if parcel:
            sent["Content-Type"] = parcel.content_type
        connection, answer = self._until_it_answers(method, target, sent, parcel)
        try:
            yield answer
        finally:
            answer.close()
            connection.close()

    def _until_it_answers(
        self, method: str, target: str, headers: dict[str, str], parcel: Parcel | None
    ) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        last = "The portal does not answer."
        for attempt in range(self.attempts):
            connection = self._connection()
            wait = min(0.5 * 2**attempt, LONGEST_PAUSE)
            try:
                connection.request(method, target, parcel.make() if parcel else None, headers)
                answer = connection.getresponse()
            except ssl.SSLCertVerificationError as error:
                connection.close()
                raise Unreachable("The portal's certificate cannot be verified.") from error
            except (http.client.HTTPException, OSError) as error:
                connection.close()
                last = f"The portal does not answer ({type(error).__name__})."
            else:
                if answer.status < 300:
                    return connection, answer
                problem = _problem(answer)
                connection.close()
                # a first attempt that is still under way (409) is worth waiting for as well
                under_way = answer.status == 409 and answer.headers.get("Retry-After") is not None
                if answer.status not in AGAIN and not under_way:
                    raise _said_no(answer.status, problem)
                last = str(problem.get("detail") or f"The portal answered {answer.status}.")
                wait = _asked_pause(answer) or wait
            if attempt + 1 < self.attempts:
                self.pause(wait)
        raise Unreachable(last)

    def _connection(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.address)
        host = parts.hostname or ""
        if parts.scheme == "http":
            return http.client.HTTPConnection(host, parts.port, timeout=self.timeout)
        context = self.tls or ssl.create_default_context()
        return http.client.HTTPSConnection(host, parts.port, timeout=self.timeout, context=context)


def _word(said: Any) -> str:
    return str(said).lower() if isinstance(said, bool) else str(said)


def _problem(answer: http.client.HTTPResponse) -> dict[str, Any]:
    try:
        read = json.loads(answer.read(LONGEST_PROBLEM))
    except (http.client.HTTPException, OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def _said_no(status: int, problem: dict[str, Any]) -> Refused | Unreachable:
    if 300 <= status < 400:
        return Unreachable("The portal sends on to another address: use that one in RDMA_URL.")
    if status >= 500:
        number = problem.get("instance", "")
        return Unreachable(f"The portal made a mistake. Tell operations the number {number}.")
    return Refused(status, problem)


def _asked_pause(answer: http.client.HTTPResponse) -> float:
    said = answer.headers.get("Retry-After", "")
    return min(float(said), LONGEST_PAUSE) if said.isdecimal() else 0.0
