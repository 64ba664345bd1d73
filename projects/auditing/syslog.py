"""Messages for a log server: how one is written, and how it gets there.

Source: RFC 5424 (the message), RFC 5426 (over UDP), RFC 6587 section 3.4.1 (over TCP, each with its
length before it), RFC 5425 (the same over TLS).
"""

import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

LOG_AUDIT = 13  # the facility
INFORMATIONAL, WARNING = 6, 4
# what somebody should look at: tries that were refused, and accounts beside the directory
NOTABLE = frozenset({"sign_in_failed", "locked_out", "link_refused", "signed_in_locally"})
MOST_BYTES = 2048  # what every server takes, RFC 5424 section 6.1
TIME_OUT = 10


class LogServer(NamedTuple):
    """Where messages go: `udp`, `tcp` or `tls` to a host, or `unix` to a socket of this machine."""

    way: str
    host: str
    port: int

    def __str__(self) -> str:
        return (
            f"unix:{self.host}" if self.way == "unix" else f"{self.way}://{self.host}:{self.port}"
        )


def message(row: dict[str, Any], *, host: str) -> bytes:
    """Return one row of the audit's table as a message; its text is the row as JSON."""
    severity = WARNING if row["verb"] in NOTABLE else INFORMATIONAL
    head = f"<{LOG_AUDIT * 8 + severity}>1 {row['at']} {host} rdma - {row['verb'][:32]} - "
    said = json.dumps(row, sort_keys=True)
    if len(head) + len(said) > MOST_BYTES:
        said = json.dumps({**row, "facts": {}, "cut": True}, sort_keys=True)
    return (head + said).encode("ascii")


@contextmanager
def connected(server: LogServer) -> Iterator["Wire"]:
    """Give a wire to the server. Raises OSError if there is nobody."""
    with _socket(server) as sock:
        yield Wire(sock, is_stream=server.way in {"tcp", "tls"})


class Wire:
    """An open way to a log server."""

    def __init__(self, sock: socket.socket, *, is_stream: bool) -> None:
        """Take an open socket over."""
        self.sock = sock
        self.is_stream = is_stream

    def send(self, text: bytes) -> None:
        """Send one message. Raises OSError."""
        if self.is_stream:
            self.sock.sendall(f"{len(text)} ".encode() + text)
        else:
            self.sock.send(text)


def _socket(server: LogServer) -> socket.socket:
    if server.way == "unix":
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        sock.settimeout(TIME_OUT)
        sock.connect(server.host)
        return sock
    if server.way == "udp":
        family, kind, protocol, _, address = socket.getaddrinfo(
            server.host, server.port, type=socket.SOCK_DGRAM
        )[0]
        sock = socket.socket(family, kind, protocol)
        sock.connect(address)
        return sock
    sock = socket.create_connection((server.host, server.port), timeout=TIME_OUT)
    if server.way == "tls":
        return ssl.create_default_context().wrap_socket(sock, server_hostname=server.host)
    return sock
