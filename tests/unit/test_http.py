"""`http.request` against a real server in a thread: what it sends, what it returns, and which error means what."""

import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from connectors.http import HttpConnector
from contracts.errors import AssentError, Forbidden, InvalidInput, StepFailed, TooLarge, Unavailable
from contracts.ports import ConnectorCall

LIMIT = 4096


@dataclass
class Received:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Site:
    """A server whose paths say how it answers; it keeps what it received."""

    port: int
    received: list[Received] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Site

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.site.received.append(Received(self.command, self.path, headers, body))
        kind, _, rest = self.path.partition("?")[0].strip("/").partition("/")
        getattr(self, f"on_{kind}")(rest)

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = answer

    def send(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def on_json(self, rest: str) -> None:
        self.send(201, b'{"id": 7}', content_type="application/json; charset=utf-8", set_cookie="a=b", x_internal="no")

    def on_text(self, rest: str) -> None:
        self.send(200, "fünf\x00".encode(), content_type="text/plain")

    def on_odd(self, rest: str) -> None:
        self.send(200, b'{"a": "\\u0000"}', content_type="application/json")

    def on_size(self, rest: str) -> None:
        self.send(200, b"x" * int(rest))

    def on_status(self, rest: str) -> None:
        self.send(int(rest), b"because of\nthis", retry_after="17")

    def on_redirect(self, rest: str) -> None:
        status, _, location = rest.partition("/")
        self.send(int(status), location=location)

    def on_packed(self, rest: str) -> None:
        self.send(200, b"\x1f\x8b", content_encoding="gzip")

    def on_hang(self, rest: str) -> None:
        self.site.release.wait(30)
        self.close_connection = True

    def on_drop(self, rest: str) -> None:
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        pass


def serve() -> Iterator[Site]:
    site = Site(0)
    handler = type("SiteHandler", (Handler,), {"site": site})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        site.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield site
        site.release.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def site() -> Iterator[Site]:
    yield from serve()


@pytest.fixture
def other_site() -> Iterator[Site]:
    yield from serve()


@pytest.fixture
async def http(site: Site, other_site: Site) -> AsyncIterator[HttpConnector]:
    allowed = [f"127.0.0.1:{site.port}", f"127.0.0.1:{other_site.port}", f"sink.example:{site.port}"]

    async def resolver(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async with HttpConnector(
        allowed_hosts=allowed, max_request_bytes=LIMIT, max_response_bytes=LIMIT, resolver=resolver
    ) as http:
        yield http


def request(**inputs: Any) -> ConnectorCall:
    return ConnectorCall(inputs=inputs, idempotency_key="run-1/ticket/0", timeout_seconds=10)


async def test_json_goes_out_with_the_idempotency_key_and_comes_back_parsed(http: HttpConnector, site: Site) -> None:
    answer = await http.call(
        request(method="post", url=f"{site.url}/json?a=1", query={"b": [2, "x y"], "c": None}, json={"queue": "ü"})
    )
    (received,) = site.received
    assert (received.method, received.path) == ("POST", "/json?a=1&b=2&b=x+y")
    assert json.loads(received.body) == {"queue": "ü"}
    assert received.headers["content-type"] == "application/json"
    assert received.headers["idempotency-key"] == "run-1/ticket/0"
    assert answer["status"] == 201
    assert answer["json"] == {"id": 7}
    assert answer["headers"].keys() == {"content-type", "content-length", "date"}


async def test_json_null_is_a_body_of_its_own(http: HttpConnector, site: Site) -> None:
    await http.call(request(method="PUT", url=f"{site.url}/json", json=None))
    assert site.received[0].body == b"null"


async def test_the_key_of_an_odd_run_id_stays_a_valid_header(http: HttpConnector, site: Site) -> None:
    call = ConnectorCall(inputs={"method": "POST", "url": f"{site.url}/json"}, idempotency_key="rün\r\nX: y/a b/0")
    await http.call(call)
    assert site.received[0].headers["idempotency-key"] == "r%C3%BCn%0D%0AX:%20y/a%20b/0"


async def test_text_goes_out_and_comes_back_in_a_form_that_can_be_stored(http: HttpConnector, site: Site) -> None:
    answer = await http.call(request(method="POST", url=f"{site.url}/text", text="vier"))
    assert site.received[0].body == b"vier"
    assert answer["text"] == "fünf\ufffd"


async def test_a_json_answer_that_cannot_be_stored_comes_back_as_text(http: HttpConnector, site: Site) -> None:
    assert (await http.call(request(url=f"{site.url}/odd")))["text"] == '{"a": "\\u0000"}'


async def test_get_sends_neither_key_nor_body_and_no_cookie_of_an_earlier_answer(
    http: HttpConnector, site: Site
) -> None:
    await http.call(request(url=f"{site.url}/json"))
    await http.call(request(url=f"{site.url}/json", headers={"X-Trace": "1"}))
    assert site.received[1].headers.keys() == {"host", "user-agent", "accept", "accept-encoding", "x-trace"}


async def test_proxies_of_the_environment_are_not_used(
    http: HttpConnector, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    async with HttpConnector(allowed_hosts=[f"127.0.0.1:{site.port}"]) as fresh:
        assert (await fresh.call(request(url=f"{site.url}/json")))["status"] == 201


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
async def test_a_status_that_asks_to_try_again_is_retryable_and_says_how_long(
    http: HttpConnector, site: Site, status: int
) -> None:
    with pytest.raises(Unavailable, match=f"answered {status}: because of this") as caught:
        await http.call(request(url=f"{site.url}/status/{status}"))
    assert "17" in caught.value.hint


@pytest.mark.parametrize("status", [304, 400, 401, 404, 409, 422])
async def test_any_other_status_fails_the_step_for_good(http: HttpConnector, site: Site, status: int) -> None:
    with pytest.raises(StepFailed, match=f"answered {status}"):
        await http.call(request(url=f"{site.url}/status/{status}"))


async def test_a_server_that_hangs_or_drops_the_connection_is_unavailable(http: HttpConnector, site: Site) -> None:
    with pytest.raises(Unavailable, match=r"did not answer within 0\.2 s"):
        await http.call(request(url=f"{site.url}/hang", timeout=0.2))
    with pytest.raises(Unavailable, match="cannot be reached"):
        await http.call(request(method="POST", url=f"{site.url}/drop"))
    assert [received.path for received in site.received] == ["/hang", "/drop"], "nothing is sent twice"


async def test_a_closed_port_is_unavailable(http: HttpConnector) -> None:
    import socket

    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        async with HttpConnector(allowed_hosts=[f"127.0.0.1:{port}"]) as connector:
            with pytest.raises(Unavailable, match="cannot be reached"):
                await connector.call(request(url=f"http://127.0.0.1:{port}/"))


async def test_sizes_are_limited_in_both_directions(http: HttpConnector, site: Site) -> None:
    assert len((await http.call(request(url=f"{site.url}/size/{LIMIT}")))["text"]) == LIMIT
    with pytest.raises(TooLarge, match="answers with more than 4096 bytes"):
        await http.call(request(url=f"{site.url}/size/{LIMIT + 1}"))
    with pytest.raises(TooLarge, match="more than the 4096 that may be sent"):
        await http.call(request(method="POST", url=f"{site.url}/json", text="x" * (LIMIT + 1)))
    assert len(site.received) == 2


async def test_a_compressed_answer_is_refused_unread(http: HttpConnector, site: Site) -> None:
    with pytest.raises(StepFailed, match="compresses"):
        await http.call(request(url=f"{site.url}/packed"))


async def test_a_redirect_keeps_method_body_and_headers_within_the_origin(http: HttpConnector, site: Site) -> None:
    await http.call(request(method="POST", url=f"{site.url}/redirect/307//json", json=1, headers={"X-Key": "k"}))
    assert [(received.method, received.path) for received in site.received] == [
        ("POST", "/redirect/307//json"),
        ("POST", "/json"),
    ]
    assert site.received[1].headers["x-key"] == "k"
    assert site.received[1].body == b"1"


async def test_a_redirect_to_another_origin_takes_no_caller_headers_along(
    http: HttpConnector, site: Site, other_site: Site
) -> None:
    secrets = {"Authorization": "Bearer s", "Cookie": "s", "X-Api-Key": "s"}
    await http.call(
        request(method="POST", url=f"{site.url}/redirect/308/{other_site.url}/json", json=1, headers=secrets)
    )
    (received,) = other_site.received
    assert not received.headers.keys() & {"authorization", "cookie", "x-api-key"}
    assert received.headers["idempotency-key"] == "run-1/ticket/0"


async def test_see_other_becomes_a_get_without_body(http: HttpConnector, site: Site) -> None:
    await http.call(request(method="POST", url=f"{site.url}/redirect/303//json", json=1))
    last = site.received[-1]
    assert (last.method, last.body) == ("GET", b"")
    assert not last.headers.keys() & {"content-type", "idempotency-key", "content-length"}


async def test_redirects_end(http: HttpConnector, site: Site) -> None:
    path = "/redirect/302/" * 5
    with pytest.raises(StepFailed, match="more than 3 redirects"):
        await http.call(request(url=f"{site.url}{path}"))
    assert len(site.received) == 4


@pytest.mark.parametrize("location", ["http://127.0.0.1:1/", "http://[::1]:1/", "http://2130706433:1/"])
async def test_a_redirect_to_a_private_address_is_refused(http: HttpConnector, site: Site, location: str) -> None:
    with pytest.raises(Forbidden, match="not a public address"):
        await http.call(request(url=f"{site.url}/redirect/302/{location}"))


@pytest.mark.parametrize("location", ["file:///etc/passwd", "http://user:pw@host/", "gopher://x/"])
async def test_a_redirect_to_anything_but_a_plain_url_is_refused(
    http: HttpConnector, site: Site, location: str
) -> None:
    with pytest.raises(StepFailed, match="no http or https URL"):
        await http.call(request(url=f"{site.url}/redirect/302/{location}"))


async def test_the_name_is_kept_while_the_checked_address_is_connected_to(http: HttpConnector, site: Site) -> None:
    await http.call(request(url=f"http://sink.example:{site.port}/json"))
    assert site.received[0].headers["host"] == f"sink.example:{site.port}"


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({}, "url: field required"),
        ({"url": "ftp://example.com/"}, "must begin with http"),
        ({"url": "https:///path"}, "name a host"),
        ({"url": "https://example.com:99999/"}, "port must lie between"),
        ({"url": "http://①②⑦.⓪.⓪.①/"}, "not a valid one"),
        ({"url": "https://user:hunter2@example.com/"}, "user name or password"),
        ({"url": "https://example.com/\r\nX: y"}, "not a valid one"),
        ({"url": "https://example.com/", "method": "TRACE"}, "method: should be 'get'"),
        ({"url": "https://example.com/", "headers": {"X": "hunter2\r\nY: z"}}, "line break"),
        ({"url": "https://example.com/", "headers": {"X\r\nY": "hunter2"}}, "name may hold only"),
        ({"url": "https://example.com/", "headers": {"Host": "hunter2"}}, "set by the connector"),
        ({"url": "https://example.com/", "headers": {"Proxy-Authorization": "hunter2"}}, "set by the connector"),
        ({"url": "https://example.com/", "json": 1}, "has no body"),
        ({"url": "https://example.com/", "method": "POST", "json": 1, "text": "hunter2"}, "exclude each other"),
        ({"url": "https://example.com/", "method": "POST", "text": "\ud800"}, "surrogate"),
        ({"url": "https://example.com/", "timeout": 0}, "timeout: should be greater than 0"),
        ({"url": "https://example.com/", "body": "hunter2"}, "body: extra inputs are not permitted"),
    ],
)
async def test_bad_inputs_are_named_and_never_repeated(http: HttpConnector, inputs: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await http.call(request(**inputs))
    assert said in caught.value.message
    assert "hunter2" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize("path", ["status/404", "status/503", "drop", "size/9999", "packed", "redirect/302/file:///x"])
async def test_errors_show_neither_path_nor_query(http: HttpConnector, site: Site, path: str) -> None:
    with pytest.raises(AssentError) as caught:
        await http.call(request(url=f"{site.url}/{path}?token=hunter2", headers={"Authorization": "hunter2"}))
    assert "hunter2" not in caught.value.message + caught.value.hint
    assert path not in caught.value.message
