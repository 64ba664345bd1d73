"""The house connects to hosts that operations have named, and to no others they turn into."""

import socket
import threading
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from projects import outgoing
from projects.outgoing import (
    HostRefused,
    checked_addresses,
    connect,
    connect_web,
    may_be_named,
)


def resolving(monkeypatch, *answers):
    """Let names resolve to these addresses, one answer after the other."""
    given = iter(answers)

    def answer(host, port, **_):
        found = next(given)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    monkeypatch.setattr(outgoing.socket, "getaddrinfo", answer)


def check(host, allowed, port=104):
    return checked_addresses(host, port, allowed=allowed, setting="RDMA_SOME_HOSTS")


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("pacs.example.org", ["pacs.example.org"]),
        ("PACS.example.org", ["pacs.EXAMPLE.org:104"]),
        ("10.20.3.4", ["10.20.0.0/16"]),
        ("pacs.example.org", ["10.20.0.0/16"]),
    ],
)
def test_a_host_that_is_named_is_reached_at_the_address_it_has(monkeypatch, host, allowed):
    resolving(monkeypatch, ["10.20.3.4"])

    assert check(host, allowed) == ["10.20.3.4"]


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("pacs.example.org", []),
        ("pacs.example.org", ["other.example.org"]),
        ("pacs.example.org", ["pacs.example.org:11112"]),
        ("pacs.example.org.evil.example", ["pacs.example.org"]),
        ("10.21.3.4", ["10.20.0.0/16"]),
    ],
)
def test_a_host_that_is_not_named_is_refused_with_the_name_of_the_setting(
    monkeypatch, host, allowed
):
    resolving(monkeypatch, ["10.21.3.4"])

    with pytest.raises(HostRefused, match="RDMA_SOME_HOSTS") as refused:
        check(host, allowed)

    assert host not in str(refused.value)


@pytest.mark.parametrize(
    "address",
    [
        *("169.254.169.254", "127.0.0.1", "127.9.9.9", "0.0.0.0", "::1", "fe80::1", "::"),
        *("fd00:ec2::254", "224.0.0.1", "255.255.255.255", "::ffff:127.0.0.1"),
        *("::ffff:169.254.169.254", "64:ff9b::169.254.169.254", "2002:a9fe:a9fe::1"),
    ],
)
def test_a_named_host_that_turns_into_such_an_address_is_refused(monkeypatch, address):
    resolving(monkeypatch, [address])

    with pytest.raises(HostRefused):
        check("pacs.example.org", ["pacs.example.org"])


def test_one_bad_address_among_good_ones_is_enough(monkeypatch):
    resolving(monkeypatch, ["10.20.3.4", "169.254.169.254"])

    with pytest.raises(HostRefused):
        check("pacs.example.org", ["pacs.example.org"])


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_this_machine_is_reached_where_operations_have_named_it(host):
    assert check(host, ["127.0.0.1", "localhost", "::1"])


def test_a_name_server_that_changes_its_answer_changes_nothing(monkeypatch):
    resolving(monkeypatch, ["10.20.3.4"], ["127.0.0.1"])
    asked = []
    monkeypatch.setattr(outgoing.socket, "create_connection", lambda at, _: asked.append(at))

    connect("pacs.example.org", 104, allowed=["pacs.example.org"], setting="X", seconds=1)

    assert asked == [("10.20.3.4", 104)]


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "ftp://127.0.0.1/", "http://user:word@127.0.0.1/", "http:///"]
)
def test_only_plain_web_addresses_are_opened(address):
    with pytest.raises(HostRefused):
        connect_web(urlsplit(address), allowed=["127.0.0.1"], setting="X", seconds=1)


def test_a_redirect_is_an_answer_and_is_not_followed():
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
        answer = (
            b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
        )

        def serve():
            line, _ = server.accept()
            line.recv(4096)
            line.sendall(answer)
            line.close()

        thread = threading.Thread(target=serve)
        thread.start()
        at = urlsplit(f"http://127.0.0.1:{port}")
        with closing(connect_web(at, allowed=["127.0.0.1"], setting="X", seconds=5)) as line:
            line.request("GET", "/", headers={"Connection": "close"})
            status = line.getresponse().status
        thread.join()

    assert status == 302


@pytest.mark.parametrize(
    ("host", "allowed", "expected"),
    [
        ("pacs.example.org", ["pacs.example.org"], True),
        ("pacs.example.org", ["other.example.org"], False),
        ("pacs.example.org", ["10.20.0.0/16"], True),  # what it resolves to is seen later
        ("10.21.0.1", ["10.20.0.0/16"], False),
        ("pacs.example.org/path", ["10.20.0.0/16"], False),
        ("user@pacs.example.org", ["10.20.0.0/16"], False),
        ("", ["10.20.0.0/16"], False),
    ],
)
def test_what_is_typed_is_refused_before_it_is_kept(host, allowed, expected):
    assert may_be_named(host, 104, allowed) is expected
