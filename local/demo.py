"""The demo: messages stream through `support-inbox`, and hold back while enough of them wait for a person."""

import asyncio
import csv
import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table

from contracts.errors import AssentError, InvalidInput
from contracts.values import check_storable
from local.client import ApiClient
from local.publishing import publish, read_bundle, read_text

EXAMPLE = Path(__file__).parents[1] / "examples" / "support-inbox"
WORKFLOW = "support-inbox"
LOOK_SECONDS = 0.5
MESSAGE_LIMIT = 10_000
MAX_DATA_BYTES = 100 * 1024 * 1024


def read_messages(path: Path) -> list[str]:
    """The texts of a JSONL or CSV file: the column `text` (or `message`); others are ignored.

    Raises:
        NotFound, TooLarge, InvalidInput: naming the file and the line.
    """
    content = read_text(path, MAX_DATA_BYTES)
    rows = _jsonl(path, content) if path.suffix in (".jsonl", ".ndjson") else _csv(path, content)
    return [_text(path, number, row) for number, row in rows]


def _jsonl(path: Path, content: str) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(content.split("\n"), 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError):
                raise InvalidInput(f"{path}:{number}: not valid JSON", hint='write {"text": "..."}') from None


def _csv(path: Path, content: str) -> Iterator[tuple[int, Any]]:
    reader = csv.DictReader(io.StringIO(content, newline=""))
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise InvalidInput(f"{path}:{reader.line_num}: not valid CSV: {error}") from None


def _text(path: Path, number: int, row: Any) -> str:
    text = row.get("text") or row.get("message") if isinstance(row, dict) else None
    if not isinstance(text, str) or not text.strip():
        raise InvalidInput(f"{path}:{number}: no text", hint="the column or key must be called `text`")
    check_storable(text, f"{path}:{number}: the text")
    return text[:MESSAGE_LIMIT]


async def run_demo(
    api: ApiClient, *, sink_url: str | None, console: Console, data: Path | None, limit: int, waiting: int
) -> None:
    """Publish the example and send messages, showing what becomes of them, until all are sent.

    A message is sent once, however often the demo runs. It holds back while `waiting` tasks wait for a person.
    """
    messages = read_messages(data or EXAMPLE / "messages.jsonl")[:limit]
    variables = {"helpdesk_url": sink_url} if sink_url else {}
    with console.status("Publishing the example workflow and embedding its labels"):
        await publish(api, read_bundle(EXAMPLE), variables)
    sent = 0
    with Live(console=console, refresh_per_second=4, transient=False) as live:
        while True:
            counts = await api.get("/overview")
            live.update(_board(counts, sent, len(messages)))
            room = min(waiting - counts["running_runs"], len(messages) - sent)
            for text in messages[sent : sent + max(0, min(room, 5))]:
                await _send(api, text)
                sent += 1
            if sent == len(messages) and counts["running_runs"] == counts["pending_tasks"]:
                break
            await asyncio.sleep(LOOK_SECONDS if room <= 0 else LOOK_SECONDS / 5)


async def _send(api: ApiClient, text: str) -> None:
    key = hashlib.sha256(text.encode()).hexdigest()
    headers = {"Idempotency-Key": f"demo-{key}"}
    await api.send("POST", f"/workflows/{WORKFLOW}/runs", {"input": {"message": text}}, headers)


def _board(counts: dict[str, int], sent: int, total: int) -> Table:
    board = Table(title=f"support-inbox: {sent} of {total} messages sent", title_justify="left")
    columns = {
        "acted": "green",
        "notified": "cyan",
        "pending_tasks": "yellow",
        "completed_runs": "dim",
        "failed_runs": "red",
    }
    names = ("acted", "acted and notified", "waiting for you", "completed", "failed")
    for name, style in zip(names, columns.values(), strict=True):
        board.add_column(name, style=style, justify="right")
    board.add_row(*(str(counts[column]) for column in columns))
    return board


async def demo_in_background(
    api: ApiClient, *, sink_url: str | None, console: Console, data: Path | None, limit: int, waiting: int
) -> None:
    """Run the demo beside a running stack: its end, or a failure, leaves the stack alone."""
    try:
        await run_demo(api, sink_url=sink_url, console=console, data=data, limit=limit, waiting=waiting)
    except AssentError as error:
        console.print(f"[red]The demo stopped:[/] {error.message}" + (f" ({error.hint})" if error.hint else ""))
