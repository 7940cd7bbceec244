"""The demo's ticket sink."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from local.sink import MAX_BODY_BYTES, Tickets, create_app


@pytest.fixture
async def sink(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    tickets = Tickets(tmp_path / "sink.sqlite")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(create_app(tickets)), base_url="http://sink") as client:
        yield client
    tickets.close()


async def test_the_same_key_is_one_ticket_however_often_it_comes(sink: httpx.AsyncClient) -> None:
    first = await sink.post("/tickets", json={"queue": "cards"}, headers={"Idempotency-Key": "run/ticket/0"})
    again = await sink.post("/tickets", json={"queue": "other"}, headers={"Idempotency-Key": "run/ticket/0"})
    await sink.post("/tickets", json={"queue": "loans"}, headers={"Idempotency-Key": "run/ticket/1"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert (await sink.get("/tickets/count")).json() == {"requests": 3, "distinct": 2}
    assert [ticket["body"]["queue"] for ticket in (await sink.get("/tickets")).json()] == ["loans", "cards"]


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({}, b"{}", 400),
        ({"Idempotency-Key": "k" * 501}, b"{}", 400),
        ({"Idempotency-Key": "k"}, b"{", 422),
        ({"Idempotency-Key": "k"}, b"\xff", 422),
        ({"Idempotency-Key": "k"}, b'"' + b"x" * MAX_BODY_BYTES + b'"', 422),
    ],
)
async def test_what_is_no_ticket_is_refused(
    sink: httpx.AsyncClient, headers: dict[str, str], body: bytes, status: int
) -> None:
    response = await sink.post("/tickets", content=body, headers=headers)
    assert response.status_code == status
    assert response.json()["error"]
    assert (await sink.get("/tickets/count")).json() == {"requests": 0, "distinct": 0}


def test_tickets_survive_a_restart(tmp_path: Path) -> None:
    for expected in (True, False):
        tickets = Tickets(tmp_path / "sink.sqlite")
        new, ticket = tickets.receive("key", {"a": 1})
        tickets.close()
        assert (new, ticket["body"]) == (expected, {"a": 1})
