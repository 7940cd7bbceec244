"""Errors as GraphQL clients see them, over HTTP and WebSocket alike."""

from graphql import GraphQLError
from strawberry.extensions import MaskErrors

from contracts.errors import AssentError

MAX_MESSAGE = 500


class ShownErrors(MaskErrors):
    """Ours with code and hint, those of the query itself as they are, bugs without detail."""

    def __init__(self) -> None:
        super().__init__(should_mask_error=lambda error: True)

    def anonymise_error(self, error: GraphQLError) -> GraphQLError:
        original = error.original_error
        if isinstance(original, AssentError):
            return _error(error, original.message, {"code": original.code, "hint": original.hint})
        if original is None or error.path is None:
            # Nothing has been executed: the query or its variables are wrong.
            return _error(error, error.message, {"code": "invalid_query"})
        return _error(error, "something went wrong on our side", {"code": "error"})


def _error(error: GraphQLError, message: str, extensions: dict[str, str]) -> GraphQLError:
    shown = message if len(message) <= MAX_MESSAGE else message[:MAX_MESSAGE] + "..."
    return GraphQLError(shown, nodes=error.nodes, path=error.path, extensions=extensions)
