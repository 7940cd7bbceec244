"""GraphQL over HTTP and WebSocket: who asks, batch loaders, and bodies checked like REST's."""

from collections.abc import AsyncGenerator
from typing import Any

from fastapi import WebSocket, WebSocketDisconnect
from pydantic import BaseModel
from starlette.requests import HTTPConnection, Request
from starlette.websockets import WebSocketState
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.fastapi import GraphQLRouter
from strawberry.http.exceptions import NonJsonMessageReceived, NonTextMessageReceived
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from api.bodies import parse_json, validated
from api.graphql.loaders import Loaders
from api.graphql.schema import build_schema
from api.services import services
from api.sessions import require
from contracts.errors import InvalidInput


class Operation(BaseModel):
    """A GraphQL request, as bodies and `subscribe` frames carry it."""

    query: str | None = None
    variables: dict[str, Any] | None = None
    operationName: str | None = None
    extensions: dict[str, Any] | None = None


class Frame(BaseModel):
    """A message of graphql-transport-ws."""

    type: str
    id: str | None = None
    payload: dict[str, Any] | None = None


class WebSocketFrames(ASGIWebSocketAdapter):
    """Frames of another shape, or with values that cannot be stored, are as bad as frames that hold no JSON."""

    async def iter_json(self, *, ignore_parsing_errors: bool = False) -> AsyncGenerator[object, None]:
        try:
            while self.ws.application_state is not WebSocketState.DISCONNECTED:
                frame = validated(Frame, parse_json(await self.ws.receive_text(), "message"))
                if frame.type == "subscribe":
                    validated(Operation, frame.payload)
                yield frame.model_dump(exclude_unset=True)
        except InvalidInput as error:
            raise NonJsonMessageReceived from error
        except KeyError as error:
            raise NonTextMessageReceived from error
        except WebSocketDisconnect:
            pass


class Router(GraphQLRouter[Any, None]):
    """Refuses whoever is not signed in before anything is parsed."""

    websocket_adapter_class = WebSocketFrames

    def decode_json(self, data: str | bytes) -> object:
        return validated(Operation, parse_json(data)).model_dump(exclude_unset=True)


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
