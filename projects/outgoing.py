"""Connections that the house opens by itself: only to hosts that operations have named.

Addresses of destinations are typed by people of the data office, and a server inside a hospital
reaches much that they must not: its own database, the addresses at which clouds hand out secrets.
So a host must stand on a list of operations; what it resolves to is looked at as well; and the
connection goes to the very address that was looked at, so that a name server that changes its
answer in between gains nothing. No redirect is followed by whoever uses this.

Source: OWASP, "Server-Side Request Forgery Prevention"; RFC 6890 (addresses of special purposes).
"""

import re
import socket
import ssl
from collections.abc import Iterable
from contextlib import suppress
from http.client import HTTPConnection, HTTPSConnection
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult

Address = IPv4Address | IPv6Address

NEVER = tuple(
    map(
        ip_network,
        # this network, link-local (with the clouds' metadata), multicast, reserved
        ("0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4", "100.100.100.200/32",
         "::/128", "fe80::/10", "ff00::/8", "fd00:ec2::/32"),
    )
)  # fmt: skip
HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,253}[A-Za-z0-9])?|\[?[0-9A-Fa-f:.]{2,45}\]?")
CARRIER = ip_network("64:ff9b::/96")
"""Addresses of IPv6 that carry one of IPv4 at their end (RFC 6052)."""
NOT_NAMED = "Operations have not allowed this host"
NOT_FIT = "This host's address is one that nothing is sent to."


class HostRefused(Exception):
    """Nothing is sent to this host. The message is a sentence without the host."""


def is_named(host: str, port: int | None, allowed: Iterable[str]) -> bool:
    """Tell whether a list names a host: alone, with its port, or as an address in a network."""
    plain = host.strip("[]").lower()
    names = {plain, f"[{plain}]", f"{plain}:{port}", f"[{plain}]:{port}"}
    entries = {entry.lower() for entry in allowed}
    if names & entries:
        return True
    address = _read(plain)
    return address is not None and _is_in_a_network(address, entries)


def may_be_named(host: str, port: int | None, allowed: Iterable[str]) -> bool:
    """Tell whether a list names a host, or has networks in which a name's address may lie."""
    allowed = list(allowed)
    by_network = any("/" in entry for entry in allowed) and _read(host.strip("[]")) is None
    return HOST.fullmatch(host) is not None and (is_named(host, port, allowed) or by_network)


def checked_addresses(host: str, port: int, *, allowed: Iterable[str], setting: str) -> list[str]:
    """Return the addresses, as digits, that a connection to a host may go to; never none.

    Args:
        host: a name or an address, as typed.
        port: the port.
        allowed: what operations have named: hosts, hosts with a port, and networks.
        setting: where they did, for the sentence.

    Raises:
        HostRefused: the host is not named, or resolves to what nothing is sent to.
        OSError: it does not resolve.
    """
    allowed = list(allowed)
    plain = host.strip("[]")
    found = [
        _inner(ip_address(str(entry[4][0]).partition("%")[0]))
        for entry in socket.getaddrinfo(plain, port, type=socket.SOCK_STREAM)
    ]
    networks = {entry for entry in allowed if "/" in entry}
    by_network = bool(found) and all(_is_in_a_network(one, networks) for one in found)
    if not (is_named(host, port, allowed) or by_network):
        raise HostRefused(
            f"{NOT_NAMED}. They name it in {setting} (see the administrator's manual)."
        )
    for one in found:
        is_own = one.is_loopback and not is_named(str(one), port, [*allowed, *_own(plain, allowed)])
        if is_own or any(one in network for network in NEVER if network.version == one.version):
            raise HostRefused(NOT_FIT)
    return sorted(map(str, found), key=lambda address: ":" in address)


def connect(
    host: str, port: int, *, allowed: Iterable[str], setting: str, seconds: float
) -> socket.socket:
    """Return a connection to a host. Raises HostRefused, and OSError if it is not there."""
    *others, last = checked_addresses(host, port, allowed=allowed, setting=setting)
    for address in others:
        with suppress(OSError):
            return socket.create_connection((address, port), seconds)
    return socket.create_connection((last, port), seconds)


def connect_web(
    at: SplitResult, *, allowed: Iterable[str], setting: str, seconds: float
) -> HTTPConnection:
    """Return an open connection to a web address, which follows nothing.

    With https the certificate must be valid for the host's name, whatever address it has.

    Raises:
        HostRefused: operations have not named the host, or the address is none of the web.
        OSError: it is not there, or its certificate is not valid (ssl.SSLCertVerificationError).
    """
    if at.scheme not in {"http", "https"} or not at.hostname or at.username is not None:
        raise HostRefused("A web address starts with http, and has no user name in it.")
    port = at.port or (443 if at.scheme == "https" else 80)
    line = connect(at.hostname, port, allowed=allowed, setting=setting, seconds=seconds)
    if at.scheme == "http":
        connection = HTTPConnection(at.hostname, port, timeout=seconds)
        connection.sock = line
        return connection
    trusted = ssl.create_default_context()
    secure = HTTPSConnection(at.hostname, port, timeout=seconds, context=trusted)
    try:
        secure.sock = trusted.wrap_socket(line, server_hostname=at.hostname)
    except OSError:
        line.close()
        raise
    return secure


def _own(host: str, allowed: Iterable[str]) -> set[str]:
    """Return this machine's own addresses if it was named by the name that means them."""
    own = host.lower() == "localhost" and any(
        entry.lower().partition(":")[0] == "localhost" for entry in allowed
    )
    return {"127.0.0.1", "::1"} if own else set()


def _read(text: str) -> Address | None:
    try:
        return _inner(ip_address(text))
    except ValueError:
        return None


def _inner(address: Address) -> Address:
    """Return the address of IPv4 that one of IPv6 stands for, or else the address itself."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in CARRIER:
            return IPv4Address(int(address) & 0xFFFFFFFF)
        if address.sixtofour:
            return address.sixtofour
    return address


def _is_in_a_network(address: Address, entries: Iterable[str]) -> bool:
    networks = (ip_network(entry, strict=False) for entry in entries if "/" in entry)
    return any(address in one for one in networks if one.version == address.version)
