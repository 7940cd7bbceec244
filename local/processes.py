"""Child processes: spawned so that none outlives its parent, and stopped within a time limit.

`spawn` starts one, `stop` ends one, `wait_until` polls a readiness probe, `free_port` finds where to listen.
"""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from contracts.errors import Unavailable

Probe = Callable[[], Awaitable[bool]]

CHILD = Path(__file__).with_name("child.py")
PROBE_INTERVAL = 0.05
PORTS_TRIED = 20
LAST_PORT = 65_535


async def spawn(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    output: int | IO[bytes] = subprocess.PIPE,
    prefix: Sequence[str] = (),
    death_signal: signal.Signals = signal.SIGKILL,
) -> asyncio.subprocess.Process:
    """Start `command` in a session of its own, with stdout and stderr both going to `output`.

    `prefix` is a program that changes identity and then executes the rest; the kernel forgets the death signal when the
    identity changes, therefore it comes first. `death_signal` is what the child gets when this process dies.
    """
    guard = [sys.executable, "-I", "-S", str(CHILD), str(os.getpid()), str(int(death_signal))]
    return await asyncio.create_subprocess_exec(
        *prefix,
        *guard,
        *command,
        env=dict(env) if env is not None else None,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


async def stop(process: asyncio.subprocess.Process, stop_signal: signal.Signals, seconds: float) -> bool:
    """Ask the process to end, kill its group after `seconds`; True when it ended by itself. Returns once it is gone."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(stop_signal)
    try:
        await asyncio.wait_for(process.wait(), seconds)
        graceful = True
    except TimeoutError:
        graceful = False
    kill_group(process.pid)
    await process.wait()
    return graceful


def kill_group(pid: int) -> None:
    """Kill what is left of the session that `spawn` made for `pid`."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


async def wait_until(probe: Probe, seconds: float, what: str) -> None:
    """Poll `probe` until it is true.

    Raises:
        Unavailable: it was not within `seconds`.
    """
    try:
        async with asyncio.timeout(seconds):
            while not await probe():  # noqa: ASYNC110 - a server in another process sets no event here
                await asyncio.sleep(PROBE_INTERVAL)
    except TimeoutError:
        raise Unavailable(f"{what} was not ready within {seconds:.0f} s") from None


def free_port(*preferred: int, taken: frozenset[int] = frozenset()) -> int:
    """The first of `preferred` or its next neighbours that nothing listens on; without any, or for 0, any free one."""
    wanted = [port for port in preferred if port]
    candidates = [*wanted, *(port + step for port in wanted for step in range(1, PORTS_TRIED))]
    for port in candidates:
        if port <= LAST_PORT and port not in taken and _can_listen(port):
            return port
    return _system_port()


def _can_listen(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _system_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def listens(port: int) -> bool:
    """Whether something on this machine accepts TCP connections on `port`."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True
