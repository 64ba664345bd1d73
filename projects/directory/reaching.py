"""Reaching a server of the directory: its name, its port, its certificate, in sentences.

Python's own TLS looks at the certificate here, because libldap says no more than "connect error"
whether the authority, the host name or the date is wrong.
"""

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from projects.directory.configuration import Configuration, parts

START_TLS = bytes.fromhex("301d02010177188016") + b"1.3.6.1.4.1.1466.20037"  # RFC 4511, 4.14
# OpenSSL's numbers of what is wrong with a certificate (X509_V_ERR_…).
NOT_YET, EXPIRED = {9}, {10}
UNKNOWN_AUTHORITY = {2, 7, 18, 19, 20, 21, 24}
OTHER_NAME = {62, 63, 64}


class Step(NamedTuple):
    """One step of the way, and whether it can be gone."""

    is_well: bool
    sentence: str


def reach(configuration: Configuration, server: str) -> Iterator[Step]:
    """Reach one server: its name, its port, its certificate."""
    _, host, port = parts(server)
    try:
        addresses = {one[4][0] for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except OSError:
        yield Step(False, f"The name {host} is not known: see LDAP_URI and this machine's DNS.")
        return
    yield Step(True, f"{host} is at {', '.join(sorted(map(str, addresses)))}.")
    try:
        connection = socket.create_connection((host, port), timeout=configuration.seconds)
    except OSError as error:
        yield Step(
            False,
            f"Nobody answers at {host}, port {port} ({error.strerror or type(error).__name__}): is "
            "the server running, and does a firewall let this machine through?",
        )
        return
    with connection:
        yield Step(True, f"Port {port} answers.")
        if not configuration.speaks_in_clear:
            yield _tls(configuration, connection, server, host)


def _tls(configuration: Configuration, connection: socket.socket, server: str, host: str) -> Step:
    """Make the connection safe, and say which of three things is wrong with a certificate."""
    try:
        if configuration.starts_tls_at(server):
            connection.sendall(START_TLS)
            if not _is_success(connection.recv(4096)):
                return Step(
                    False,
                    "The server does not offer StartTLS: give it a certificate, or write ldaps://.",
                )
        context = ssl.create_default_context(cafile=configuration.ca_file)
        with context.wrap_socket(connection, server_hostname=host) as safe:
            until = _last_day(safe)
            return Step(True, f"{safe.version()}; the certificate is good until {until}.")
    except ssl.SSLCertVerificationError as error:
        return Step(False, _wrong_certificate(error, host))
    except (ssl.SSLError, OSError) as error:
        return Step(
            False,
            f"TLS does not come about ({type(error).__name__}): does the server speak it at this "
            "port? ldaps:// has 636, StartTLS has 389.",
        )


def _is_success(answer: bytes) -> bool:
    """Tell whether an ExtendedResponse says resultCode success (RFC 4511, 4.12)."""
    start = answer.find(b"\x0a\x01")
    return b"\x78" in answer[:16] and start >= 0 and answer[start + 2 : start + 3] == b"\x00"


def _last_day(safe: ssl.SSLSocket) -> str:
    certificate = safe.getpeercert() or {}
    seconds = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
    return f"{datetime.fromtimestamp(seconds, tz=UTC):%Y-%m-%d}"


def _wrong_certificate(error: ssl.SSLCertVerificationError, host: str) -> str:
    if error.verify_code in EXPIRED:
        return "The date: the server's certificate has expired. Have it renewed."
    if error.verify_code in NOT_YET:
        return "The date: the server's certificate is not valid yet. Is this machine's clock right?"
    if error.verify_code in OTHER_NAME:
        return (
            f"The host name: the certificate is not made out for {host}. Write the name that "
            "stands in it into LDAP_URI, or have a certificate made for this one."
        )
    if error.verify_code in UNKNOWN_AUTHORITY:
        return (
            "The authority: nobody in LDAP_CA_BUNDLE has signed the server's certificate. Put the "
            "certificate of the hospital's own authority into that file."
        )
    return f"The server's certificate is refused ({error.verify_message})."
