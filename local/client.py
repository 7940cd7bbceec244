"""The command line's way to the API: REST with a bearer token, on this machine's stack or wherever API_URL points."""

import os
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from contracts.errors import (
    AssentError,
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    NotSignedIn,
    TooLarge,
    Unavailable,
)
from local.postgres import write_private
from local.state import read_stack
from settings import Settings

TOKEN_FILE = "api-token"  # noqa: S105  (a file's name)
TIMEOUT_SECONDS = 90.0
BY_STATUS: dict[int, type[AssentError]] = {
    401: NotSignedIn,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: TooLarge,
    422: InvalidInput,
}


class ApiClient:
    """Calls `/api/v1`. Open it as a context manager."""

    def __init__(self, base_url: str, token: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=f"{base_url}/api/v1",
            headers={"authorization": f"Bearer {token}"},
            timeout=TIMEOUT_SECONDS,
            trust_env=False,
        )

    async def __aenter__(self) -> "ApiClient":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def get(self, path: str, **params: Any) -> Any:
        """The JSON at `path`. Raises AssentError for what the API refuses, Unavailable when it does not answer."""
        return await self._call("GET", path, params={name: value for name, value in params.items() if value})

    async def send(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        """Change something; the answer's JSON. Raises like `get`."""
        return await self._call(method, path, json=body, headers=headers)

    async def _call(self, method: str, path: str, **more: Any) -> Any:
        try:
            response = await self._http.request(method, path, **more)
        except httpx.HTTPError as error:
            hint = "is it running? `assent up` starts it"
            raise Unavailable(f"the API does not answer ({type(error).__name__})", hint=hint) from None
        if response.is_success:
            return response.json() if response.content else None
        raise _problem(response)


def _problem(response: httpx.Response) -> AssentError:
    try:
        body = response.json()
        message, hint = body["message"], body["hint"]
    except (ValueError, KeyError, TypeError):
        message, hint = f"the API answered {response.status_code}", ""
    places = body.get("problems", []) if isinstance(body, dict) else []
    if places:
        message = "\n".join(f"{place['line']}:{place['column']}: {place['message']}" for place in places)
    return BY_STATUS.get(response.status_code, Unavailable)(message, hint=hint)


def client(settings: Settings) -> ApiClient:
    """A client for API_URL with API_TOKEN, else for the stack that runs in DATA_DIR.

    Raises:
        Unavailable: neither is there.
    """
    if settings.api_url:
        token = settings.api_token.get_secret_value() if settings.api_token else ""
        return ApiClient(settings.api_url.rstrip("/"), token)
    stack = read_stack(settings)
    if stack is None or not stack.ready:
        raise Unavailable("Assent is not running here", hint="start it with `assent up`, or set API_URL and API_TOKEN")
    return ApiClient(stack.ui_url, read_token(settings.data_dir) or "")


def read_token(data_dir: Path) -> str | None:
    """The API token of this machine's stack."""
    path = data_dir / TOKEN_FILE
    return path.read_text(encoding="ascii").strip() if path.exists() else None


def write_token(data_dir: Path, token: str) -> None:
    """Keep the API token, readable for its owner only."""
    write_private(data_dir / TOKEN_FILE, token + os.linesep)
