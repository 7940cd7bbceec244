"""GraphQL over HTTP and WebSocket: who asks, batch loaders, and bodies checked like REST's."""

from typing import Any

from fastapi import WebSocket
from starlette.requests import HTTPConnection, Request
from strawberry.fastapi import GraphQLRouter
from strawberry.http import GraphQLHTTPResponse
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult

from api.bodies import parse_json
from api.graphql.loaders import Loaders
from api.graphql.schema import build_schema
from api.services import services
from api.sessions import require
from contracts.errors import AssentError


class Router(GraphQLRouter[Any, None]):
    """Refuses whoever is not signed in before anything is parsed, and shows bugs without their insides."""

    def decode_json(self, data: str | bytes) -> object:
        return parse_json(data)

    async def process_result(self, request: Request, result: ExecutionResult) -> GraphQLHTTPResponse:
        response = await super().process_result(request, result)
        if result.errors:
            response["errors"] = [_shown(error) for error in result.errors]
        return response


def _shown(error: Any) -> Any:
    """A GraphQL error as clients see it: ours with code and hint, the query's own as they are, bugs without detail."""
    original = error.original_error
    if original is None:
        return error.formatted
    if isinstance(original, AssentError):
        return {**error.formatted, "extensions": {"code": original.code, "hint": original.hint}}
    return {**error.formatted, "message": "something went wrong on our side", "extensions": {"code": "error"}}


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
