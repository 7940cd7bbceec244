"""Keeps services running: starts them in the order of their dependencies, restarts what dies, stops in reverse.

`Service` says what to run and how to know that it is ready, `Backoff` how long to wait after a death, `Supervisor` does
it: `start()` returns once everything is ready, `failed()` once a service is beyond help, `stop()` once all are gone.
Every service logs into its own file; `report` hears of changes of state only.
"""

import asyncio
import os
import shutil
import signal
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contracts.errors import Unavailable
from local.processes import Probe, kill_group, spawn, stop, wait_until

LOG_BYTES = 10_000_000
LOG_FILES = 3
LOG_CHECK_SECONDS = 30
TAIL_LINES = 5


@dataclass(frozen=True)
class Service:
    """One program. `after` names services that must be ready first; a `once` service is ready when it ends with 0."""

    name: str
    command: Sequence[str]
    ready: Probe | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    prefix: Sequence[str] = ()
    after: tuple[str, ...] = ()
    once: bool = False
    start_seconds: float = 60
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10
    death_signal: signal.Signals = signal.SIGKILL


@dataclass(frozen=True)
class Change:
    """What `report` hears: `state` is starting, ready, died, stopped or failed."""

    service: str
    state: str
    detail: str = ""
    pid: int | None = None


@dataclass(frozen=True)
class Backoff:
    """Seconds to wait after the n-th quick death in a row. A life of `quick_seconds` or more forgives all before it."""

    first: float = 0.2
    factor: float = 2.0
    longest: float = 10.0
    quick_seconds: float = 15.0
    give_up_after: int = 8

    def delay(self, deaths: int) -> float:
        return min(self.first * self.factor ** (deaths - 1), self.longest)


class Supervised:
    """A service and what is known of its process."""

    def __init__(self, service: Service, log: Path) -> None:
        self.service = service
        self.log = log
        self.process: asyncio.subprocess.Process | None = None
        self.task: asyncio.Task[None] | None = None
        self.ready = asyncio.Event()
        self.gone = asyncio.Event()
        self.started = 0.0


class Supervisor:
    """Runs `services`. `report` is called from the event loop and must not block."""

    def __init__(
        self,
        services: Sequence[Service],
        logs: Path,
        *,
        report: Callable[[Change], None] = lambda change: None,
        backoff: Backoff | None = None,
    ) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self._all = {service.name: Supervised(service, logs / f"{service.name}.log") for service in services}
        self._report = report
        self._backoff = backoff or Backoff()
        self._failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._rotation: asyncio.Task[None] | None = None

    @property
    def pids(self) -> dict[str, int]:
        """Process ids of the services that run now."""
        running = {name: one.process for name, one in self._all.items()}
        return {name: process.pid for name, process in running.items() if process and process.returncode is None}

    async def start(self) -> None:
        """Start everything, as parallel as the dependencies allow; returns when all are ready.

        Raises:
            Unavailable: a service could not be brought up; the message ends with the last lines of its log.
        """
        for one in self._all.values():
            one.task = self._task(self._keep(one))
        self._rotation = self._task(self._rotate_logs())
        everything = asyncio.create_task(self._all_ready())
        try:
            await asyncio.wait([everything, self._failure], return_when=asyncio.FIRST_COMPLETED)
            if not everything.done():
                await self.failed()
        finally:
            everything.cancel()

    async def failed(self) -> None:
        """Wait until a service is beyond help, and raise Unavailable saying why; never returns otherwise."""
        await asyncio.shield(self._failure)

    async def stop(self) -> None:
        """End every service once those that depend on it have ended, each within its time limit."""
        if self._rotation is not None:
            self._rotation.cancel()
        await asyncio.gather(*(self._end(one) for one in self._all.values()))
        if self._failure.done():
            self._failure.exception()  # marks it as seen
        else:
            self._failure.cancel()

    async def _all_ready(self) -> None:
        for one in self._all.values():
            await one.ready.wait()

    def _task(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """A task whose unexpected end becomes the supervisor's failure instead of silence."""
        task = asyncio.create_task(work)
        task.add_done_callback(self._notice)
        return task

    def _notice(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None and not self._failure.done():
            self._failure.set_exception(error)

    async def _keep(self, one: Supervised) -> None:
        """The life of a service: wait for its dependencies, run it, and run it again when it dies."""
        service = one.service
        for name in service.after:
            await self._all[name].ready.wait()
        clock = asyncio.get_running_loop().time
        deaths = 0
        while True:
            started = clock()
            code = await self._run(one)
            if service.once and code == 0:
                return
            deaths = 1 if clock() - started >= self._backoff.quick_seconds else deaths + 1
            if service.once or deaths >= self._backoff.give_up_after:
                self._give_up(one, f"{service.name} ended with {describe_exit(code)}", deaths)
                return
            delay = self._backoff.delay(deaths)
            self._report(Change(service.name, "died", f"{describe_exit(code)}; again in {delay:.1f} s"))
            await asyncio.sleep(delay)

    async def _run(self, one: Supervised) -> int:
        """Run the service once; its exit code (negative: the signal that ended it)."""
        service = one.service
        rotate(one.log)
        env = {**os.environ, **service.env}
        with one.log.open("ab") as output:
            one.process = process = await spawn(
                service.command, env=env, output=output, prefix=service.prefix, death_signal=service.death_signal
            )
        one.started = asyncio.get_running_loop().time()
        self._report(Change(service.name, "starting", pid=process.pid))
        watch = self._task(self._watch(one))
        try:
            code = await process.wait()
            if service.once and code == 0:
                self._mark_ready(one)
            kill_group(process.pid)
        finally:
            watch.cancel()
        return code

    async def _watch(self, one: Supervised) -> None:
        service = one.service
        if service.once:
            return
        if service.ready is not None:
            try:
                await wait_until(service.ready, service.start_seconds, service.name)
            except Unavailable as error:
                self._give_up(one, error.message, 1)
                return
        self._mark_ready(one)

    def _mark_ready(self, one: Supervised) -> None:
        one.ready.set()
        seconds = asyncio.get_running_loop().time() - one.started
        self._report(Change(one.service.name, "ready", f"{seconds:.1f} s", self.pids.get(one.service.name)))

    def _give_up(self, one: Supervised, reason: str, deaths: int) -> None:
        times = f" {deaths} times in a row" if deaths > 1 else ""
        message = f"{reason}{times}; the end of {one.log}:\n{tail(one.log)}"
        self._report(Change(one.service.name, "failed", reason + times))
        if not self._failure.done():
            self._failure.set_exception(Unavailable(message))

    async def _end(self, one: Supervised) -> None:
        name = one.service.name
        for other in self._all.values():
            if name in other.service.after:
                await other.gone.wait()
        if one.task is not None:
            one.task.cancel()
            await asyncio.wait([one.task])
        if one.process is not None and one.process.returncode is None:
            graceful = await stop(one.process, one.service.stop_signal, one.service.stop_seconds)
            self._report(Change(name, "stopped", "" if graceful else f"killed after {one.service.stop_seconds:.0f} s"))
        one.gone.set()

    async def _rotate_logs(self) -> None:
        while True:
            await asyncio.sleep(LOG_CHECK_SECONDS)
            for one in self._all.values():
                rotate(one.log)


def rotate(log: Path, limit: int = LOG_BYTES) -> None:
    """Move the content of a log beyond `limit` bytes to LOG.1, .2 ...; its writers, which append, need not know."""
    if not log.exists() or log.stat().st_size <= limit:
        return
    for number in range(LOG_FILES - 1, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        if older.exists():
            older.replace(log.with_name(f"{log.name}.{number + 1}"))
    shutil.copyfile(log, log.with_name(f"{log.name}.1"))
    os.truncate(log, 0)


def tail(log: Path, lines: int = TAIL_LINES) -> str:
    """The last lines of a log."""
    if not log.exists():
        return "(empty)"
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 8192))
        text = file.read().decode("utf-8", errors="replace")
    return "\n".join(text.rstrip().splitlines()[-lines:]) or "(empty)"


def describe_exit(code: int) -> str:
    """An exit code in words: `code 1`, or the signal's name."""
    return f"code {code}" if code >= 0 else signal.Signals(-code).name
