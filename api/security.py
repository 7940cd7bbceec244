"""The outer wall, as ASGI middleware: known hosts, own origin, bounded bodies, and headers that browsers enforce.

Hosts: a page elsewhere can point its own name at 127.0.0.1 (DNS rebinding), so only our names are answered.
Origins: a page elsewhere can post to us with the person's cookie, so requests that change something, and WebSockets,
come from our own pages, or from programs, which send no Origin.
"""

from urllib.parse import SplitResult, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem
from contracts.errors import TooLarge

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)

HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


class OuterWall:
    """Refuses foreign hosts, foreign origins and oversized bodies; adds the security headers."""

    def __init__(self, app: ASGIApp, *, hosts: frozenset[str], max_body_bytes: int) -> None:
        self._app = app
        self._hosts = hosts
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is None:
            await self._app(scope, self._bounded(scope, receive), _with_headers(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 4403, "reason": refusal[2]})
        else:
            await problem(*refusal)(scope, receive, _with_headers(send))

    def _refusal(self, scope: Scope) -> tuple[int, str, str, str] | None:
        """Status, code, message and hint of why this request is not let in."""
        headers = Headers(scope=scope)
        host = headers.get("host", "").lower()
        if _split(f"//{host}").hostname not in self._hosts:
            message = "this server does not go by that name"
            return 421, "misdirected", message, "use the address that `assent up` prints"
        changes = scope["type"] == "websocket" or scope["method"] not in SAFE_METHODS
        origin = headers.get("origin")
        if changes and origin is not None and _split(origin.lower()).netloc != host:
            return 403, "forbidden", "requests from other sites are refused", "open the app under its own address"
        if "\x00" in scope["path"] or b"%00" in scope["query_string"]:
            return 400, "invalid_input", "the address contains a NUL character", "leave it out"
        length = headers.get("content-length", "0")
        if not _is_at_most(length, self._max_body_bytes):
            return 413, TooLarge.code, self._too_large, "send less"
        return None

    @property
    def _too_large(self) -> str:
        return f"the body is larger than {self._max_body_bytes} bytes"

    def _bounded(self, scope: Scope, receive: Receive) -> Receive:
        """Counts a body that did not say its length; whoever reads beyond the limit gets a TooLarge."""
        left = self._max_body_bytes

        async def bounded() -> Message:
            nonlocal left
            message = await receive()
            if message["type"] == "http.request":
                left -= len(message.get("body", b""))
                if left < 0:
                    raise TooLarge(self._too_large, hint="send less")
            return message

        return bounded if scope["type"] == "http" else receive


def _split(url: str) -> SplitResult:
    """The parts of an address; none of one that is not an address."""
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")


def _is_at_most(length: str, limit: int) -> bool:
    return length.isascii() and length.isdigit() and len(length) <= len(str(limit)) and int(length) <= limit


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending
