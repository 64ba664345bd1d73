"""A log server gets every event in the form of RFC 5424, also what it missed while it was away."""

import json
import re
import socket
from contextlib import contextmanager
from threading import Thread

import pytest

from projects.auditing.relaying import relay_audit
from projects.auditing.syslog import LogServer
from projects.chain.sealing import seal_audit
from projects.models import AuditEvent, AuditRelay
from tests.factories import ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db

HEAD = re.compile(r"<(1[01][08])>1 \d{4}-\d\d-\d\dT[\d:.]+\+00:00 \S+ rdma - (\w+) - (\{.*\})")


class Listener:
    """A log server on a stream: it keeps what it is told, and can hang up."""

    def __init__(self):
        self.heard = b""
        self.sock = socket.create_server(("127.0.0.1", 0))
        self.server = LogServer("tcp", "127.0.0.1", self.sock.getsockname()[1])
        self.thread = Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self):
        while True:
            try:
                wire, _ = self.sock.accept()
            except OSError:
                return
            with wire:
                while part := wire.recv(65536):
                    self.heard += part

    def close(self):
        self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()
        self.thread.join(10)

    @property
    def messages(self):
        """What was heard, by the length that stands before each message."""
        rest, found = self.heard, []
        while rest:
            length, _, rest = rest.partition(b" ")
            found.append(rest[: int(length)].decode())
            rest = rest[int(length) :]
        return found


@pytest.fixture
def bicam():
    return ProjectFactory(acronym="BICAM")


@pytest.fixture
def kari():
    return UserFactory(first_name="Kåre", last_name="Moen")


def test_nothing_is_sent_where_there_is_no_log_server(kari, bicam):
    AuditEvent.record(kari, "looked", bicam)
    seal_audit()

    assert relay_audit() == 0
    assert not AuditRelay.objects.exists()


def test_a_new_server_gets_what_is_sealed_from_now_on_once(settings, kari, bicam):
    AuditEvent.record(kari, "looked", bicam)
    seal_audit()
    listener = Listener()
    settings.AUDIT_SYSLOG = listener.server
    assert relay_audit() == 0
    AuditEvent.record(kari, "released", bicam, instances=3)
    AuditEvent.record(None, "sign_in_failed", type(kari)())
    seal_audit()

    sent = [relay_audit(), relay_audit()]
    listener.close()

    assert sent == [2, 0]
    heads = [HEAD.fullmatch(message) for message in listener.messages]
    assert [(head[1], head[2]) for head in heads] == [
        ("110", "released"),
        ("108", "sign_in_failed"),
    ]
    told = json.loads(heads[0][3])
    assert (told["who"], told["what"]) == ("Kåre Moen", "released 3 instances of BICAM")


def test_a_server_that_was_away_gets_what_it_missed(settings, kari, bicam):
    listener = Listener()
    settings.AUDIT_SYSLOG = listener.server
    relay_audit()
    listener.close()
    for _ in range(3):
        AuditEvent.record(kari, "looked", bicam)
        seal_audit()

    missed = relay_audit()
    relay = AuditRelay.objects.get()
    said = relay.problem
    with _listening_again(listener):
        sent = relay_audit()

    assert (missed, sent) == (0, 3)
    assert said == "The log server cannot be reached (ConnectionRefusedError)."
    relay.refresh_from_db()
    assert (relay.problem, relay.through_seal, relay.lease_until) == ("", 3, None)


def test_two_workers_do_not_send_at_the_same_moment(settings, kari, bicam):
    listener = Listener()
    settings.AUDIT_SYSLOG = listener.server
    relay_audit()
    AuditEvent.record(kari, "looked", bicam)
    seal_audit()
    from django.utils import timezone

    from projects.auditing.relaying import LEASE

    AuditRelay.objects.update(lease_until=timezone.now() + LEASE)
    held = relay_audit()
    AuditRelay.objects.update(lease_until=timezone.now())
    sent = relay_audit()
    listener.close()

    assert (held, sent) == (0, 1)


def test_a_datagram_holds_one_message(settings, kari, bicam, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(tmp_path / "log"))
        server.settimeout(10)
        settings.AUDIT_SYSLOG = LogServer("unix", str(tmp_path / "log"), 0)
        relay_audit()
        AuditEvent.record(kari, "looked", bicam)
        seal_audit()
        relay_audit()
        assert HEAD.fullmatch(server.recv(4096).decode())[2] == "looked"

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        settings.AUDIT_SYSLOG = LogServer("udp", "127.0.0.1", server.getsockname()[1])
        relay_audit()
        AuditEvent.record(kari, "looked", bicam)
        seal_audit()
        relay_audit()
        assert HEAD.fullmatch(server.recv(4096).decode())[2] == "looked"


@contextmanager
def _listening_again(listener):
    """The same address, with somebody there again."""
    sock = socket.create_server((listener.server.host, listener.server.port))
    taker = Thread(target=lambda: _take(sock), daemon=True)
    taker.start()
    yield
    taker.join(10)
    sock.close()


def _take(sock):
    wire, _ = sock.accept()
    with wire:
        while wire.recv(65536):
            pass
