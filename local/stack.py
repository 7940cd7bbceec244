"""`assent up`, `down` and `reset`: the whole product on one machine, in one data folder.

`up` runs the stack until it is told to stop (Ctrl-C, SIGTERM, `down`); `down` stops a stack that runs and waits;
`reset` deletes what Assent made in the data folder. `read_stack` (in `state`) tells other commands where things are.
"""

import asyncio
import json
import os
import shutil
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from contracts.errors import Conflict, Unavailable
from local.client import TOKEN_FILE
from local.services import Stack, plan_stack
from local.state import (
    LOCK_FILE,
    PORTS_FILE,
    STATE_FILE,
    StackInfo,
    exclusive,
    is_running,
    read_stack,
    supervisor_pid,
    write_stack,
)
from local.supervisor import Change, Supervisor
from local.temporal import find_temporal
from settings import Settings

__all__ = ["StackInfo", "down", "read_stack", "reset", "up"]

SignIn = Callable[[str, str], Awaitable[str]]
OnReady = Callable[[StackInfo], Awaitable[None]]

DOWN_SECONDS = 90
CREATED = ("postgres", "temporal", "logs", TOKEN_FILE, "sink.sqlite", "sink.sqlite-wal", "sink.sqlite-shm")
STATE = (STATE_FILE, PORTS_FILE, LOCK_FILE)
STYLES = {"ready": "green", "died": "yellow", "failed": "red", "starting": "dim", "stopped": "dim"}


class Board:
    """Tells people about changes of state, and other commands (through stack.json) where everything is."""

    def __init__(self, info: StackInfo, console: Console) -> None:
        self._info = info
        self._console = console
        write_stack(info)

    def hear(self, change: Change) -> None:
        pids = {name: pid for name, pid in self._info.pids.items() if name != change.service}
        if change.state in ("starting", "ready") and change.pid is not None:
            pids[change.service] = change.pid
        self._write({"pids": pids})
        if change.state != "starting":
            line = f"[{STYLES[change.state]}]{change.service:>10}  {change.state}[/] {escape(change.detail)}"
            with suppress(OSError):  # the terminal may be gone, and the services must still be stopped in order
                self._console.print(line, highlight=False)

    def ready(self) -> None:
        self._write({"ready": True})

    def _write(self, update: dict[str, object]) -> None:
        self._info = self._info.model_copy(update=update)
        write_stack(self._info)


async def up(
    settings: Settings,
    *,
    demo: bool = False,
    json_output: bool = False,
    sign_in: SignIn | None = None,
    on_ready: OnReady | None = None,
    console: Console | None = None,
) -> None:
    """Run the stack until SIGINT, SIGTERM or SIGHUP.

    When all is ready, `sign_in(database_url, ui_url)` gives the admin's one-time URL, the addresses are printed (with
    `json_output`: one flat JSON object on standard output, everything else on standard error), and `on_ready` starts.

    Raises:
        Conflict: a stack runs in this data folder already.
        Unavailable: something that is needed cannot be had or does not start.
    """
    began = time.monotonic()
    console = console or Console(stderr=json_output)
    with exclusive(settings.data_dir):
        cold = not (settings.data_dir / PORTS_FILE).exists()
        stack = await _plan(settings, demo, console)
        stopping = _stop_signals()
        board = Board(stack.info, console)
        supervisor = Supervisor(stack.services, settings.data_dir / "logs", report=board.hear)
        try:
            if not await _unless(stopping, supervisor.start()):
                return
            board.ready()
            link = await sign_in(stack.info.database_url, stack.info.ui_url) if sign_in else None
            _announce(stack.info, link, "cold" if cold else "warm", time.monotonic() - began, json_output, console)
            await _serve(stack.info, supervisor, stopping, on_ready)
        finally:
            await supervisor.stop()


def down(settings: Settings, seconds: float = DOWN_SECONDS) -> bool:
    """Stop the stack of this data folder and wait until it has ended; False when none runs.

    Raises:
        Unavailable: it did not end within `seconds`.
    """
    if not is_running(settings.data_dir):
        return False
    pid = supervisor_pid(settings.data_dir)
    os.kill(pid, signal.SIGTERM)
    limit = time.monotonic() + seconds
    while is_running(settings.data_dir):
        if time.monotonic() > limit:
            raise Unavailable(f"Assent (process {pid}) did not stop within {seconds:.0f} s")
        time.sleep(0.05)
    return True


def reset(settings: Settings, *, stop: bool = False) -> list[Path]:
    """Delete the stack's data: what Assent made in the data folder, nothing else; returns the paths that are gone.

    Raises:
        Conflict: the stack runs, and `stop` is not set.
    """
    if is_running(settings.data_dir):
        if not stop:
            raise Conflict("Assent is running", hint="stop it first with `assent down`")
        down(settings)
    with exclusive(settings.data_dir):
        paths = [settings.data_dir / name for name in (*CREATED, *STATE)]
        existing = [path for path in paths if path.exists()]
        for path in existing:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    if not any(settings.data_dir.iterdir()):
        settings.data_dir.rmdir()
    return [path for path in existing if path.name != LOCK_FILE]


async def _plan(settings: Settings, demo: bool, console: Console) -> Stack:
    binary = None
    if settings.temporal_address is None:
        with console.status("Looking for Temporal") as status:
            binary = await asyncio.to_thread(find_temporal, settings.temporal_cli, status.update)
    with console.status("Preparing the data folder"):
        return await asyncio.to_thread(plan_stack, settings, demo=demo, temporal_binary=binary)


def _stop_signals() -> asyncio.Event:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup wants it to live on
            loop.add_signal_handler(number, stopping.set)
    return stopping


async def _unless(stopping: asyncio.Event, work: Coroutine[Any, Any, None]) -> bool:
    """Do `work` unless told to stop before it is done; whether it was done. Its errors are raised."""
    task = asyncio.create_task(work)
    stop = asyncio.create_task(stopping.wait())
    await asyncio.wait([task, stop], return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    if task.done():
        task.result()
        return True
    task.cancel()
    await asyncio.wait([task])
    return False


async def _serve(info: StackInfo, supervisor: Supervisor, stopping: asyncio.Event, on_ready: OnReady | None) -> None:
    async def work() -> None:
        await asyncio.gather(supervisor.failed(), *([on_ready(info)] if on_ready else []))

    await _unless(stopping, work())


def _announce(
    info: StackInfo, link: str | None, kind: str, seconds: float, json_output: bool, console: Console
) -> None:
    addresses = {
        "ui_url": info.ui_url,
        "api_docs_url": info.api_docs_url,
        "graphql_url": info.graphql_url,
        "temporal_ui_url": info.temporal_ui_url,
        "data_dir": info.data_dir,
        "sign_in_url": link,
    }
    if json_output:
        print(json.dumps({f"{kind}_start_seconds": round(seconds, 2), **addresses}), flush=True)
        return
    table = Table(title=f"Assent is ready ({kind} start, {seconds:.1f} s)", show_header=False, title_justify="left")
    names = ("App", "API docs", "GraphQL", "Temporal", "Data", "Sign in (once)")
    for name, value in zip(names, addresses.values(), strict=True):
        if value:
            table.add_row(name, value)
    console.print(table)
    console.print("Ctrl-C stops it; `assent down` does so from another terminal.", highlight=False)
