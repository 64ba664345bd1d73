"""How the client asks: where the token goes, what is asked again, and when it gives up."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from rdma_client import NotSetUp, Refused, Unreachable, Wire, credentials
from rdma_client.wire import as_json

Answer = tuple[int, dict[str, str], bytes]


class Server(HTTPServer):
    """A server that gives prepared answers, and keeps what it was asked."""

    answers: list[Answer]
    asked: list[tuple[str, str, dict[str, str], bytes]]


class Handler(BaseHTTPRequestHandler):
    """Give the next answer; the last one again and again."""

    server: Server

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        self.server.asked.append((self.command, self.path, dict(self.headers), body))
        answers = self.server.answers
        status, headers, content = answers.pop(0) if len(answers) > 1 else answers[0]
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET  # noqa: N815 - http.server finds it by this name

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    servers = []

    def start(*answers: Answer) -> Server:
        server = Server(("127.0.0.1", 0), Handler)
        server.answers, server.asked = list(answers), []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def wire_to(server: Server, pauses: list[float] | None = None) -> Wire:
    noted = [] if pauses is None else pauses
    return Wire(f"http://127.0.0.1:{server.server_port}", "rdma_secret", pause=noted.append)


def problem(status: int, **more: object) -> bytes:
    return json.dumps({"type": "about:blank", "status": status, **more}).encode()


def test_a_post_is_asked_again_under_one_key(serve):
    server = serve((503, {}, b""), (429, {"Retry-After": "7"}, b""), (201, {}, b'{"id": 3}'))
    pauses: list[float] = []

    told = wire_to(server, pauses).ask("POST", "/api/v1/x/", parcel=as_json({"a": 1}))

    keys = {headers["Idempotency-Key"] for _, _, headers, _ in server.asked}
    assert told == {"id": 3}
    assert len(server.asked) == 3
    assert len(keys) == 1
    assert {body for *_, body in server.asked} == {b'{"a": 1}'}
    assert pauses == [0.5, 7.0]


def test_two_posts_have_two_keys(serve):
    server = serve((200, {}, b"{}"))
    wire = wire_to(server)

    wire.ask("POST", "/x/")
    wire.ask("POST", "/x/")

    first, second = (headers["Idempotency-Key"] for _, _, headers, _ in server.asked)
    assert first != second


def test_a_refusal_is_not_asked_again(serve):
    server = serve(
        (400, {}, problem(400, detail="No.", errors=[{"pointer": "#", "detail": "No."}]))
    )

    with pytest.raises(Refused, match=r"No\.") as refused:
        wire_to(server).ask("POST", "/x/")

    assert refused.value.errors == [{"pointer": "#", "detail": "No."}]
    assert len(server.asked) == 1


def test_a_first_attempt_that_is_still_under_way_is_waited_for(serve):
    server = serve((409, {"Retry-After": "2"}, problem(409)), (201, {}, b"{}"))

    wire_to(server).ask("POST", "/x/")

    assert len(server.asked) == 2


def test_a_rule_that_says_no_is_not_waited_for(serve):
    server = serve((409, {}, problem(409, detail="The approval has ended.")))

    with pytest.raises(Refused, match="approval"):
        wire_to(server).ask("POST", "/x/")


def test_a_redirection_takes_the_token_nowhere(serve):
    elsewhere = serve((200, {}, b"{}"))
    target = f"http://127.0.0.1:{elsewhere.server_port}/"
    server = serve((302, {"Location": target}, b""))

    with pytest.raises(Unreachable, match="another address"):
        wire_to(server).ask("GET", "/x/")

    assert elsewhere.asked == []


def test_a_mistake_of_the_portal_is_told_with_its_number(serve):
    server = serve((500, {}, problem(500, instance="urn:uuid:1234")))

    with pytest.raises(Unreachable, match="urn:uuid:1234"):
        wire_to(server).ask("GET", "/x/")


def test_a_portal_that_does_not_answer_is_given_up_after_every_attempt(serve):
    server = serve((200, {}, b""))
    address = f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    pauses: list[float] = []

    with pytest.raises(Unreachable, match="does not answer"):
        Wire(address, "rdma_secret", attempts=3, pause=pauses.append).ask("GET", "/x/")

    assert pauses == [0.5, 1.0]


@pytest.mark.parametrize(
    "address",
    ["", "http://rdma.example.org", "ftp://127.0.0.1", "https://kari:word@rdma.example.org"],
)
def test_a_token_is_not_sent_in_the_clear_or_nowhere(address, monkeypatch):
    monkeypatch.delenv("RDMA_URL", raising=False)

    with pytest.raises(NotSetUp):
        credentials.portal_address(address)


def test_a_token_comes_from_a_file_that_nobody_else_reads(tmp_path, monkeypatch):
    monkeypatch.delenv("RDMA_TOKEN", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    path = tmp_path / "rdma" / "token"
    path.parent.mkdir()
    path.write_text("rdma_secret\n")
    path.chmod(0o640)

    with pytest.raises(NotSetUp, match="Others can read"):
        credentials.token()

    path.chmod(0o600)
    assert credentials.token() == "rdma_secret"


def test_a_token_shows_in_no_text_of_the_client():
    assert "secret" not in repr(Wire("https://rdma.example.org", "rdma_secret"))
