"""GraphQL over HTTP and WebSocket: who asks, batch loaders, and bodies checked like REST's."""

from collections.abc import AsyncGenerator
from typing import Any

from fastapi import WebSocket
from starlette.requests import HTTPConnection, Request
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.fastapi import GraphQLRouter
from strawberry.http.exceptions import NonJsonMessageReceived
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from api.bodies import parse_json
from api.graphql.loaders import Loaders
from api.graphql.schema import build_schema
from api.services import services
from api.sessions import require
from contracts.errors import InvalidInput


class WebSocketFrames(ASGIWebSocketAdapter):
    """Frames that hold values which cannot be stored are as bad as frames that hold no JSON."""

    async def iter_json(self, *, ignore_parsing_errors: bool = False) -> AsyncGenerator[object, None]:
        try:
            async for frame in super().iter_json(ignore_parsing_errors=ignore_parsing_errors):
                if not isinstance(frame, dict):
                    raise NonJsonMessageReceived
                yield frame
        except InvalidInput as error:
            raise NonJsonMessageReceived from error


class Router(GraphQLRouter[Any, None]):
    """Refuses whoever is not signed in before anything is parsed."""

    websocket_adapter_class = WebSocketFrames

    def decode_json(self, data: str | bytes) -> object:
        return parse_json(data)


async def _context(request: Request = None, ws: WebSocket = None) -> dict[str, Any]:  # type: ignore[assignment]
    connection: HTTPConnection = request or ws
    serving = services(connection)
    person = await require(connection, serving.database)
    return {"serving": serving, "person": person, "loaders": Loaders(serving.read)}


def build_router() -> Router:
    """The router of `/graphql`."""
    return Router(
        build_schema(),
        path="/graphql",
        context_getter=_context,
        subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL],
        allow_queries_via_get=False,
        graphql_ide=None,
        multipart_uploads_enabled=False,
    )
