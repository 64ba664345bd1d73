"""The upload hook: a package goes in chunks to a service that speaks tus 1.0.0 over HTTPS.

This is the documented interface for services such as TSD (docs/operations.md): whoever has one of
another shape puts a small gateway before it. The token goes with every request, a chunk carries its
sum where the service offers that, and after a break the service says from which byte to go on.

Source: the tus resumable upload protocol 1.0.0, core with the extensions creation and checksum.
"""

import base64
import hashlib
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException, HTTPResponse
from urllib.parse import quote, urlsplit

from django.conf import settings

from exports.delivering.shipment import Shipment
from exports.models import PackageDestination
from exports.states import DeliveryProof
from projects.outgoing import HostRefused, connect_web
from transfers.errors import Away, TransferError

VERSION = "1.0.0"
CHUNK = 8 * 1024 * 1024
ANSWER_SECONDS = 120
SUMS = ("sha256", "sha1")  # the ones that services offer, the stronger first
OTHER_SUM = 460  # tus: Checksum Mismatch
REFUSED = {
    401: "The service does not accept the token.",
    403: "The service does not let this token upload.",
    404: "The service has no uploads at this path.",
    413: "The package is larger than the service takes.",
}


def send(shipment: Shipment) -> DeliveryProof:
    """Send the file; return how the service confirmed it. Raises Away, TransferError."""
    service = _Service(shipment.destination)
    offered = service.offered_sum()
    place = shipment.delivery.remote_id
    offset = service.offset(place, shipment.package.size) if place else None
    if offset is None:
        place = service.begin(_facts(shipment), shipment.package.size)
        offset = 0
        shipment.came_to(0, remote_id=place)
    done = offset
    for piece in shipment.pieces(offset, CHUNK):
        done = service.write(place, done, piece, offered)
        shipment.came_to(done)
    if service.offset(place, shipment.package.size) != shipment.package.size:
        raise Away("The service has not all of the package yet.")
    return DeliveryProof.SUM if offered else DeliveryProof.SIZE


def _facts(shipment: Shipment) -> dict[str, str]:
    """Return what the service is told of the file: names and sums, nothing of a person."""
    package = shipment.package
    return {
        "filename": package.file_name,
        "filetype": "application/zip",
        "sha256": package.sha256,
        "project": package.project.acronym,
    }


class _Service:
    """An upload service at one address; every request goes there and nowhere else."""

    def __init__(self, destination: PackageDestination) -> None:
        self.destination = destination
        self.at = urlsplit(destination.address)
        self.root = "/" + quote(destination.place.strip("/"))

    def offered_sum(self) -> str:
        """Return with which sum a chunk may be sent; "" for none."""
        with self._ask("OPTIONS", self.root, {}) as answer:
            if answer.status >= 300:
                return ""
            offered = answer.headers.get("Tus-Checksum-Algorithm", "").replace(" ", "").split(",")
        return next((name for name in SUMS if name in offered), "")

    def begin(self, facts: dict[str, str], size: int) -> str:
        """Begin an upload; return its path at the service."""
        told = ",".join(
            f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in facts.items()
        )
        headers = {"Upload-Length": str(size), "Upload-Metadata": told, "Content-Length": "0"}
        with self._ask("POST", self.root, headers) as answer:
            if answer.status != 201:
                raise self._refusal(answer.status)
            location = urlsplit(answer.headers.get("Location", ""))
        is_here = not location.netloc or location[:2] == self.at[:2]
        if not location.path or not is_here:
            raise TransferError("The service names another host for the upload. It is not asked.")
        path = location.path if location.path.startswith("/") else f"{self.root}/{location.path}"
        return f"{path}?{location.query}" if location.query else path

    def offset(self, place: str, size: int) -> int | None:
        """Return how many bytes the service has; None if it has forgotten the upload."""
        with self._ask("HEAD", place, {}) as answer:
            if answer.status in {404, 410}:
                return None
            if answer.status >= 300:
                raise self._refusal(answer.status)
            offset = answer.headers.get("Upload-Offset", "")
        if not offset.isdecimal() or int(offset) > size:
            raise TransferError("The service gives no usable answer about what it has.")
        return int(offset)

    def write(self, place: str, offset: int, piece: bytes, sum_name: str) -> int:
        """Send one chunk; return how many bytes the service has then."""
        headers = {
            "Upload-Offset": str(offset),
            "Content-Type": "application/offset+octet-stream",
        }
        if sum_name:
            digest = base64.b64encode(hashlib.new(sum_name, piece).digest()).decode()
            headers["Upload-Checksum"] = f"{sum_name} {digest}"
        with self._ask("PATCH", place, headers, piece) as answer:
            if answer.status in {404, 409, 410, OTHER_SUM, 423}:
                raise Away("A chunk did not arrive as it was sent; it is sent again.")
            if answer.status >= 300:
                raise self._refusal(answer.status)
            if answer.headers.get("Upload-Offset") != str(offset + len(piece)):
                raise Away("The service took a part of a chunk; it goes on with the rest.")
        return offset + len(piece)

    def _refusal(self, status: int) -> TransferError:
        """Return what an answer means: another try, or a person."""
        if 300 <= status < 400:
            return TransferError("The service is at another address. Redirects are not followed.")
        if status in REFUSED:
            return TransferError(REFUSED[status])
        if status >= 500 or status in {408, 423, 429}:
            return Away(f"{self.destination} answered {status}.")
        return TransferError(f"The service refused the upload with status {status}.")

    @contextmanager
    def _ask(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None = None
    ) -> Iterator[HTTPResponse]:
        try:
            with closing(self._line()) as line:
                line.request(method, path, body=body, headers=self._all(headers))
                answer = line.getresponse()
                answer.read(64 * 1024)
        except HostRefused as error:
            raise TransferError(str(error)) from error
        except ssl.SSLCertVerificationError as error:
            raise TransferError(
                "The service's certificate is not valid here. Nothing was sent."
            ) from error
        except (OSError, HTTPException) as error:
            raise Away(f"{self.destination} cannot be reached.") from error
        yield answer

    def _line(self) -> HTTPConnection:
        """Return a connection of its own for each request; nothing follows an answer."""
        return connect_web(
            self.at,
            allowed=settings.DELIVERY_HOSTS,
            setting="RDMA_DELIVERY_HOSTS",
            seconds=ANSWER_SECONDS,
        )

    def _all(self, headers: dict[str, str]) -> dict[str, str]:
        token = {"Authorization": f"Bearer {self.destination.secret}", "Tus-Resumable": VERSION}
        return token | headers
