"""The supervisor, with small real processes."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from contracts.errors import Unavailable
from local.supervisor import Backoff, Change, Service, Supervisor, describe_exit, rotate, tail

FOREVER = [sys.executable, "-c", "import signal; signal.pause()"]
DIES = [sys.executable, "-c", "print('no luck'); raise SystemExit(3)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal; signal.signal(15, signal.SIG_IGN); print('up', flush=True); signal.pause()",
]
QUICK = Backoff(first=0.01, longest=0.02, give_up_after=3)


class Changes:
    """What the supervisor reported, and a way to wait for more of it."""

    def __init__(self) -> None:
        self.seen: list[Change] = []
        self._queue: asyncio.Queue[Change] = asyncio.Queue()

    def hear(self, change: Change) -> None:
        self.seen.append(change)
        self._queue.put_nowait(change)

    async def next(self, service: str, state: str) -> Change:
        while (change := await self._queue.get()).service != service or change.state != state:
            pass
        return change

    def order(self, state: str) -> list[str]:
        return [change.service for change in self.seen if change.state == state]


@pytest.fixture
def changes() -> Changes:
    return Changes()


@asynccontextmanager
async def running(services: list[Service], logs: Path, changes: Changes) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(services, logs, report=changes.hear, backoff=QUICK)
    try:
        await supervisor.start()
        yield supervisor
    finally:
        await supervisor.stop()


async def test_a_killed_service_is_started_again(tmp_path: Path, changes: Changes) -> None:
    async with running([Service("one", FOREVER)], tmp_path, changes) as supervisor:
        first = supervisor.pids["one"]
        os.kill(first, signal.SIGKILL)
        died = await changes.next("one", "died")
        again = await changes.next("one", "ready")
    assert "SIGKILL" in died.detail
    assert again.pid not in (None, first)


async def test_services_start_after_and_stop_before_what_they_depend_on(tmp_path: Path, changes: Changes) -> None:
    services = [
        Service("last", FOREVER, after=("middle",)),
        Service("middle", FOREVER, after=("setup",)),
        Service("setup", [sys.executable, "-c", ""], after=("first",), once=True),
        Service("first", FOREVER),
    ]
    async with running(services, tmp_path, changes):
        pass
    assert changes.order("ready") == ["first", "setup", "middle", "last"]
    assert changes.order("stopped") == ["last", "middle", "first"]


async def test_a_service_that_always_dies_ends_the_start_with_its_log(tmp_path: Path, changes: Changes) -> None:
    never = Service("bad", DIES, ready=lambda: answer(False))
    with pytest.raises(Unavailable, match=r"(?s)bad ended with code 3 3 times in a row.*no luck"):
        async with running([never, Service("good", FOREVER)], tmp_path, changes):
            pytest.fail("it must not start")
    assert changes.order("died") == ["bad", "bad"]
    assert changes.order("stopped") == ["good"]


async def test_a_set_up_step_that_fails_ends_the_start_at_once(tmp_path: Path, changes: Changes) -> None:
    services = [Service("setup", DIES, once=True), Service("next", FOREVER, after=("setup",))]
    with pytest.raises(Unavailable, match="setup ended with code 3"):
        async with running(services, tmp_path, changes):
            pytest.fail("it must not start")
    assert changes.order("starting") == ["setup"]


async def test_a_service_that_is_never_ready_ends_the_start(tmp_path: Path, changes: Changes) -> None:
    mute = Service("mute", FOREVER, ready=lambda: answer(False), start_seconds=0.1)
    with pytest.raises(Unavailable, match="mute was not ready"):
        async with running([mute], tmp_path, changes):
            pytest.fail("it must not start")


async def test_a_program_that_does_not_exist_ends_the_start(tmp_path: Path, changes: Changes) -> None:
    gone = Service("gone", ["/nonexistent/program"], ready=lambda: answer(False))
    with pytest.raises(Unavailable, match="/nonexistent/program: No such file"):
        async with running([gone], tmp_path, changes):
            pytest.fail("it must not start")


async def test_a_service_that_ignores_the_stop_signal_is_killed(tmp_path: Path, changes: Changes) -> None:
    log = tmp_path / "stubborn.log"
    stubborn = Service("stubborn", STUBBORN, ready=lambda: answer("up" in tail(log)), stop_seconds=0.1)
    async with running([stubborn], tmp_path, changes) as supervisor:
        process = psutil.Process(supervisor.pids["stubborn"])
    assert not process.is_running()
    assert "killed after" in changes.seen[-1].detail


SUPERVISING = """
import asyncio, sys
from pathlib import Path
from local.supervisor import Service, Supervisor
async def main():
    child = [sys.executable, "-c", "import signal; signal.signal(15, signal.SIG_IGN); signal.pause()"]
    supervisor = Supervisor([Service("child", child)], Path(sys.argv[1]))
    await supervisor.start()
    print(supervisor.pids["child"], flush=True)
    await supervisor.failed()
asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs the kernel's parent-death signal")
def test_no_service_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SUPERVISING, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout is not None
        child = psutil.Process(int(supervisor.stdout.readline()))
        supervisor.kill()
    child.wait(timeout=10)


def test_waits_grow_up_to_a_limit() -> None:
    backoff = Backoff(first=1, factor=2, longest=5)
    assert [backoff.delay(deaths) for deaths in (1, 2, 3, 4, 5)] == [1, 2, 4, 5, 5]


def test_a_log_that_grew_too_large_moves_aside_while_its_writer_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "one.log"
    with log.open("ab", buffering=0) as writer:
        for text in (b"first\n", b"second\n", b"third\n"):
            writer.write(text)
            rotate(log, limit=3)
        writer.write(b"now\n")
    assert log.read_text() == "now\n"
    assert [(tmp_path / f"one.log.{number}").read_text() for number in (1, 2, 3)] == ["third\n", "second\n", "first\n"]


@pytest.mark.parametrize(("code", "words"), [(0, "code 0"), (3, "code 3"), (-9, "SIGKILL")])
def test_an_exit_code_is_told_in_words(code: int, words: str) -> None:
    assert describe_exit(code) == words


async def answer(value: bool) -> bool:
    return value
