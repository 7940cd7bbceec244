"""What a document's reader says about a text."""

from collections.abc import Callable
from typing import Any

from contracts.documents import Document
from contracts.errors import InvalidDefinition


def said(text: str | bytes, read: Callable[[str | bytes], Any]) -> list[str]:
    """The problems that a text gives, as people see them."""
    try:
        result = read(text)
    except InvalidDefinition as error:
        return [str(problem) for problem in error.problems]
    return [str(problem) for problem in result.problems] if isinstance(result, Document) else []
