"""What one data folder remembers: the stack that runs in it, and the ports it used last.

`stack.lock` is held by the supervisor (whose process id it contains) for as long as it lives, so that "running" never
rests on a process id alone.
`stack.json` (0600: it holds the database's URL) tells other commands where everything is; `ports.json` keeps addresses
stable from start to start.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contracts.errors import Conflict
from local.postgres import write_private
from local.processes import free_port
from settings import Settings

LOCK_FILE = "stack.lock"
STATE_FILE = "stack.json"
PORTS_FILE = "ports.json"


class StackInfo(BaseModel):
    """A running stack. `pids` are the services' process ids; URLs of parts that are not embedded are None."""

    model_config = ConfigDict(frozen=True)

    pid: int = Field(description="the supervisor's")
    ready: bool = False
    data_dir: str
    ui_url: str
    api_docs_url: str
    graphql_url: str
    database_url: str
    temporal_address: str
    temporal_namespace: str
    temporal_ui_url: str | None = None
    sink_url: str | None = None
    pids: dict[str, int] = Field(default_factory=dict)


def read_stack(settings: Settings) -> StackInfo | None:
    """The stack that runs in the settings' data folder, or None."""
    if not is_running(settings.data_dir):
        return None
    with suppress(OSError, ValidationError):
        return StackInfo.model_validate_json((settings.data_dir / STATE_FILE).read_bytes())
    return None


def write_stack(info: StackInfo) -> None:
    """Replace stack.json, readable for its owner only."""
    write_private(Path(info.data_dir) / STATE_FILE, info.model_dump_json(indent=2))


def is_running(data_dir: Path) -> bool:
    """Whether a supervisor lives that holds the lock of this folder."""
    path = data_dir / LOCK_FILE
    if not path.exists():
        return False
    with path.open("r") as file:
        return not _try_lock(file, fcntl.LOCK_SH)


def supervisor_pid(data_dir: Path) -> int:
    """Process id of the supervisor that holds the lock of this folder."""
    return int((data_dir / LOCK_FILE).read_text(encoding="ascii"))


@contextmanager
def exclusive(data_dir: Path) -> Iterator[None]:
    """Hold the folder's lock.

    Raises:
        Conflict: a stack runs in this folder already.
    """
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (data_dir / LOCK_FILE).open("a") as file:
        if not _try_lock(file, fcntl.LOCK_EX):
            raise Conflict(
                f"Assent is already running with the data folder {data_dir}",
                hint="`assent down` stops it; DATA_DIR chooses another folder for a second one",
            )
        file.truncate(0)
        print(os.getpid(), file=file, flush=True)
        try:
            yield
        finally:
            (data_dir / STATE_FILE).unlink(missing_ok=True)


def choose_ports(data_dir: Path, wanted: dict[str, int]) -> dict[str, int]:
    """A free port for each name: the one used last time, else the wanted one or its neighbours, else any.

    What was used last counts only while the same port is wanted. The choice is remembered in ports.json.
    """
    path = data_dir / PORTS_FILE
    remembered = _read_json(path)
    chosen: dict[str, int] = {}
    for name, port in wanted.items():
        last = remembered.get(name, {})
        preferred = [last["used"], port] if last.get("wanted") == port else [port]
        chosen[name] = free_port(*preferred, taken=frozenset(chosen.values()))
    update = {name: {"wanted": wanted[name], "used": port} for name, port in chosen.items()}
    write_private(path, json.dumps(remembered | update, indent=2))
    return chosen


def _read_json(path: Path) -> dict[str, dict[str, int]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _try_lock(file: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
