"""The embedded Temporal: its dev server with a SQLite file, tuned so that a hop costs milliseconds.

`find_temporal` gets the binary: TEMPORAL_CLI, PATH, the user's cache, the Python SDK's download, or a build from
`deploy/temporal` with Go. `dev_server` is the command line, `ready` the probe. `python -m local.temporal` only makes
sure that there is a binary, and prints its path.
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from contracts.errors import Unavailable
from contracts.queues import SEARCH_ATTRIBUTES
from local.processes import listens

Progress = Callable[[str], None]

DOWNLOAD_SECONDS = 300
DOWNLOAD_SECONDS_WITH_GO = 20
BUILD_SECONDS = 1800
NEEDED_FLAGS = ("--sqlite-pragma", "--search-attribute", "--dynamic-config-value")

# The dev server has one history shard, which polls its queues at most 20 times a second unless told otherwise.
DYNAMIC_CONFIG = {
    "history.transferProcessorMaxPollRPS": "10000",
    "history.timerProcessorMaxPollRPS": "10000",
    "history.visibilityProcessorMaxPollRPS": "10000",
    "history.outboundProcessorMaxPollRPS": "10000",
    "system.enableActivityEagerExecution": "true",
}
SQLITE_PRAGMAS = {"journal_mode": "WAL", "synchronous": "NORMAL"}


def dev_server(
    binary: Path,
    *,
    port: int,
    ui_port: int | None,
    database: Path | None,
    namespaces: Sequence[str] = (),
    log_level: str = "warn",
) -> list[str]:
    """Command line of the server on 127.0.0.1; `database` None keeps everything in memory, `ui_port` None has no UI."""
    command = [str(binary), "server", "start-dev", "--ip", "127.0.0.1", "--port", str(port), "--log-level", log_level]
    command += ["--headless"] if ui_port is None else ["--ui-port", str(ui_port)]
    if database is not None:
        command += ["--db-filename", str(database)]
        command += _pairs("--sqlite-pragma", SQLITE_PRAGMAS)
    for namespace in namespaces:
        command += ["--namespace", namespace]
    return command + _pairs("--dynamic-config-value", DYNAMIC_CONFIG) + _pairs("--search-attribute", SEARCH_ATTRIBUTES)


async def ready(address: str, namespace: str) -> bool:
    """Whether the server at `address` (host:port, on this machine) serves `namespace`."""
    if not await listens(int(address.rpartition(":")[2])):
        return False
    try:
        client = await Client.connect(address, namespace=namespace)
        await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=namespace))
    except (RPCError, RuntimeError):
        return False
    return True


def find_temporal(configured: Path | None, progress: Progress) -> Path:
    """The `temporal` binary; downloads or builds it into the user's cache when this machine has none.

    Raises:
        Unavailable: the configured one does not work, or there is none and it can be neither downloaded nor built.
    """
    if configured is not None:
        if not _works(configured):
            raise Unavailable(f"TEMPORAL_CLI: {configured} is not a `temporal` program that Assent can use")
        return configured
    on_path = shutil.which("temporal")
    if on_path is not None and _works(Path(on_path)):
        return Path(on_path)
    cached = cache_dir() / "bin" / f"temporal-{version()}"
    if not cached.exists():
        cached.parent.mkdir(parents=True, exist_ok=True)
        with _locked(cached.with_suffix(".lock")):
            if not cached.exists():
                _obtain(cached, progress)
    return cached


def cache_dir() -> Path:
    """Where things that can be had again are kept: `$XDG_CACHE_HOME/assent`, by default `~/.cache/assent`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "assent"


def version() -> str:
    """The version of the `temporal` command that `go.mod` pins, like 1.8.2."""
    found = re.search(r"github\.com/temporalio/cli v(\S+)", (go_module() / "go.mod").read_text(encoding="utf-8"))
    if found is None:
        raise Unavailable("deploy/temporal/go.mod names no version of github.com/temporalio/cli")
    return found[1]


def go_module() -> Path:
    """The Go module that builds the binary: inside an installed package, or in the checkout."""
    here = Path(__file__).parent
    packaged = here / "temporal_module"
    return packaged if packaged.exists() else here.parent / "deploy" / "temporal"


def _obtain(target: Path, progress: Progress) -> None:
    go = shutil.which("go")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".unfinished-") as folder:
        progress(f"Downloading Temporal {version()}")
        found = _download(Path(folder), DOWNLOAD_SECONDS_WITH_GO if go else DOWNLOAD_SECONDS)
        if found is None and go is not None:
            progress(f"Building Temporal {version()} with Go (about three minutes, once)")
            found = _build(go, Path(folder), progress)
        if found is None:
            raise Unavailable(
                "no `temporal` program is on this machine, and it could not be downloaded",
                hint="install the Temporal CLI (https://docs.temporal.io/cli) or Go >= 1.21, or set TEMPORAL_CLI",
            )
        found.chmod(0o755)
        found.replace(target)


def _download(folder: Path, seconds: float) -> Path | None:
    """Let the SDK download it. In a process of its own, since a download cannot be cancelled otherwise."""
    command = [sys.executable, "-P", "-m", "local.temporal_download", str(folder), f"v{version()}"]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    downloaded = [path for path in folder.iterdir() if path.is_file() and _works(path)]
    return downloaded[0] if downloaded else None


def _build(go: str, folder: Path, progress: Progress) -> Path:
    target = folder / "built"
    package = "github.com/temporalio/cli/cmd/temporal"
    command = [go, "build", "-v", "-trimpath", "-ldflags=-s -w", "-o", str(target), package]
    said: list[str] = []
    with subprocess.Popen(
        command, cwd=go_module(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line.strip())
            if len(said) % 100 == 0:
                progress(f"Building Temporal {version()}: {len(said)} packages")
    if process.returncode != 0 or not _works(target):
        raise Unavailable(
            "Temporal could not be built: " + " / ".join(said[-5:]),
            hint="install the Temporal CLI (https://docs.temporal.io/cli) and start again, or set TEMPORAL_CLI",
        )
    return target


def _works(binary: Path) -> bool:
    command = [str(binary), "server", "start-dev", "--help"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and all(flag in answer.stdout for flag in NEEDED_FLAGS)


def _pairs(flag: str, values: dict[str, str]) -> list[str]:
    return [part for name, value in values.items() for part in (flag, f"{name}={value}")]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def main() -> None:
    """Make sure that there is a binary, and print where."""
    configured = os.environ.get("TEMPORAL_CLI")
    try:
        print(find_temporal(Path(configured) if configured else None, lambda text: print(text, file=sys.stderr)))
    except Unavailable as error:
        sys.exit(f"{error.message}\n{error.hint}")


if __name__ == "__main__":
    main()
