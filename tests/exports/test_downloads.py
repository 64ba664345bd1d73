"""The file of a package as a real server sends it: whole, in ranges, by HEAD, or left to nginx."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

from exports.actions.deliveries import revoke_package
from exports.models import Download, Package
from projects.models import AuditEvent
from projects.roles import Role
from tests.exports.ready import noise, ready_package
from tests.factories import ProjectFactory, UserFactory
from tests.tokens import bearer

CONTENT = noise(3_000_001)


@pytest.fixture
def package(transactional_db) -> Package:
    owner = UserFactory(username="kari")
    project = ProjectFactory(acronym="BICAM", members={owner: Role.OWNER})
    return ready_package(project, owner, CONTENT)


@pytest.fixture
def line(portal: str) -> Iterator[HTTPConnection]:
    """One connection for all requests: what a server sends too much would be the next answer."""
    line = HTTPConnection(portal.removeprefix("http://"), timeout=30)
    yield line
    line.close()


def ask(line: HTTPConnection, package: Package, method: str = "GET", **headers: str):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    address = f"/api/v1/exports/{package.pk}/download/"
    line.request(method, address, headers=bearer(package.requested_by) | named)
    answer = line.getresponse()
    return answer.status, answer.headers, answer.read()


def test_gunicorn_sends_exactly_what_is_asked_for_until_it_is_taken_back(package, line):
    whole = ask(line, package)
    head = ask(line, package, "HEAD")
    etag = whole[1]["ETag"]
    middle = ask(line, package, Range="bytes=1000000-1999999", If_Range=etag)
    end = ask(line, package, Range="bytes=2000000-")
    changed = ask(line, package, Range="bytes=2000000-", If_Range='"another"')
    beyond = ask(line, package, Range="bytes=3000001-")
    no_such_bytes = ask(line, package, "HEAD", Range="bytes=3000001-")
    revoke_package(by=package.requested_by, package=package)
    after = ask(line, package, Range="bytes=0-9")

    assert (whole[0], whole[2]) == (200, CONTENT)
    assert (head[0], head[2], head[1]["Content-Length"]) == (200, b"", str(len(CONTENT)))
    assert (middle[0], middle[2]) == (206, CONTENT[1_000_000:2_000_000])
    assert middle[1]["Content-Range"] == f"bytes 1000000-1999999/{len(CONTENT)}"
    assert (end[0], end[2]) == (206, CONTENT[2_000_000:])
    assert (changed[0], changed[2]) == (200, CONTENT)
    assert (beyond[0], beyond[1]["Content-Range"]) == (416, f"bytes */{len(CONTENT)}")
    assert json.loads(beyond[2])["detail"] == "The file has no such bytes."
    assert (no_such_bytes[0], no_such_bytes[2]) == (416, b"")
    assert after[0] == 404
    count = Download.objects.get()
    assert (count.person, count.started_count, count.continued_count) == (
        package.requested_by,
        2,
        2,
    )
    starts = AuditEvent.objects.about(package).filter(verb="downloaded").order_by("pk")
    assert [event.facts["start"] for event in starts] == [0, 1_000_000, 2_000_000, 0]


def test_web_server_in_front_is_told_the_file_and_the_client_never_is(package, client, settings):
    settings.ACCEL_PREFIX = "/packages-inside"
    client.force_login(package.requested_by)

    answer = client.get(f"/exports/BICAM/{package.pk}/download/", headers={"range": "bytes=5-"})

    assert answer["X-Accel-Redirect"] == f"/packages-inside/{package.key}"
    assert answer.content == b""
    assert package.file_name in answer["Content-Disposition"]
    assert Download.objects.get().continued_count == 1
    settings.ACCEL_PREFIX = ""
    plain = client.get(f"/exports/BICAM/{package.pk}/download/")
    assert "X-Accel-Redirect" not in plain
    assert b"".join(plain.streaming_content) == CONTENT
