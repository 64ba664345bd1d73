"""Sending a package's file, whole or from where a broken download stopped.

Where a web server stands before the portal it sends the file itself (X-Accel-Redirect), and no
worker is busy with it; elsewhere the file goes by the server's sendfile. A client never names a
path: it names a package, and the row names the file.

Source: RFC 9110 section 14 (range requests) and section 13.1.5 (If-Range).
"""

import re
from typing import BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase

from exports.actions.downloads import record_download
from exports.leaving import GONE, refuse_to_leave
from exports.models import DownloadLink, Package
from projects.models import User
from projects.storage import storage

ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def send(
    request: HttpRequest, *, by: User | None, package: Package, link: DownloadLink | None = None
) -> HttpResponseBase:
    """Answer with the file of a ready package, and write down who took it, and from which byte.

    Raises PermissionDenied, Http404 if the file is gone or holds what was taken back, and
    ValidationError if the project demands a current sign-off and has none for what is in it.
    """
    try:
        refuse_to_leave(package)
    except ValidationError as error:
        if getattr(error, "code", "") == GONE:
            raise Http404(error.messages[0]) from error
        raise
    try:
        part = asked_range(request, package)
        response = package_response(package, part, is_head=request.method == "HEAD")
    except ValueError:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{package.size}"})
    except FileNotFoundError as error:
        raise Http404("The package's file is not in the storage.") from error
    if request.method == "GET":
        start, end = part or (0, package.size)
        record_download(by=by, package=package, link=link, start=start, end=end)
    return response


class Part:
    """A file's bytes from `start` up to and without `end`, for reading once.

    It gives its descriptor away, standing at `start`: gunicorn then sends exactly as many bytes
    as Content-Length says with sendfile, without reading them.
    """

    def __init__(self, file: BinaryIO, start: int, end: int) -> None:
        self.file = file
        self.left = end - start
        file.seek(start)

    def read(self, size: int = -1) -> bytes:
        """Return at most `size` bytes of what is left; empty at the end."""
        data = self.file.read(self.left if size < 0 else min(size, self.left))
        self.left -= len(data)
        return data

    def fileno(self) -> int:
        """Return the descriptor of the open file."""
        return self.file.fileno()

    def close(self) -> None:
        """Close the file."""
        self.file.close()


def asked_range(request: HttpRequest, package: Package) -> tuple[int, int] | None:
    """Return the half-open range of bytes that is asked for, or None for the whole file.

    Raises ValueError if no byte of the file is in it. Several ranges at once, other units, and a
    range of a file that has changed since (If-Range) are answered with the whole file.
    """
    found = ONE_RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if_range = request.headers.get("If-Range", etag(package))
    if found is None or if_range != etag(package) or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    start = int(first) if first else max(package.size - int(last), 0)
    end = min(int(last) + 1, package.size) if first and last else package.size
    if first and last and int(last) < start:
        return None
    if start >= package.size or (not first and not int(last)):
        raise ValueError("no byte of the file is in the range")
    return start, end


def etag(package: Package) -> str:
    """Return the strong tag of the file: its sum."""
    return f'"{package.sha256}"'


def package_response(
    package: Package, part: tuple[int, int] | None, *, is_head: bool = False
) -> HttpResponseBase:
    """Answer with the file, or with a part of it. Raises FileNotFoundError."""
    if not storage().exists(package.key):
        raise FileNotFoundError("the package's file is not in the storage")
    if settings.ACCEL_PREFIX:
        response = _left_to_the_web_server(package)
    else:
        response = _sent_from_here(package, part, is_head=is_head)
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _left_to_the_web_server(package: Package) -> HttpResponseBase:
    """Name the file to the web server in front, which answers HEAD, ranges and If-Range itself."""
    headers = {
        "X-Accel-Redirect": f"{settings.ACCEL_PREFIX.rstrip('/')}/{package.key}",
        "X-Accel-Buffering": "yes",
        "Content-Disposition": f'attachment; filename="{package.file_name}"',
    }
    return HttpResponse(content_type="application/zip", headers=headers)


def _sent_from_here(
    package: Package, part: tuple[int, int] | None, *, is_head: bool
) -> HttpResponseBase:
    start, end = part or (0, package.size)
    response: HttpResponseBase
    if is_head:  # a server would send the body of a file after all
        response = HttpResponse(content_type="application/zip")
        response["Content-Disposition"] = f'attachment; filename="{package.file_name}"'
    else:
        with storage().fetch(package.key) as path:
            # open, it can be read also after the storage took it back; unbuffered, its
            # descriptor stands where it is read
            file = path.open("rb", buffering=0)
        response = FileResponse(
            Part(file, start, end),
            as_attachment=True,
            filename=package.file_name,
            content_type="application/zip",
        )
    response["Content-Length"] = str(end - start)
    response["ETag"] = etag(package)
    if part is not None:
        response.status_code = 206
        response["Content-Range"] = f"bytes {start}-{end - 1}/{package.size}"
    return response
