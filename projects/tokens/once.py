"""A POST with an Idempotency-Key is done once, and answered as often as it is sent.

    POST /api/v1/transfers/
    Idempotency-Key: 8e03978e-40d5-43dd-bc93-6894a57f9324

The first request with a key takes a row; the database lets one do so. Its answer is kept for a day
and given again to the same request. Another request with the same key is refused (422), and so is
one that comes while the first is under way (409). What was refused made nothing, so its key is
free again. After an answer of 500, or if the process was killed, nobody knows what was made: the
key stays taken, and a person looks.

Source: the Idempotency-Key draft of the IETF's HTTPAPI group, sections 2.6 and 2.7.
"""

import hashlib
import hmac
import re
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework.exceptions import APIException, ParseError
from rest_framework.request import Request

from projects.keyring import purpose_key
from projects.models import KeptAnswer, Token
from projects.models.tokens import ANSWERS_KEPT
from projects.tokens.routes import MAKES_NOTHING, TELLS_A_SECRET

HEADER = "Idempotency-Key"
KEY = re.compile(r"[\x21-\x7e]{1,255}")
UNDER_WAY = (
    "The first request with this Idempotency-Key is under way, or ended without an answer. If it "
    "stays so, look whether the thing was made before you ask again with another key."
)
TOLD_ONCE = (
    "This was done already. Its answer held a secret that is told once; revoke what was made and "
    "make another if it was lost."
)


class UsedForAnother(APIException):
    """The key was sent with another request before."""

    status_code = 422
    default_code = "idempotency_key"
    default_detail = "This Idempotency-Key was sent with another request before. Use a new one."


class NotAgain(APIException):
    """The request was sent before, and its answer cannot be given (again)."""

    status_code = 409
    default_code = "idempotency_key"

    def __init__(self, sentence: str, wait: int | None = None) -> None:
        super().__init__(sentence)
        self.wait = wait  # becomes Retry-After


class AnsweredBefore(APIException):
    """The same request was done before; `row` has its answer."""

    status_code = 200

    def __init__(self, row: KeptAnswer) -> None:
        super().__init__()
        self.row = row


def claim(request: Request, route: str) -> None:
    """Take the row of a POST's key. Without a key, or where nothing is made, nothing happens.

    Raises AnsweredBefore, UsedForAnother, NotAgain, and ParseError for a key that is none.
    """
    key = request.headers.get(HEADER)
    if key is None or request.method != "POST" or route in MAKES_NOTHING:
        return
    if not KEY.fullmatch(key):
        raise ParseError(f"{HEADER} is 1 to 255 visible characters, such as a UUID.")
    digest = _digest_of(request)
    row, is_new = _row(request.user, route, _keyed(key.encode()), digest)
    if not is_new:
        _answer_from(row, digest)
    request._request.kept_answer = row  # type: ignore[attr-defined]


def _row(user: Any, route: str, key: str, digest: str) -> tuple[KeptAnswer, bool]:
    """Return the row of a key, and whether this request is the first with it (today)."""
    try:
        with transaction.atomic():
            row = KeptAnswer.objects.create(user=user, route=route, key=key, request=digest)
    except IntegrityError:
        row = KeptAnswer.objects.get(user=user, route=route, key=key)
    else:
        return row, True
    now = timezone.now()
    if row.created_at > now - ANSWERS_KEPT:
        return row, False
    fresh = {"request": digest, "status": None, "body": "", "is_secret": False, "created_at": now}
    won = KeptAnswer.objects.filter(pk=row.pk, created_at=row.created_at).update(**fresh)
    row.refresh_from_db()
    return row, bool(won)


def _answer_from(row: KeptAnswer, digest: str) -> None:
    if not hmac.compare_digest(row.request, digest):
        raise UsedForAnother
    if row.status is None:
        raise NotAgain(UNDER_WAY, wait=2)
    if row.is_secret:
        raise NotAgain(TOLD_ONCE)
    raise AnsweredBefore(row)


def _digest_of(request: Request) -> str:
    """Return a keyed digest of where a request goes and what it brings, files included.

    The token is part of it: another one of the same person may reach less than the answer tells.
    """
    plain = request._request
    token = request.auth.pk if isinstance(request.auth, Token) else 0
    mac = hmac.new(purpose_key("idempotent requests"), digestmod=hashlib.sha256)
    mac.update(f"{token}\n{plain.get_full_path()}\n{plain.content_type}\n".encode())
    if plain.content_type != "multipart/form-data":
        mac.update(plain.body)
        return mac.hexdigest()
    # a form's body names a boundary that is drawn anew each time
    form: Any = request.data
    for name, values in sorted(form.lists()):
        for value in values:
            mac.update(f"{name}\n".encode())
            if hasattr(value, "chunks"):
                _add_file(mac, value)
            else:
                mac.update(hashlib.sha256(str(value).encode()).digest())
    return mac.hexdigest()


def _add_file(mac: "hmac.HMAC", file: Any) -> None:
    inner = hashlib.sha256(str(file.name).encode())
    for chunk in file.chunks():
        inner.update(chunk)
    file.seek(0)
    mac.update(inner.digest())


def _keyed(text: bytes) -> str:
    return hmac.new(purpose_key("idempotency keys"), text, hashlib.sha256).hexdigest()


class Kept:
    """Middleware: keeps the answer of a request that took a key's row, or gives the key back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and keep what was answered."""
        response = self.get_response(request)
        row = getattr(request, "kept_answer", None)
        if row is not None:
            _keep(row, response)
        return response


def _keep(row: KeptAnswer, response: HttpResponseBase) -> None:
    mine = KeptAnswer.objects.filter(pk=row.pk, created_at=row.created_at, status=None)
    if 400 <= response.status_code < 500:
        mine.delete()
    elif response.status_code < 400:
        is_secret = row.route in TELLS_A_SECRET
        content = b"" if is_secret else getattr(response, "content", b"")
        mine.update(
            status=response.status_code,
            media_type=response.headers.get("Content-Type", "")[:60],
            body=content.decode(),
            is_secret=is_secret,
        )


def forget_answers() -> None:
    """Delete the answers that are older than a day."""
    KeptAnswer.objects.filter(created_at__lt=timezone.now() - ANSWERS_KEPT).delete()
