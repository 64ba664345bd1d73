"""Closes the network: the test process reaches this machine and no other.

Browsers and servers are other processes; the browser has a guard of its own.
"""

import ipaddress
import socket
from typing import Any

NAMES_OF_HERE = {None, "", "localhost", "127.0.0.1", "::1"}


class NetworkIsClosed(Exception):
    """A test tried to reach another machine."""


def close_network() -> None:
    """Let sockets of this process reach this machine only, and look up no other name.

    Nothing puts it back: it holds as long as the process does.
    """
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex
    getaddrinfo = socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        _refuse_elsewhere(self.family, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        _refuse_elsewhere(self.family, address)
        return connect_ex(self, address)

    def guarded_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name not in NAMES_OF_HERE and not _is_loopback(name):
            raise NetworkIsClosed("A test looked up the name of another machine.")
        return getaddrinfo(host, *args, **kwargs)

    socket.socket.connect = guarded_connect  # type: ignore[method-assign]
    socket.socket.connect_ex = guarded_connect_ex  # type: ignore[method-assign]
    socket.getaddrinfo = guarded_getaddrinfo


def _refuse_elsewhere(family: int, address: Any) -> None:
    if family not in {socket.AF_INET, socket.AF_INET6}:
        return
    if address[0] not in NAMES_OF_HERE and not _is_loopback(address[0]):
        raise NetworkIsClosed("A test tried to reach another machine.")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
