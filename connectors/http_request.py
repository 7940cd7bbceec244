"""What `http.request` sends: its inputs, checked and turned into bytes. Nothing here touches the network.

`parse_inputs` -> `HttpInputs` -> `prepare` -> `Outgoing`; `follow` gives the request that a redirect asks for.
"""

import re
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal
from urllib.parse import quote

import httpx
import orjson
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from connectors.netguard import host_and_port
from contracts.errors import InvalidInput, StepFailed, TooLarge

Scalar = str | int | float | bool

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
PRINTABLE = re.compile(r"[\t\x20-\x7e]{0,8192}")
BODILESS = ("GET", "HEAD")

OWNED_HEADERS = frozenset(
    (
        "accept-encoding", "connection", "content-length", "host", "idempotency-key", "keep-alive", "te", "trailer",
        "transfer-encoding", "upgrade",
    )
)  # fmt: skip
"""Headers that decide how a message is framed, routed or counted; the connector alone sets them."""

KEPT_ACROSS_ORIGINS = frozenset(("accept", "accept-encoding", "content-type", "idempotency-key", "user-agent"))
"""All that follows a redirect to another origin: any other header may hold a secret meant for the first one."""


OF_EFFECTS = ("content-type", "idempotency-key")
"""Headers that a request without body and effect does not need."""


def check_header(name: str, value: str) -> None:
    if not TOKEN.fullmatch(name):
        raise ValueError("a header's name may hold only letters, digits and !#$%&'*+-.^_`|~")
    if name.lower() in OWNED_HEADERS or name.lower().startswith("proxy-"):
        raise ValueError(f"the header {name} is set by the connector and cannot be given")
    if not PRINTABLE.fullmatch(value):
        raise ValueError(f"the header {name} holds a line break, a control or a non-ASCII character, or is too long")


def check_headers(headers: dict[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        check_header(name, value)
    return headers


def upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


class HttpInputs(BaseModel):
    """The inputs of `http.request`."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=False, allow_inf_nan=False)

    method: Annotated[Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"], BeforeValidator(upper)] = "GET"
    url: str
    headers: Annotated[dict[str, str], AfterValidator(check_headers)] = Field(default_factory=dict, max_length=64)
    query: dict[str, Scalar | list[Scalar] | None] = Field(default_factory=dict)
    body: Any = Field(default=None, alias="json")
    text: str | None = None
    timeout: float = Field(default=30.0, gt=0, le=300)

    @property
    def has_json(self) -> bool:
        return "body" in self.model_fields_set


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One request as it goes out. `url` has no user information and no fragment."""

    method: str
    url: httpx.URL
    headers: dict[str, str]
    body: bytes

    @property
    def origin(self) -> str:
        """Scheme, host and port: all that messages show of a URL; the rest may hold a secret."""
        return f"{self.url.scheme}://{self.url.netloc.decode()}"


def parse_inputs(inputs: dict[str, Any]) -> HttpInputs:
    """Check the inputs.

    Raises:
        InvalidInput: naming every input that is wrong, never its value.
    """
    try:
        parsed = HttpInputs.model_validate(inputs)
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, item['loc'][:2]))}: {_said(item['msg'])}" for item in error.errors()]
        raise InvalidInput("http.request: " + "; ".join(dict.fromkeys(problems))) from None
    if parsed.has_json and parsed.text is not None:
        raise InvalidInput("http.request: json and text exclude each other")
    if parsed.method in BODILESS and (parsed.has_json or parsed.text is not None):
        raise InvalidInput(f"http.request: a {parsed.method} request has no body, so give neither json nor text")
    return parsed


def prepare(inputs: HttpInputs, idempotency_key: str, max_bytes: int) -> Outgoing:
    """The first request to send.

    Raises:
        InvalidInput: the URL or the body cannot be sent.
        TooLarge: the body is larger than `max_bytes`.
    """
    url = parse_url(inputs.url)
    query = {name: value for name, value in inputs.query.items() if value is not None}
    if query:
        url = url.copy_merge_params(query)
    headers = {"user-agent": "assent", "accept": "application/json, text/plain;q=0.9, */*;q=0.5"}
    body, kind = _body(inputs)
    if len(body) > max_bytes:
        raise TooLarge(f"http.request: the body has {len(body)} bytes, more than the {max_bytes} that may be sent")
    if kind:
        headers["content-type"] = kind
    headers |= {name.lower(): value for name, value in inputs.headers.items()}
    # Compressed answers could be small on the wire and endless in memory.
    headers["accept-encoding"] = "identity"
    if inputs.method not in BODILESS:
        headers["idempotency-key"] = quote(idempotency_key, safe="!#$&'()*+,/:;=?@[]-._~")
    return Outgoing(inputs.method, url, headers, body)


def parse_url(text: str) -> httpx.URL:
    """An http or https URL with a host, without user information.

    Raises:
        InvalidInput: saying what is wrong, without repeating the URL.
    """
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError):
        raise InvalidInput("http.request: the url is not a valid one", hint="https://host/path") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise InvalidInput("http.request: the url must begin with http:// or https:// and name a host")
    if url.userinfo:
        raise InvalidInput("http.request: the url must not hold a user name or password", hint="use a header")
    if url.port is not None and not 0 < url.port < 65536:
        raise InvalidInput("http.request: the url's port must lie between 1 and 65535")
    return url.copy_with(fragment=None)


def follow(request: Outgoing, status: int, location: str) -> Outgoing:
    """The request that a redirect asks for, by the rules of the Fetch standard; other origins get no caller's headers.

    Raises:
        StepFailed: the redirect leads from https to http, or nowhere.
    """
    try:
        url = parse_url(str(request.url.join(location)))
    except (InvalidInput, httpx.InvalidURL, ValueError):
        raise StepFailed(f"{request.origin} redirects to something that is no http or https URL") from None
    if request.url.scheme == "https" and url.scheme == "http":
        raise StepFailed(f"{request.origin} redirects from https to http, which would expose the request")
    target = replace(request, url=url)
    if status == 303 or (status in (301, 302) and request.method == "POST"):
        headers = {name: value for name, value in request.headers.items() if name not in OF_EFFECTS}
        target = replace(target, method="HEAD" if request.method == "HEAD" else "GET", body=b"", headers=headers)
    if _origin(url) != _origin(request.url):
        kept = {name: value for name, value in target.headers.items() if name in KEPT_ACROSS_ORIGINS}
        target = replace(target, headers=kept)
    return target


def _body(inputs: HttpInputs) -> tuple[bytes, str]:
    if inputs.text is not None:
        try:
            return inputs.text.encode(), "text/plain; charset=utf-8"
        except UnicodeEncodeError:
            raise InvalidInput("http.request: text contains a lone surrogate, which is not valid Unicode") from None
    if inputs.has_json:
        try:
            return orjson.dumps(inputs.body), "application/json"
        except TypeError:
            raise InvalidInput("http.request: json holds a value that JSON does not have") from None
    return b"", ""


def _origin(url: httpx.URL) -> tuple[str, str]:
    return url.scheme, host_and_port(url.host, url.port or port_of(url.scheme))


def port_of(scheme: str) -> int:
    """The default port of http or https."""
    return 443 if scheme == "https" else 80


def _said(message: str) -> str:
    return message.removeprefix("Value error, ").lower().replace("input should", "should")
