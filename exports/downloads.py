"""Sending a package's file, whole or from where a broken download stopped.

Source: RFC 9110 section 14 (range requests) and section 13.1.5 (If-Range).
"""

import re
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase

from exports.actions.packages import record_download
from exports.expiry import TAKEN_BACK, taken_back
from exports.models import Package
from projects.models import User
from projects.storage import storage
from review.currency import refuse_unsigned
from transfers.models import Run

ONE_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def send(request: HttpRequest, *, by: User, package: Package) -> HttpResponseBase:
    """Answer with the file of a ready package, and write down who took it, and from which byte.

    Raises PermissionDenied, Http404 if the file is gone or holds what was taken back, and
    ValidationError if the project demands a current sign-off and has none for what is in it.
    """
    refuse_unsigned(package.project)
    refuse_made_again(package)
    if taken_back().filter(pk=package.pk).exists():
        raise Http404(TAKEN_BACK)
    try:
        part = asked_range(request, package)
        response = package_response(package, part)
    except ValueError:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{package.size}"})
    except FileNotFoundError as error:
        raise Http404("The package's file is not in the storage.") from error
    if request.method == "GET":
        record_download(by=by, package=package, start=part[0] if part else 0)
    return response


def refuse_made_again(package: Package) -> None:
    """Raise ValidationError if a demanded sign-off is of other files than a package holds.

    A sign-off speaks of what the research copy is now; what ran again since the package was asked
    for may have lost what somebody called not safe, and the package has it still.
    """
    if not package.project.sign_off_for_exports:
        return
    again = Run.objects.filter(
        transfer__project=package.project_id,
        transfer__participant__in=package.participants.all(),
        number__gt=1,
        verified_at__gt=package.created_at,
    )
    if again.exists():
        raise ValidationError(
            "Images in it were made again since, and what is signed off is how they are now. "
            "Ask for the package again."
        )


class Part:
    """A file's bytes from `start` up to and without `end`, for reading once."""

    def __init__(self, file: BinaryIO, start: int, end: int) -> None:
        self.file = file
        self.left = end - start
        file.seek(start)

    def read(self, size: int = -1) -> bytes:
        """Return at most `size` bytes of what is left; empty at the end."""
        data = self.file.read(self.left if size < 0 else min(size, self.left))
        self.left -= len(data)
        return data

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
    if start >= package.size:
        raise ValueError("no byte of the file is in the range")
    return start, end


def etag(package: Package) -> str:
    """Return the strong tag of the file: its sum."""
    return f'"{package.sha256}"'


def package_response(package: Package, part: tuple[int, int] | None) -> HttpResponseBase:
    """Answer with the file, or with a part of it. Raises FileNotFoundError."""
    with storage().fetch(package.key) as path:
        file = path.open("rb")  # open, it can be read also after the storage took it back
    start, end = part or (0, package.size)
    content = file if part is None else Part(file, start, end)
    response = FileResponse(
        content,
        as_attachment=True,
        filename=package.file_name,
        content_type="application/zip",
        status=200 if part is None else 206,
    )
    response["Content-Length"] = str(end - start)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag(package)
    response["Cache-Control"] = "private, no-store"
    if part is not None:
        response["Content-Range"] = f"bytes {start}-{end - 1}/{package.size}"
    return response
