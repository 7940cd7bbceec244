"""The connector `http.request`: one HTTP request, sent at most once by each call.

    inputs  {method, url, headers?, query?, json? | text?, timeout?}      (`connectors.http_request` checks them)
    output  {status, headers, json | text}                                for every 2xx answer

It talks through a pool of `httpcore`, the network layer of httpx, directly: so there are no ambient proxies, cookies,
credentials files or automatic redirects to be switched off, and `connectors.netguard` sees every connection. Calls
other than GET and HEAD carry an `Idempotency-Key` that stays the same however often the step is tried.
"""

import asyncio
import ssl
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from types import TracebackType
from typing import Any, NoReturn

import httpcore
import orjson

from connectors.http_request import BODILESS, Outgoing, follow, parse_inputs, prepare
from connectors.netguard import GuardedBackend, Resolver, resolve
from contracts.errors import InvalidInput, StepFailed, TooLarge, Unavailable
from contracts.ports import ConnectorCall
from contracts.values import check_storable

MAX_REDIRECTS = 3
REDIRECTS = (301, 302, 303, 307, 308)
RETRYABLE = (408, 425, 429)
CONNECT_SECONDS = 10.0
MAX_BYTES = 1_048_576
QUOTED_CHARACTERS = 200
"""How much of a refusal's body its error message repeats."""

REPORTED_HEADERS = ("content-type", "content-length", "date", "etag", "last-modified", "location", "x-request-id")


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text that can be stored."""
        return self.body.decode("utf-8", "replace").replace("\x00", "\ufffd")


class HttpConnector:
    """Implements `contracts.ports.Connector`. One pool for all calls; close it with `aclose` or `async with`.

    `allowed_hosts` are `host:port` pairs that may be reached although their addresses are not public.
    """

    name = "http.request"

    def __init__(
        self,
        *,
        allowed_hosts: Collection[str] = (),
        max_request_bytes: int = MAX_BYTES,
        max_response_bytes: int = MAX_BYTES,
        resolver: Resolver = resolve,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._max_request_bytes = max_request_bytes
        self._max_response_bytes = max_response_bytes
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl_context or public_tls(),
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=5.0,
            retries=0,
            network_backend=GuardedBackend(allowed_hosts, resolver),
        )

    async def __aenter__(self) -> "HttpConnector":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the pool's connections."""
        await self._pool.aclose()

    async def call(self, call: ConnectorCall) -> dict[str, Any]:
        """Send the request and follow at most 3 redirects, each under the same rules.

        Raises:
            InvalidInput: the inputs are wrong.
            Forbidden: an address is not public and not allowed.
            TooLarge: the request or the answer is larger than allowed.
            StepFailed: the answer says that trying again cannot help.
            Unavailable: no answer, or one that asks to try again (408, 425, 429, 5xx).
        """
        inputs = parse_inputs(call.inputs)
        request = prepare(inputs, call.idempotency_key, self._max_request_bytes)
        seconds = min(inputs.timeout, call.timeout_seconds)
        try:
            async with asyncio.timeout(seconds):
                return await self._exchange(request, seconds)
        except (TimeoutError, httpcore.TimeoutException):
            raise Unavailable(f"{request.origin} did not answer within {seconds:g} s", hint="try again later") from None

    async def _exchange(self, request: Outgoing, seconds: float) -> dict[str, Any]:
        for _ in range(MAX_REDIRECTS + 1):
            answer = await self._send(request, seconds)
            if answer.status not in REDIRECTS or "location" not in answer.headers:
                return output(request, answer)
            request = follow(request, answer.status, answer.headers["location"])
        raise StepFailed(f"{request.origin}: more than {MAX_REDIRECTS} redirects", hint="give the final URL")

    async def _send(self, request: Outgoing, seconds: float) -> Answer:
        timeout = {"connect": min(CONNECT_SECONDS, seconds), "read": seconds, "write": seconds, "pool": seconds}
        try:
            async with self._pool.stream(
                request.method,
                target(request),
                headers=list(request.headers.items()),
                content=request.body if request.method not in BODILESS else None,
                extensions={"timeout": timeout},
            ) as response:
                return await self._read(request, response)
        except httpcore.LocalProtocolError:
            raise InvalidInput(f"the request to {request.origin} is not valid HTTP") from None
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            reason = str(error) if isinstance(error, httpcore.ConnectError) else type(error).__name__
            raise Unavailable(f"{request.origin} cannot be reached: {reason}", hint="try again later") from None

    async def _read(self, request: Outgoing, response: httpcore.Response) -> Answer:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        if headers.get("content-encoding", "identity").lower() != "identity":
            raise StepFailed(f"{request.origin} compresses its answer although it was asked not to")
        body = bytearray()
        async for chunk in response.aiter_stream():
            body += chunk
            if len(body) > self._max_response_bytes:
                raise TooLarge(
                    f"{request.origin} answers with more than {self._max_response_bytes} bytes",
                    hint="ask for less, or raise HTTP_MAX_RESPONSE_BYTES",
                )
        return Answer(response.status, headers, bytes(body))


@cache
def public_tls() -> ssl.SSLContext:
    """Trusts the public certificate authorities. Reading them takes 0.1 s, so that it is done once."""
    return httpcore.default_ssl_context()


def target(request: Outgoing) -> httpcore.URL:
    url = request.url
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


def output(request: Outgoing, answer: Answer) -> dict[str, Any]:
    """What a step gets of a 2xx answer; other answers raise."""
    if not 200 <= answer.status < 300:
        refuse(request, answer)
    headers = {name: answer.headers[name] for name in REPORTED_HEADERS if name in answer.headers}
    return {"status": answer.status, "headers": headers} | content(answer)


def content(answer: Answer) -> dict[str, Any]:
    """`{"json": ...}` where the answer says so and can be stored, else `{"text": ...}`."""
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json" or kind.endswith("+json"):
        try:
            value = orjson.loads(answer.body)
            check_storable(value)
        except (orjson.JSONDecodeError, InvalidInput):
            # The effect has happened, so an odd answer must not fail the step.
            return {"text": answer.text}
        return {"json": value}
    return {"text": answer.text}


def refuse(request: Outgoing, answer: Answer) -> NoReturn:
    """Raise what an answer other than 2xx means."""
    said = " ".join(answer.text[:QUOTED_CHARACTERS].split())
    message = f"{request.method} {request.origin} answered {answer.status}" + (f": {said}" if said else "")
    if answer.status in RETRYABLE or answer.status >= 500:
        wait = answer.headers.get("retry-after", "")[:40]
        hint = f"it asks to wait: Retry-After {wait}" if wait else "try again later"
        raise Unavailable(message, hint=hint)
    raise StepFailed(message, hint="check the request; trying the same again cannot help")
