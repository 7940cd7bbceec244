"""Keyset pages: an opaque cursor that names the last row seen, so that pages stay right while rows are added."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Generic, TypeVar

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from contracts.errors import InvalidInput

T = TypeVar("T")
MAX_PAGE = 200
MAX_CURSOR = 1000


class Cursor(BaseModel):
    """The sort key of a row: its time and id. Both None before the first page."""

    at: datetime | None = None
    id: str | None = None

    def encode(self) -> str:
        return base64.urlsafe_b64encode(self.model_dump_json().encode()).decode()

    @classmethod
    def decode(cls, text: str | None) -> "Cursor":
        """The cursor that `encode` gave.

        Raises:
            InvalidInput: it is not one of ours.
        """
        if not text:
            return cls()
        try:
            return _Position.model_validate_json(base64.urlsafe_b64decode(text[:MAX_CURSOR].encode())).cursor
        except (binascii.Error, ValidationError, UnicodeEncodeError):
            raise InvalidInput("the cursor is not one that a page gave", hint="leave `after` out") from None


class _Position(BaseModel):
    """What `encode` has written for a row."""

    at: AwareDatetime
    id: str = Field(pattern=r"\A[^\x00]+\z")

    @property
    def cursor(self) -> Cursor:
        return Cursor(at=self.at, id=self.id)


class Page(BaseModel, Generic[T]):
    """Rows, and the cursor of the last when there are more."""

    nodes: list[T]
    end_cursor: str | None
    has_next_page: bool

    @classmethod
    def of(cls, rows: Sequence[T], first: int, key: Callable[[T], Cursor]) -> "Page[T]":
        """A page of at most `first` rows out of `first + 1` that were read."""
        nodes = list(rows[:first])
        return cls(nodes=nodes, end_cursor=key(nodes[-1]).encode() if nodes else None, has_next_page=len(rows) > first)


def page_size(first: int) -> int:
    """A page's size within 1 and 200.

    Raises:
        InvalidInput: outside of that.
    """
    if not 1 <= first <= MAX_PAGE:
        raise InvalidInput(f"`first` must be between 1 and {MAX_PAGE}")
    return first
