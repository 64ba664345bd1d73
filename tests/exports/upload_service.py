"""A small tus 1.0.0 service over real HTTP, with the faults that a test asks for."""

import base64
import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN = "a token of the tests"


@dataclass
class Upload:
    """One file as far as it has come."""

    size: int
    metadata: dict[str, str]
    content: bytearray = field(default_factory=bytearray)


@dataclass
class Service:
    """What it holds, what it was asked, and how it misbehaves."""

    port: int = 0
    uploads: dict[str, Upload] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    sums: str = "sha1,sha256"
    statuses: list[int] = field(default_factory=list)  # the next answers to PATCH
    takes_bytes: int | None = None  # of the next chunk
    location: str = "/files/{name}"
    redirects_to: str = ""
    slowly: float = 0.0  # seconds that a chunk takes

    @property
    def only(self) -> Upload:
        (upload,) = self.uploads.values()
        return upload


@contextmanager
def running_service() -> Iterator[Service]:
    """Serve as long as the block lasts."""
    service = Service()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(service))
    service.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(service: Service) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self, status: int, **headers: object) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), str(value))
            self.send_header("Tus-Resumable", "1.0.0")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def is_refused(self) -> bool:
            service.asked.append((self.command, self.path))
            if service.redirects_to:
                self.answer(307, Location=service.redirects_to)
            elif self.headers["Authorization"] != f"Bearer {TOKEN}":
                self.answer(401)
            else:
                return False
            return True

        def do_OPTIONS(self) -> None:
            if not self.is_refused():
                headers = {"Tus_Checksum_Algorithm": service.sums} if service.sums else {}
                self.answer(204, **headers)

        def do_POST(self) -> None:
            if self.is_refused():
                return
            pairs = [one.split(" ") for one in self.headers["Upload-Metadata"].split(",")]
            told = {name: base64.b64decode(value).decode() for name, value in pairs}
            name = str(len(service.uploads) + 1)
            service.uploads[name] = Upload(int(self.headers["Upload-Length"]), told)
            self.answer(201, Location=service.location.format(name=name, port=service.port))

        def do_HEAD(self) -> None:
            if self.is_refused():
                return
            upload = service.uploads.get(self.path.rpartition("/")[2])
            if upload is None:
                self.answer(404)
            else:
                self.answer(200, Upload_Offset=len(upload.content), Upload_Length=upload.size)

        def do_PATCH(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            time.sleep(service.slowly)
            if self.is_refused():
                return
            upload = service.uploads[self.path.rpartition("/")[2]]
            status = service.statuses.pop(0) if service.statuses else 204
            if self.headers["Upload-Offset"] != str(len(upload.content)):
                status = 409
            if checksum := self.headers["Upload-Checksum"]:
                name, _, value = checksum.partition(" ")
                if base64.b64encode(hashlib.new(name, body).digest()).decode() != value:
                    status = 460
            if status == 204:
                upload.content += body[: service.takes_bytes]
                service.takes_bytes = None
            self.answer(status, Upload_Offset=len(upload.content))

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
