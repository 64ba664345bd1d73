"""Sending a package to an SFTP server: known by its key, written beside, read back, renamed.

The name beside carries the sum of the package, so that what is continued is a part of these very
bytes. Nothing that is there under the package's own name is ever written over.

Source: draft-ietf-secsh-filexfer-02 (SFTP version 3, as OpenSSH speaks it); RFC 4253 section 8
(host keys).
"""

import base64
import errno
import hmac
import io
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

from django.conf import settings

from exports.delivering.shipment import CHUNK, Shipment
from exports.models import PackageDestination
from exports.states import DeliveryProof
from projects.outgoing import HostRefused, connect
from transfers.errors import Away, TransferError

CONNECT_SECONDS = 15
ANSWER_SECONDS = 60
AHEAD = 64  # requests under way while reading back
# The signatures that a key of one type makes, the strongest first (RFC 8332).
SIGNATURES = {"ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256")}


def send(shipment: Shipment) -> DeliveryProof:
    """Send the file; return how the server was found to have it. Raises Away, TransferError."""
    with _session(shipment.destination) as files:
        try:
            return _send(files, shipment)
        except (EOFError, OSError) as error:
            raise _said(error) from error


def _send(files: Any, shipment: Shipment) -> DeliveryProof:
    package = shipment.package
    folder = shipment.destination.place.rstrip("/")
    final = f"{folder}/{package.file_name}" if folder else package.file_name
    beside = f"{final}.{package.sha256[:16]}.part"
    there = _size(files, final)
    if there is not None:
        return _prove_finished(files, final, there, shipment)
    _write(files, beside, shipment)
    written = _size(files, beside)
    if written != package.size:
        raise Away("The server has not kept all that was written; it goes on with the rest.")
    proof = DeliveryProof.SIZE
    if shipment.destination.reads_back:
        if not shipment.is_same(_read(files, beside, package.size)):
            files.remove(beside)
            raise TransferError("What the server gave back is not what was sent. It was deleted.")
        proof = DeliveryProof.READ_BACK
    files.rename(beside, final)
    return proof


def _prove_finished(files: Any, final: str, there: int, shipment: Shipment) -> DeliveryProof:
    """Confirm what stands under the package's own name, as after a worker that was killed."""
    is_same = there == shipment.package.size and shipment.is_same(_read(files, final, there))
    if not is_same:
        raise TransferError(
            "Another file of this name is on the server. Nothing was written over it: have it "
            "moved away, and send the package again."
        )
    return DeliveryProof.READ_BACK


def _write(files: Any, beside: str, shipment: Shipment) -> None:
    start = _size(files, beside) or 0
    if start > shipment.package.size:
        files.remove(beside)
        start = 0
    with files.open(beside, "r+b" if start else "wb") as file:
        file.set_pipelined(True)
        file.seek(start)
        shipment.came_to(start)
        done = start
        for piece in shipment.pieces(start):
            file.write(piece)
            done += len(piece)
            if done < shipment.package.size:
                shipment.came_to(done)
    shipment.came_to(done)


def _read(files: Any, path: str, size: int) -> Iterator[bytes]:
    with files.open(path, "rb") as file:
        file.prefetch(size, AHEAD)
        while piece := file.read(CHUNK):
            yield piece


def _size(files: Any, path: str) -> int | None:
    """Return a file's size there; None if there is none."""
    try:
        size: int = files.stat(path).st_size
    except FileNotFoundError:
        return None
    return size


@contextmanager
def _session(destination: PackageDestination) -> Iterator[Any]:
    """Open a session with the server that has the pinned key, and with no other."""
    import paramiko  # an extra, and heavy: only where it is used

    kind, pinned = read_host_key(destination.host_key)
    try:
        line = connect(
            destination.host,
            destination.port or 22,
            allowed=settings.DELIVERY_HOSTS,
            setting="RDMA_DELIVERY_HOSTS",
            seconds=CONNECT_SECONDS,
        )
    except HostRefused as error:
        raise TransferError(str(error)) from error
    except OSError as error:
        raise Away(f"{destination} cannot be reached.") from error
    transport = paramiko.Transport(line)
    try:
        transport.banner_timeout = transport.auth_timeout = ANSWER_SECONDS
        transport.get_security_options().key_types = SIGNATURES.get(kind, (kind,))
        _greet(transport, destination, pinned)
        files: Any = paramiko.SFTPClient.from_transport(transport)
        if files is None:
            raise Away(f"{destination} opened no session.")
        files.get_channel().settimeout(ANSWER_SECONDS)
        yield files
    except paramiko.SSHException as error:
        raise Away(f"{destination} broke off the session.") from error
    finally:
        transport.close()
        line.close()


def _greet(transport: Any, destination: PackageDestination, pinned: bytes) -> None:
    """See that the server has the pinned key, and only then say who we are."""
    import paramiko

    other = TransferError(
        f"{destination} shows another key than the one it is known by. Nothing was sent: ask its "
        "administrator whether the key was changed."
    )
    try:
        transport.start_client(timeout=ANSWER_SECONDS)
    except paramiko.ssh_exception.IncompatiblePeer as error:
        raise other from error
    except (paramiko.SSHException, EOFError, OSError) as error:
        raise Away(f"{destination} broke off the greeting.") from error
    if not hmac.compare_digest(transport.get_remote_server_key().asbytes(), pinned):
        raise other
    secret = destination.secret
    try:
        if secret.lstrip().startswith("-----BEGIN"):
            transport.auth_publickey(destination.account, read_private_key(secret))
        else:
            transport.auth_password(destination.account, secret, fallback=False)
    except paramiko.AuthenticationException as error:
        raise TransferError(f"{destination} does not let this account in.") from error
    except EOFError as error:
        raise Away(f"{destination} broke off the greeting.") from error


def read_host_key(line: str) -> tuple[str, bytes]:
    """Return the type of a public key and its bytes. Raises TransferError if it is none.

    Takes what ssh-keyscan prints (host, type, key) and what stands in a `.pub` file.
    """
    words = line.split()
    for kind, key in pairwise(words):
        if kind.startswith(("ssh-", "ecdsa-")):
            try:
                decoded = base64.b64decode(key, validate=True)
            except ValueError:
                break
            if decoded[4 : 4 + len(kind)] == kind.encode():
                return kind, decoded
    raise TransferError("This is no public key of an SSH server.")


def read_private_key(text: str) -> Any:
    """Return a private key from its text. Raises TransferError if no kind of key reads it."""
    import paramiko

    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key(io.StringIO(text.strip() + "\n"))
        except (paramiko.SSHException, ValueError, IndexError):
            continue
    raise TransferError("The private key cannot be read, or is protected by a password.")


def _said(error: Exception) -> TransferError:
    """Return what an error of the session means: another try, or a person."""
    code = getattr(error, "errno", None)
    if code == errno.ENOENT:
        return TransferError("The folder is not on the server.")
    if code == errno.EACCES:
        return TransferError("The server does not let this account write into the folder.")
    return Away("The server broke off, or has no room left.")
